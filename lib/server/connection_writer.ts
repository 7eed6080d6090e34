/**
 * What goes out on a connection: replies, the word to go on, and the end of it all;
 * with the deadlines that all writing has. Must not know what is read.
 *
 * @module
 */

import { type WireResponse, wireResponseOf } from "../http/exchange.ts";
import type { HttpResponse, RequestHead } from "../http/message.ts";
import type { Limits } from "../limits.ts";
import type { ConnectionStatus } from "./connection_state.ts";
import { writeResponse } from "./response_writer.ts";
import type { Socket } from "./socket.ts";

/** What an outlet shares with others. */
export interface WriterContext {
  /** How long a client may stall, and linger. */
  readonly limits: Limits;
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
}

/** What a reply depends on besides itself. */
export type Asked = Pick<RequestHead, "method" | "version">;

const continueBytes: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  "HTTP/1.1 100 Continue\r\n\r\n",
);

/** The output of one connection. */
export class ConnectionWriter {
  readonly #socket: Socket;
  readonly #stage: ConnectionStatus;
  readonly #context: WriterContext;
  /** A word that is being written. */
  #continuing: Promise<void> | null = null;

  /**
   * Makes one.
   *
   * @param socket is written by nobody else
   * @param stage is moved on to what is done here
   * @param context of all connections
   */
  constructor(socket: Socket, stage: ConnectionStatus, context: WriterContext) {
    this.#socket = socket;
    this.#stage = stage;
    this.#context = context;
  }

  /**
   * Writes a reply.
   *
   * @param wished whether the client would have the connection go on
   * @param persistent whether it is to go on
   * @returns whether it can
   */
  send(
    reply: WireResponse,
    asked: Asked,
    wished: boolean,
    persistent: boolean,
  ): Promise<boolean> {
    return this.#continuing === null
      ? this.#write(reply, asked, wished, persistent)
      : this.#continuing.then(() =>
        this.#write(reply, asked, wished, persistent)
      );
  }

  #write(
    reply: WireResponse,
    { method, version }: Asked,
    wished: boolean,
    persistent: boolean,
  ): Promise<boolean> {
    const { limits, serverName } = this.#context;
    this.#stage.enter("writing", limits.writeStallMs);
    const onProgress = this.#onProgress;
    const onWaiting = this.#onWaiting;
    return writeResponse(this.#socket, reply, {
      method,
      version,
      wished,
      persistent,
      serverName,
      onProgress,
      onWaiting,
    });
  }

  readonly #onProgress = (): void => {
    this.#stage.extend(this.#context.limits.writeStallMs);
  };

  /** A client cannot stall over what it was not sent. */
  readonly #onWaiting = (waiting: boolean): void => {
    if (waiting) this.#stage.extend(Infinity);
    else this.#onProgress();
  };

  /** Writes the last answer of a connection: the server's own.
   *
   * @param asked what it answers, or `null` where that was not understood
   */
  async refuse(response: HttpResponse, asked: Asked | null): Promise<void> {
    // RFC 9110 section 9.3.2: no content for a HEAD, however it fails. Where the
    // head is not understood nothing is known of the method.
    const head = asked ?? { method: "GET", version: "1.1" };
    await this.send(wireResponseOf(response), head, true, false);
  }

  /** Tells a client that waits for a word that its content is wanted; not where it
   * has a final status already (RFC 9110 sections 10.1.1 and 15.2). */
  async sendContinue(): Promise<void> {
    const { state } = this.#stage;
    if (state === "writing" || state === "lingering") return;
    try {
      await (this.#continuing = this.#writeContinue());
    } finally {
      this.#continuing = null;
    }
  }

  async #writeContinue(): Promise<void> {
    for (let at = 0; at < continueBytes.length;) {
      at += await this.#socket.write(continueBytes.subarray(at));
    }
  }

  /** Sends the end, once; the client is listened to from then on. */
  async end(): Promise<void> {
    if (this.#stage.state === "lingering") return;
    this.#stage.enter("lingering", this.#context.limits.lingerMs);
    await this.#socket.closeWrite();
  }
}
