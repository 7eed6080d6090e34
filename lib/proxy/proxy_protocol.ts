/**
 * The header of the PROXY protocol, versions 1 and 2, which a proxy sends before the
 * first byte of its client (haproxy.org, proxy-protocol.txt). Pure.
 *
 * @module
 */

import { isIP } from "node:net";
import type { ProxyHeader } from "../http/exchange.ts";

const more = { kind: "more" } as const;
const bad = { kind: "bad" } as const;

// "A 108-byte buffer is always enough to store all the line and a trailing zero."
const maxV1Bytes = 107;
const signature = [
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
];
const fixedV2Bytes = 16;
// Addresses and what proxies add (TLS names, checksums) are some hundred bytes.
const maxV2Bytes = 4096;

/** Reads the header that those bytes begin with. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (bytes.length === 0) return more;
  return bytes[0] === signature[0] ? readV2(bytes) : readV1(bytes);
}

function readV1(bytes: Uint8Array): ProxyHeader {
  const text = String.fromCharCode(...bytes.subarray(0, maxV1Bytes));
  const end = text.indexOf("\r\n");
  const start = "PROXY ";
  if (!text.startsWith(start.slice(0, text.length))) return bad;
  if (end < 0) return bytes.length >= maxV1Bytes ? bad : more;
  const [, protocol, ...rest] = text.slice(0, end).split(" ");
  const length = end + 2;
  // The rest of such a line has no meaning.
  if (protocol === "UNKNOWN") return { kind: "read", length, peer: null };
  const [source, destination, sourcePort, destinationPort] = rest;
  const family = protocol === "TCP4" ? 4 : protocol === "TCP6" ? 6 : null;
  if (
    family === null || rest.length !== 4 || isIP(source) !== family ||
    isIP(destination) !== family || !isPort(sourcePort) ||
    !isPort(destinationPort)
  ) return bad;
  return { kind: "read", length, peer: `${source} ${sourcePort}` };
}

function isPort(text: string): boolean {
  return /^(0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 65_535;
}

function readV2(bytes: Uint8Array): ProxyHeader {
  const known = Math.min(bytes.length, signature.length);
  for (let at = 0; at < known; at++) {
    if (bytes[at] !== signature[at]) return bad;
  }
  if (bytes.length < fixedV2Bytes) return more;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = fixedV2Bytes + view.getUint16(14);
  if (bytes[12] >> 4 !== 2 || length > maxV2Bytes) return bad;
  const command = bytes[12] & 0xf;
  if (command > 1) return bad;
  if (bytes.length < length) return more;
  // LOCAL: the proxy itself has connected, to see whether the server lives.
  if (command === 0) return { kind: "read", length, peer: null };
  switch (bytes[13]) {
    case 0x11:
      return length < fixedV2Bytes + 12 ? bad : {
        ...{ kind: "read", length },
        peer: `${bytes.subarray(16, 20).join(".")} ${view.getUint16(24)}`,
      };
    case 0x21:
      return length < fixedV2Bytes + 36 ? bad : {
        ...{ kind: "read", length },
        peer: `${ipv6(view, 16)} ${view.getUint16(48)}`,
      };
    default:
      return { kind: "read", length, peer: null };
  }
}

/** As the URL standard writes it, without brackets. */
function ipv6(view: DataView, at: number): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => view.getUint16(at + index * 2).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
