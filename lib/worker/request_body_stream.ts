/**
 * The worker's end of streamed request bodies: pieces arrive as messages and are
 * read by a handler; each that was taken is credit for another, and the first read
 * is the first credit. Must not know where they come from.
 *
 * @module
 */

import { piecesAhead } from "../http/exchange.ts";
import type { BodyBytes } from "../http/message.ts";
import { IdMap } from "../id_map.ts";
import type { FromWorker } from "../messages/messages.ts";

/** What an inlet needs of its worker. */
export interface RequestBodyStreamOptions {
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker) => void;
}

/** How much of the content is here. */
type State = "flowing" | "ended" | "over";

/** The content of one request. */
class RequestBodyStream {
  readonly stream: ReadableStream<BodyBytes>;
  readonly #ask: (pieces: number) => void;
  readonly #pieces: BodyBytes[] = [];
  #controller!: ReadableByteStreamController;
  #state: State = "flowing";
  #asked = false;
  /** Ends the stream's wait for a piece. */
  #onPiece: (() => void) | null = null;

  constructor(ask: (pieces: number) => void, onCancel: () => void) {
    this.#ask = ask;
    this.stream = new ReadableStream({
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
      await new Promise<void>((resolve) => this.#onPiece = resolve);
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

/** The inlets of one worker, by the ids of their jobs. */
export class RequestBodyStreams {
  readonly #options: RequestBodyStreamOptions;
  readonly #inlets = new IdMap<RequestBodyStream>();

  /**
   * Makes none yet.
   *
   * @param options the way to the pool
   */
  constructor(options: RequestBodyStreamOptions) {
    this.#options = options;
  }

  /** How many of them have not come to their end. */
  get size(): number {
    return this.#inlets.size;
  }

  /** Begins that job's content. Nothing is asked for before it is read. */
  open(id: number): ReadableStream<BodyBytes> {
    const { post } = this.#options;
    const inlet = new RequestBodyStream(
      (pieces) => post({ kind: "body-credit", id, pieces }),
      () => {
        this.#inlets.take(id);
        post({ kind: "body-cancel", id });
      },
    );
    this.#inlets.add(id, inlet);
    return inlet.stream;
  }

  /** The next piece of that job's content. */
  push(id: number, piece: BodyBytes): void {
    this.#inlets.get(id)?.push(piece);
  }

  /** That was the last one. */
  end(id: number): void {
    this.#inlets.take(id)?.end();
  }

  /** The rest of that job's content will not come. */
  cut(id: number, why: string): void {
    this.#inlets.take(id)?.cut(why);
  }
}
