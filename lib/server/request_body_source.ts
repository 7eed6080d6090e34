/**
 * A streamed request body on the main thread: read from its connection, and handed on
 * piece by piece, only as far as its handler asks for it. So a handler that does not
 * read makes its client wait, and takes no memory. Must not know sockets or workers.
 *
 * @module
 */

import {
  piecesAhead,
  type RequestBodySink,
  type RequestBodySource,
} from "../http/exchange.ts";
import type { BodyBytes } from "../http/message.ts";
import type { BodyReader } from "./body_reader.ts";

export interface StreamedBodyOptions {
  readonly reader: BodyReader;
  /** Bytes that may be on the way to the handler. */
  readonly windowBytes: number;
  /** Called once, when the body is first asked for. */
  readonly onWanted: () => Promise<void>;
}

/** `cut`: the rest is not wanted, or cannot be read. */
type State = "open" | "complete" | "cut";

export class StreamedBody implements RequestBodySource {
  readonly #options: StreamedBodyOptions;
  readonly #pieceBytes: number;
  readonly #failed = Promise.withResolvers<never>();
  #state: State = "open";
  /** Resolves when the client knows that its body is wanted; `null` until the handler
   * wants it. */
  #wanted: Promise<void> | null = null;
  #credit = 0;
  #sink: RequestBodySink | null = null;
  /** Resolves when all requested pieces are read; `null` while no read is pending. */
  #reading: Promise<void> | null = null;
  /** Called where the body cannot be read, before the handler hears of it. */
  onFail: () => void = () => {};
  /** When the handler last received a piece, or asked for more. */
  #movedAt = performance.now();

  constructor(options: StreamedBodyOptions) {
    this.#options = options;
    this.#pieceBytes = Math.ceil(options.windowBytes / piecesAhead);
    // It may reject while nothing waits for it, which would end the process.
    this.#failed.promise.catch(() => {});
  }

  /** Rejects, with the reason, where the body cannot be read. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Whether the next unread byte is that of the next request. */
  get complete(): boolean {
    return this.#state === "complete";
  }

  /** Whether the handler has asked for some of it. */
  get wanted(): boolean {
    return this.#wanted !== null;
  }

  /** Whether the handler waits for the client. */
  get awaited(): boolean {
    return this.#reading !== null;
  }

  /** In bytes. */
  get received(): number {
    return this.#options.reader.received;
  }

  /** Resolves when no read is pending. Never rejects. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  sendTo(sink: RequestBodySink | null): void {
    this.#sink = sink;
    this.#movedAt = performance.now();
  }

  credit(pieces: number): void {
    if (this.#state !== "open") return;
    this.#movedAt = performance.now();
    this.#credit += pieces;
    this.#reading ??= this.#read().finally(() => this.#reading = null);
  }

  stop(): void {
    if (this.#state === "open") this.#state = "cut";
  }

  busySince(now: number): number {
    return this.awaited ? now : this.#movedAt;
  }

  async #read(): Promise<void> {
    try {
      await (this.#wanted ??= this.#options.onWanted());
      while (this.#credit > 0 && this.#state === "open") {
        this.#handOn(await this.#options.reader.next(this.#pieceBytes));
      }
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #handOn(piece: BodyBytes | null): void {
    if (this.#state !== "open") return;
    this.#movedAt = performance.now();
    if (piece !== null) {
      this.#credit--;
      this.#sink?.piece(piece);
    }
    if (!this.#options.reader.ended) return;
    this.#state = "complete";
    this.#sink?.end();
  }

  /** The rest cannot be read. */
  fail(error: Error): void {
    if (this.#state !== "open") return;
    this.onFail();
    this.cut(error.message);
    this.#failed.reject(error);
  }

  /** The exchange is over or broken. The handler hears of it, unless it has the whole
   * body. */
  cut(why: string): void {
    if (this.#state !== "complete") this.#sink?.cut(why);
    this.stop();
    this.#sink = null;
  }
}
