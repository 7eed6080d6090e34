/**
 * The opening handshake of a server (RFC 6455 section 4.2). Must not know sockets.
 *
 * @module
 */

import process from "node:process";

// RFC 6455 section 1.3.
const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Checks the fields of a request, and makes the value of `Sec-WebSocket-Accept`.
 *
 * @throws {TypeError} where a field is missing or wrong
 */
export function acceptKey(headers: Headers): string {
  if (!has(headers, "upgrade", "websocket")) {
    throw new TypeError(
      "Invalid Header: 'upgrade' header must contain 'websocket'",
    );
  }
  if (!has(headers, "connection", "upgrade")) {
    throw new TypeError(
      "Invalid Header: 'connection' header must contain 'Upgrade'",
    );
  }
  if (headers.get("sec-websocket-version")?.trim() !== "13") {
    throw new TypeError(
      "Invalid Header: 'sec-websocket-version' header must be 13",
    );
  }
  const key = headers.get("sec-websocket-key");
  // 16 bytes in base64.
  if (key === null || !/^[A-Za-z0-9+/]{22}==$/.test(key)) {
    throw new TypeError(
      "Invalid Header: 'sec-websocket-key' header must be set",
    );
  }
  // Its module takes a while to load, and most apps have no sockets.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha1").update(key + magic).digest("base64");
}

function has(headers: Headers, name: string, token: string): boolean {
  return listOf(headers, name).some((each) => each.toLowerCase() === token);
}

function listOf(headers: Headers, name: string): string[] {
  return (headers.get(name) ?? "").split(",").map((each) => each.trim());
}

/**
 * Checks that the client knows the protocol that an app wants to speak.
 *
 * @returns `null` where the app wants none
 * @throws {TypeError} where the client does not know it
 */
export function chooseProtocol(
  headers: Headers,
  wanted: string | undefined,
): string | null {
  if (!wanted) return null;
  if (listOf(headers, "sec-websocket-protocol").includes(wanted)) return wanted;
  throw new TypeError(
    `Protocol '${wanted}' not in the request's protocol list (non negotiable)`,
  );
}
