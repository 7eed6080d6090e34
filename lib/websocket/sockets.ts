/**
 * The sockets of one worker: what they may use together, and the one clock for those
 * that are silent. Must not know what a socket is asked for.
 *
 * @module
 */

import type { RequestedTunnel } from "../http/handler.ts";
import { natives } from "../natives.ts";
import { closeCode, closeFrame } from "./close_codes.ts";
import { library, loadLibrary, negotiate } from "./frames.ts";
import { SocketEnd } from "./socket_end.ts";
import type { SocketOptions } from "./socket_options.ts";
import { socketNatives } from "./socket_natives.ts";

/** What an app has asked for. */
export interface SocketRequest {
  /** The protocol that was chosen, or `""`. */
  readonly protocol: string;
  /** How long a client may be silent; 0 for ever. */
  readonly idleTimeoutMs: number;
  /** The value of `Sec-WebSocket-Extensions`, or `null`. */
  readonly offers: string | null;
}

// Half of the shortest timeout that a whole number of seconds can be.
const sweepMs = 500;

/** What a client is sent in the end whose worker is lost. */
const lastWords = closeFrame(closeCode.internalError);

/** The sockets of one worker. */
export class Sockets {
  readonly options: SocketOptions;
  readonly #open = new Set<SocketEnd>();
  #clock: ReturnType<typeof setInterval> | undefined;
  /** Bytes that they hold in memory. */
  heldBytes = 0;

  private constructor(options: SocketOptions) {
    this.options = options;
  }

  /** What is agreed with a client depends on the library where it compresses. */
  static async open(options: SocketOptions): Promise<Sockets> {
    if (options.compress) await loadLibrary();
    return new Sockets(options);
  }

  /** Makes a socket, and what is to be at the end of its tunnel. */
  create(request: SocketRequest): {
    readonly socket: WebSocket;
    readonly tunnel: RequestedTunnel;
    /** The value of `Sec-WebSocket-Extensions`, or `null`. */
    readonly extensions: string | null;
  } {
    const { compress, maxSocketMessageBytes } = this.options;
    const loaded = library();
    const negotiated = compress && request.offers !== null && loaded !== null
      ? negotiate(loaded, request.offers, maxSocketMessageBytes)
      : null;
    const end = new SocketEnd(this, request, negotiated);
    return {
      socket: end.socket,
      tunnel: { handler: end, protocol: "websocket", lastWords },
      extensions: negotiated?.header ?? null,
    };
  }

  add(socket: SocketEnd): void {
    this.#open.add(socket);
    this.#clock ??= socketNatives.setInterval(() => this.#sweep(), sweepMs);
  }

  remove(socket: SocketEnd): void {
    this.#open.delete(socket);
    if (this.#open.size > 0) return;
    socketNatives.clearInterval(this.#clock);
    this.#clock = undefined;
  }

  #sweep(): void {
    const now = natives.now();
    for (const socket of this.#open) socket.sweep(now);
  }
}
