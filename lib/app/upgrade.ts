/**
 * `Deno.upgradeWebSocket` as an app calls it, with the same checks and errors as under
 * `deno serve`. Must not know how a socket works.
 *
 * @module
 */

import type { Sockets } from "../websocket/sockets.ts";
import { acceptKey, chooseProtocol } from "../websocket/handshake.ts";
import { sourceOf } from "./lazy_request.ts";
import { RequestContext } from "./request_context.ts";
import { webNatives } from "./web_natives.ts";

/** Makes the function of one thread. */
export function upgradeWith(sockets: Sockets): typeof Deno.upgradeWebSocket {
  return (request, { protocol, idleTimeout } = {}) => {
    const key = acceptKey(request.headers);
    const chosen = chooseProtocol(request.headers, protocol);
    const context = sourceOf(request);
    if (!(context instanceof RequestContext) || !context.upgradable) {
      throw new TypeError(
        "Only the request that fetch was called with can be upgraded",
      );
    }
    if (context.tunnel !== null) {
      throw new Deno.errors.Http("The request was upgraded already");
    }
    const { socket, tunnel, extensions } = sockets.create({
      protocol: chosen ?? "",
      idleTimeoutMs: (idleTimeout ?? defaultIdleSeconds) * 1000,
      offers: request.headers.get("sec-websocket-extensions"),
    });
    context.tunnel = tunnel;
    const headers: [string, string][] = [
      ["upgrade", "websocket"],
      ["connection", "Upgrade"],
      ["sec-websocket-accept", key],
    ];
    if (chosen !== null) headers.push(["sec-websocket-protocol", chosen]);
    if (extensions !== null) {
      headers.push(["sec-websocket-extensions", extensions]);
    }
    const response = new webNatives.Response(null, { status: 101, headers });
    return { response, socket };
  };
}

// The same as under `deno serve`.
const defaultIdleSeconds = 30;
