/**
 * How a connection ends: the error that becomes its last response, and the listening
 * afterwards. Must not know what went before.
 *
 * @module
 */

import { errorResponse, HttpError } from "../http/error.ts";
import { BodyCutError } from "../http/exchange.ts";
import type { RequestHead } from "../http/message.ts";
import { IncompleteRequestError } from "./body_reader.ts";
import type { ConnectionWriter } from "./connection_writer.ts";
import { discard, isPeerGone, type Socket } from "./socket.ts";

/** The parts of a connection that its end needs. */
export interface CloseOptions {
  readonly socket: Pick<Socket, "read">;
  readonly writer: ConnectionWriter;
  /** Waits for the reads that are pending.
   *
   * @returns whether the input has ended */
  readonly pendingReads: () => Promise<boolean>;
  /** Hears of bugs: errors that no peer can cause. */
  readonly onBug: (error: unknown) => void;
}

/** The end of one connection. */
export class ConnectionClose {
  readonly #options: CloseOptions;
  /** The response that is being written while a read is pending. */
  #early: Promise<void> | null = null;

  constructor(options: CloseOptions) {
    this.#options = options;
  }

  /** Responds while a read is pending. That read ends with the connection, and its
   * caller lingers then. Never rejects.
   *
   * @param head the request, where it was understood
   * @param onFailed is called where the client cannot be reached
   */
  beginEarly(
    error: HttpError,
    head: RequestHead | null,
    onFailed: () => void,
  ): void {
    this.#early = this.#respond(error, head)
      .then(() => this.#options.writer.end())
      .catch(onFailed);
  }

  /** Turns an error into a response, or into silence.
   *
   * @param head the request, where it was understood
   */
  async fail(error: unknown, head: RequestHead | null): Promise<void> {
    if (this.#early !== null) return await this.linger();
    if (!(error instanceof HttpError)) return this.report(error);
    await this.#respond(error, head);
    await this.linger();
  }

  async #respond(error: HttpError, head: RequestHead | null): Promise<void> {
    const { status, message, fields } = error;
    await this.#options.writer.refuse(
      errorResponse(status, message, fields),
      head,
    );
  }

  /**
   * Ends the output and goes on reading for a while. Closing over unread input would
   * send RST, and the client's kernel would throw away the response that it has not
   * read yet (RFC 9112 section 9.6).
   */
  async linger(): Promise<void> {
    const { socket, writer, pendingReads } = this.#options;
    await this.#early;
    await writer.end();
    if (await pendingReads()) return;
    await discard(socket, () => writer.stillLingering());
  }

  /** Clients that leave are not a bug, and the log knows already of a body cut off. */
  report(error: unknown): void {
    if (
      error instanceof BodyCutError ||
      error instanceof IncompleteRequestError || isPeerGone(error)
    ) return;
    this.#options.onBug(error);
  }
}
