/**
 * A streamed request body on the main thread: read from its connection as far as the
 * handler has asked for it, and handed on piece by piece. Nothing is read that was
 * not asked for, so a handler that does not read holds up its client and takes no
 * memory. Must not know sockets or workers.
 *
 * @module
 */

import {
  piecesAhead,
  type RequestBodySink,
  type RequestBodySource,
} from "../http/exchange.ts";
import type { BodyReader } from "./body_reader.ts";

/** Where a streamed body comes from. */
export interface StreamedBodyOptions {
  readonly reader: BodyReader;
  /** Bytes that may be on the way to the handler. */
  readonly windowBytes: number;
  /** Called once, when the body is first asked for. */
  readonly onWanted: () => Promise<void>;
}

/** `cut` means that nobody wants the rest, or that it cannot be had. */
type State = "open" | "complete" | "cut";

/** One streamed request body. */
export class StreamedBody implements RequestBodySource {
  readonly #options: StreamedBodyOptions;
  readonly #pieceBytes: number;
  readonly #failed = Promise.withResolvers<never>();
  #state: State = "open";
  /** Resolves when the client knows that its body is wanted; `null` until it is. */
  #wanted: Promise<void> | null = null;
  #credit = 0;
  #sink: RequestBodySink | null = null;
  /** The pieces that are being read; `null` while none is asked for. */
  #reading: Promise<void> | null = null;
  /** Called where the body cannot be had, before the handler hears of it. */
  onFail: () => void = () => {};
  /** When the handler got what it has, or asked for more. */
  #movedAt = performance.now();

  constructor(options: StreamedBodyOptions) {
    this.#options = options;
    this.#pieceBytes = Math.ceil(options.windowBytes / piecesAhead);
    // Not everybody waits for this.
    this.#failed.promise.catch(() => {});
  }

  /** Rejects where the body cannot be had, with what is wrong with it. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Whether all of it has been read: what follows is the next request. */
  get complete(): boolean {
    return this.#state === "complete";
  }

  /** Whether anybody has asked for any of it. */
  get wanted(): boolean {
    return this.#wanted !== null;
  }

  /** Whether the client is what everybody waits for. */
  get awaited(): boolean {
    return this.#reading !== null;
  }

  /** Bytes of it that have come. */
  get received(): number {
    return this.#options.reader.received;
  }

  /** Resolves when no read is pending. Never rejects. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  /** Sets the receiver; `null` for none. */
  sendTo(sink: RequestBodySink | null): void {
    this.#sink = sink;
    this.#movedAt = performance.now();
  }

  /** The receiver wants so many pieces more. */
  credit(pieces: number): void {
    if (this.#state !== "open") return;
    this.#movedAt = performance.now();
    this.#credit += pieces;
    this.#reading ??= this.#read().finally(() => this.#reading = null);
  }

  /** The receiver does not want the rest. */
  stop(): void {
    if (this.#state === "open") this.#state = "cut";
  }

  /** The time since which the client is not what everybody waits for. */
  busySince(now: number): number {
    return this.awaited ? now : this.#movedAt;
  }

  async #read(): Promise<void> {
    try {
      await (this.#wanted ??= this.#options.onWanted());
      while (this.#credit > 0 && this.#state === "open") {
        const piece = await this.#options.reader.next(this.#pieceBytes);
        this.#handOn(piece);
      }
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #handOn(piece: Uint8Array<ArrayBuffer> | null): void {
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

  /** The rest cannot be had. */
  fail(error: Error): void {
    if (this.#state !== "open") return;
    this.onFail();
    this.cut(error.message);
    this.#failed.reject(error);
  }

  /** The exchange is over or broken. The handler is told, unless it has the whole body. */
  cut(why: string): void {
    if (this.#state !== "complete") this.#sink?.cut(why);
    this.stop();
    this.#sink = null;
  }
}
