/**
 * The main thread's end of a streamed response: chunks arrive from a worker as
 * messages and are read by a connection; each chunk that was read is credit for more.
 * Must not know the worker or the connection.
 *
 * @module
 */

import { BodyCutError, type BodySource } from "../http/exchange.ts";

/** What the sender hears. */
export interface ReceiverEvents {
  /** So many bytes were read. */
  readonly onTaken: (bytes: number) => void;
  /** Nobody will read the rest. */
  readonly onCancel: () => void;
}

type State =
  | { readonly kind: "open" }
  | { readonly kind: "ended" }
  | { readonly kind: "cut"; readonly why: string };

/** One streamed response. */
export class StreamReceiver implements BodySource {
  /** Bytes in all, where the handler has said so. */
  readonly length: number | null;
  readonly #events: ReceiverEvents;
  readonly #chunks: Uint8Array[] = [];
  #state: State = { kind: "open" };
  #wake: (() => void) | null = null;

  constructor(length: number | null, events: ReceiverEvents) {
    this.length = length;
    this.#events = events;
  }

  /** A chunk arrived. */
  push(chunk: Uint8Array): void {
    if (this.#state.kind !== "open") return;
    this.#chunks.push(chunk);
    this.#wakeReader();
  }

  /** The last chunk has arrived. */
  end(): void {
    this.#finish({ kind: "ended" });
  }

  /** The rest will not arrive. */
  cut(why: string): void {
    this.#finish({ kind: "cut", why });
  }

  #finish(state: State): void {
    if (this.#state.kind !== "open") return;
    this.#state = state;
    this.#wakeReader();
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /** The next chunk; a cut stream rejects after the last one that arrived. */
  async read(): Promise<Uint8Array | null> {
    while (this.#chunks.length === 0) {
      if (this.#state.kind === "ended") return null;
      if (this.#state.kind === "cut") throw new BodyCutError(this.#state.why);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const chunk = this.#chunks.shift()!;
    if (this.#state.kind === "open") this.#events.onTaken(chunk.length);
    return chunk;
  }

  /** Ends it from the reader's side. */
  cancel(): void {
    if (this.#state.kind !== "open") return;
    this.cut("its client has left");
    this.#events.onCancel();
  }
}
