/**
 * The worker's end of a streamed response: reads the handler's stream as far as there
 * is credit and sends its chunks as messages. The stream itself is not transferred: a
 * transferred stream hangs for ever when its worker dies.
 *
 * @module
 */

import type { ChunkStream } from "../http/handler.ts";
import type { FromWorker } from "../messages/messages.ts";
import { errorText } from "./error_text.ts";

/** What all senders of a worker share. */
export interface SenderContext {
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** Bytes that may be ahead of the client. */
  readonly streamWindowBytes: number;
}

/** Sends one stream. */
export class StreamSender {
  readonly #id: number;
  readonly #stream: ChunkStream;
  readonly #context: SenderContext;
  #credit: number;
  #cancelled = false;
  #wake: (() => void) | null = null;

  constructor(id: number, stream: ChunkStream, context: SenderContext) {
    this.#id = id;
    this.#stream = stream;
    this.#context = context;
    this.#credit = context.streamWindowBytes;
  }

  /** Sends the whole stream. Never rejects. */
  async run(): Promise<void> {
    try {
      while (!this.#cancelled) {
        const chunk = await this.#stream.next();
        if (chunk === null) break;
        await this.#send(chunk);
      }
      if (!this.#cancelled) {
        this.#context.post({ kind: "stream-end", id: this.#id });
      }
    } catch (error) {
      this.#stream.cancel();
      if (this.#cancelled) return;
      this.#context.post({
        kind: "stream-cut",
        id: this.#id,
        trace: errorText(error),
      });
    }
  }

  /** A chunk of any size may overdraw the credit; the next one waits. */
  async #send(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    while (this.#credit <= 0 && !this.#cancelled) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#cancelled || chunk.length === 0) return;
    this.#credit -= chunk.length;
    // Copied, not moved: the handler may use its buffer again.
    this.#context.post({ kind: "stream-chunk", id: this.#id, bytes: chunk });
  }

  /** The client took so many bytes. */
  credit(bytes: number): void {
    this.#credit += bytes;
    this.#wakeUp();
  }

  /** Nobody reads on. */
  cancel(): void {
    this.#cancelled = true;
    this.#wakeUp();
    this.#stream.cancel();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
