/**
 * The main thread's end of a streamed request body: read off its connection as far
 * as a worker has asked for it, and handed on piece by piece. Nothing is read that
 * was not asked for, so a handler that does not read holds up its client and no
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

/** What a feed is made of. */
export interface StreamedBodyOptions {
  /** Where the content comes from. */
  readonly reader: BodyReader;
  /** Bytes that may be on the way to the handler. */
  readonly windowBytes: number;
  /** Is called once, when content is first asked for. */
  readonly onWanted: () => Promise<void>;
}

/** Where a feed stands. */
type State = "flowing" | "complete" | "cut";

/** One streamed request body. */
export class StreamedBody implements RequestBodySource {
  readonly #options: StreamedBodyOptions;
  readonly #pieceBytes: number;
  readonly #failed = Promise.withResolvers<never>();
  #state: State = "flowing";
  /** Resolves when its client knows that it is wanted; `null` until it is. */
  #wanted: Promise<void> | null = null;
  #credit = 0;
  #receiver: RequestBodySink | null = null;
  /** The pieces that are being read; `null` while none is asked for. */
  #reading: Promise<void> | null = null;
  /** Is called where the content cannot be had, before the handler hears of it. */
  onFail: () => void = () => {};
  /** When the handler got what it has, or asked for more. */
  #movedAt = performance.now();

  /**
   * Makes one; it reads nothing yet.
   *
   * @param options where it comes from
   */
  constructor(options: StreamedBodyOptions) {
    this.#options = options;
    this.#pieceBytes = Math.ceil(options.windowBytes / piecesAhead);
    // Not everybody who has a feed waits for this.
    this.#failed.promise.catch(() => {});
  }

  /** Rejects where the content cannot be had: with what is wrong with it. */
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

  /** Says where it goes; `null` where it goes nowhere any more. */
  flowTo(receiver: RequestBodySink | null): void {
    this.#receiver = receiver;
    this.#movedAt = performance.now();
  }

  /** So many pieces more are wanted. */
  credit(pieces: number): void {
    if (this.#state !== "flowing") return;
    this.#movedAt = performance.now();
    this.#credit += pieces;
    this.#reading ??= this.#read().finally(() => this.#reading = null);
  }

  /** Nobody wants the rest. */
  stop(): void {
    if (this.#state === "flowing") this.#state = "cut";
  }

  /** Since when it is not the client who is waited for. */
  busySince(now: number): number {
    return this.awaited ? now : this.#movedAt;
  }

  async #read(): Promise<void> {
    try {
      await (this.#wanted ??= this.#options.onWanted());
      while (this.#credit > 0 && this.#state === "flowing") {
        const piece = await this.#options.reader.next(this.#pieceBytes);
        this.#handOn(piece);
      }
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #handOn(piece: Uint8Array<ArrayBuffer> | null): void {
    if (this.#state !== "flowing") return;
    this.#movedAt = performance.now();
    if (piece !== null) {
      this.#credit--;
      this.#receiver?.piece(piece);
    }
    if (!this.#options.reader.ended) return;
    this.#state = "complete";
    this.#receiver?.end();
  }

  /** The rest cannot be had. */
  fail(error: Error): void {
    if (this.#state !== "flowing") return;
    this.onFail();
    this.cut(error.message);
    this.#failed.reject(error);
  }

  /** The exchange is over, or broken: the handler is told, unless it has it all. */
  cut(why: string): void {
    if (this.#state !== "complete") this.#receiver?.cut(why);
    this.stop();
    this.#receiver = null;
  }
}
