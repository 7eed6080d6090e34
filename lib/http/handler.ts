/**
 * The contract between a worker and what responds to its jobs, files or an app. Must
 * not know what runs them, or when.
 *
 * @module
 */

import type { BodyBytes, HttpRequest, HttpResponse } from "./message.ts";

/** What a handler returns for a request. */
export interface HandlerResponse {
  /** The plain part. */
  readonly response: HttpResponse;
  /** The stream, where the body is one. */
  readonly stream: ChunkStream | null;
  /** What is at this end of the tunnel, where the body is one. */
  readonly tunnel?: TunnelHandler | null;
}

/** A tunnel that a handler wants to make of its connection. */
export interface RequestedTunnel {
  /** What is at its end here. */
  readonly handler: TunnelHandler;
  /** The name of the protocol, as in `Upgrade`. */
  readonly protocol: string;
  /** What the client is sent in the end, where the handler is lost. */
  readonly lastWords: BodyBytes;
}

/** Why a tunnel has to end, though its client is there. */
export type AwayReason =
  /** The server ends. */
  | "ending"
  /** The worker was replaced, and its time is over. */
  | "restarting"
  /** A handler of the worker has failed in a way that leaves it in any state. */
  | "failed";

/** What is at the worker's end of a tunnel. */
export interface TunnelHandler {
  /** The client has its response. Called before all others. */
  opened(link: TunnelLink): void;
  /** The next bytes of the client. */
  received(bytes: BodyBytes): void;
  /** The client has taken so many bytes more. */
  taken(bytes: number): void;
  /** Nothing can be received or sent any more. Called last. */
  closed(): void;
  /** The tunnel has to end soon. */
  goAway(reason: AwayReason): void;
  /** A call of this handler was stopped, or has thrown. */
  failed(): void;
}

/** The way from a handler to its client. */
export interface TunnelLink {
  /** Sends bytes. What is sent in one turn of the event loop arrives as a whole, or not
   * at all. */
  send(bytes: Uint8Array): void;
  /** Closes the connection, once the client has what was sent. */
  end(): void;
  /** Closes it at once. */
  cut(): void;
}

/** Responds to requests. */
export interface Handler {
  /** May throw, reject, never settle, or never return. */
  handle(
    request: HttpRequest,
    job: HandlerJob,
  ): HttpResponse | Promise<HandlerResponse>;
}

/** A request that a handler works on, and the way to hear of its client. */
export interface HandlerJob {
  /** Set by a handler that wants to hear of its client. */
  client: ClientListener | null;
  /** Asks for a call of `handedOver`. */
  watch(): void;
}

/** Hears of a client. */
export interface ClientListener {
  /** The client has left, or nobody reads its stream any more. */
  abort(): void;
  /** The response was handed to the system whole, or it never will be. */
  handedOver(whole: boolean): void;
}

/** The chunks of a streamed response. */
export interface ChunkStream {
  /** The next chunk; `null` at the end. Rejects where the stream fails. */
  next(): Promise<BodyBytes | null>;
  /** Nobody will ask for more. */
  cancel(): void;
}

/** Bytes of a body above which copying them into a message of many costs more than a
 * value of their own. */
export const maxPackedContentBytes = 16 * 1024;
