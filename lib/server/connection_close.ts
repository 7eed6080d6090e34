/**
 * How a connection ends: the error that becomes its last answer, and the listening
 * afterwards. Must not know what went before.
 *
 * @module
 */

import { IncompleteRequestError } from "./body_reader.ts";
import { BodyCutError } from "../http/exchange.ts";
import { errorResponse, HttpError } from "../http/error.ts";
import type { RequestHead } from "../http/message.ts";
import type { ConnectionWriter } from "./connection_writer.ts";
import { discard, isPeerGone, type Socket } from "./socket.ts";

/** What a farewell is made of. */
export interface CloseOptions {
  /** Where the client is listened to. */
  readonly socket: Pick<Socket, "read">;
  /** Where it is answered. */
  readonly outlet: ConnectionWriter;
  /** Waits for the reads that are pending.
   *
   * @returns whether the input has ended */
  readonly pendingReads: () => Promise<boolean>;
  /** Bytes that a client may still send. */
  readonly maxLingerBytes: number;
  /** Is told of bugs: an error that no peer can cause. */
  readonly onBug: (error: unknown) => void;
}

/** The end of one connection. */
export class ConnectionClose {
  readonly #options: CloseOptions;
  /** The answer that is being written while a read is pending. */
  #early: Promise<void> | null = null;

  /**
   * Makes one that has not begun.
   *
   * @param options the parts of its connection
   */
  constructor(options: CloseOptions) {
    this.#options = options;
  }

  /** Answers while a read is pending, which ends with the connection: whoever waits
   * for it lingers then. Never rejects.
   *
   * @param head the request, where it was understood
   * @param onFailed is called where nobody is there to be answered
   */
  beginEarly(
    error: HttpError,
    head: RequestHead | null,
    onFailed: () => void,
  ): void {
    this.#early = this.#answer(error, head)
      .then(() => this.#options.outlet.end())
      .catch(onFailed);
  }

  /** Turns an error into an answer, or into silence.
   *
   * @param head the request, where it was understood
   */
  async fail(error: unknown, head: RequestHead | null): Promise<void> {
    if (this.#early !== null) return await this.linger();
    if (!(error instanceof HttpError)) return this.report(error);
    await this.#answer(error, head);
    await this.linger();
  }

  async #answer(error: HttpError, head: RequestHead | null): Promise<void> {
    const { status, message, fields } = error;
    await this.#options.outlet.refuse(
      errorResponse(status, message, fields),
      head,
    );
  }

  /**
   * Ends the output and listens on for a while. Closing over unread input would
   * send RST, and the client's kernel would throw away the answer it has not
   * read yet (RFC 9112 section 9.6).
   */
  async linger(): Promise<void> {
    const { socket, outlet, pendingReads, maxLingerBytes } = this.#options;
    await this.#early;
    await outlet.end();
    if (await pendingReads()) return;
    await discard(socket, maxLingerBytes);
  }

  /** Peers that go away are daily life and nobody's bug; whoever cut content off
   * has told of it. */
  report(error: unknown): void {
    if (
      error instanceof BodyCutError ||
      error instanceof IncompleteRequestError || isPeerGone(error)
    ) return;
    this.#options.onBug(error);
  }
}
