/**
 * The worker's end of a streamed request body: pieces arrive as messages and are read
 * by a handler; each piece that was read is credit for another, and the first read is
 * the first credit. Must not know where pieces come from.
 *
 * @module
 */

import { piecesAhead } from "../http/exchange.ts";
import type { BodyBytes } from "../http/message.ts";
import { natives } from "../natives.ts";
import { webNatives } from "../app/web_natives.ts";

/** `ended`: all pieces are here; `over`: nothing more can be read. */
type State = "flowing" | "ended" | "over";

/** The body of one request, as a handler reads it. */
export class RequestBodyStream {
  readonly stream: ReadableStream<BodyBytes>;
  readonly #ask: (pieces: number) => void;
  readonly #pieces: BodyBytes[] = [];
  #controller!: ReadableByteStreamController;
  #state: State = "flowing";
  #asked = false;
  /** Ends the wait for a piece. */
  #onPiece: (() => void) | null = null;

  constructor(ask: (pieces: number) => void, onCancel: () => void) {
    this.#ask = ask;
    this.stream = new webNatives.ReadableStream({
      type: "bytes",
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pull(),
      cancel: () => {
        if (this.#state === "flowing") onCancel();
        this.#state = "over";
      },
    });
  }

  /** A byte stream pulls when somebody reads, and not before. */
  async #pull(): Promise<void> {
    if (!this.#asked) this.#ask(piecesAhead);
    this.#asked = true;
    if (this.#pieces.length === 0 && this.#state === "flowing") {
      await new natives.Promise<void>((resolve) => this.#onPiece = resolve);
    }
    if (this.#state === "over") return;
    const piece = this.#pieces.shift();
    if (piece === undefined) return this.#close();
    if (this.#state === "flowing") this.#ask(1);
    this.#controller.enqueue(piece);
    if (this.#state === "ended" && this.#pieces.length === 0) this.#close();
  }

  #close(): void {
    this.#state = "over";
    this.#controller.close();
    this.#controller.byobRequest?.respond(0);
  }

  push(piece: BodyBytes): void {
    this.#pieces.push(piece);
    this.#wake();
  }

  end(): void {
    if (this.#state === "flowing") this.#state = "ended";
    this.#wake();
  }

  cut(why: string): void {
    if (this.#state === "over") return;
    this.#state = "over";
    // The class is the one that the runtime's own server has for this.
    this.#controller.error(new Deno.errors.BadResource(why));
    this.#wake();
  }

  #wake(): void {
    this.#onPiece?.();
    this.#onPiece = null;
  }
}
