/**
 * The streamed request bodies that one worker is to be given, by the ids of their
 * jobs. Must not know batches, or where a body comes from.
 *
 * @module
 */

import type { RequestBodySource } from "../http/exchange.ts";
import { IdMap } from "../id_map.ts";
import type { ToWorker } from "../messages/messages.ts";

/** The uploads of one worker. */
export class WorkerUploads {
  readonly #post: (message: ToWorker, transfer?: Transferable[]) => void;
  readonly #bodies = new IdMap<RequestBodySource>();

  /**
   * Makes none yet.
   *
   * @param post sends the worker a message
   */
  constructor(post: (message: ToWorker, transfer?: Transferable[]) => void) {
    this.#post = post;
  }

  /** The worker is given that job: its content goes there. */
  open(id: number, body: RequestBodySource): void {
    this.#bodies.add(id, body);
    body.flowTo({
      // Moved, not copied: nobody here looks at it again.
      piece: (bytes) =>
        this.#post({ kind: "body-piece", id, bytes }, [bytes.buffer]),
      end: () => {
        this.#bodies.take(id);
        this.#post({ kind: "body-end", id });
      },
      cut: (why) => {
        this.#bodies.take(id);
        this.#post({ kind: "body-cut", id, why });
      },
    });
  }

  /** The worker has not begun that job, and will not. */
  takeBack(id: number): void {
    this.#bodies.take(id)?.flowTo(null);
  }

  /** It wants so many pieces more. */
  credit(id: number, pieces: number): void {
    const body = this.#bodies.get(id);
    if (body !== undefined) body.credit(pieces);
    // It was cut before the job began.
    else this.#post({ kind: "body-cut", id, why: "The request is over" });
  }

  /** It does not want the rest. */
  cancel(id: number): void {
    this.#bodies.take(id)?.stop();
  }

  /** The worker is gone. */
  stopAll(): void {
    for (const body of this.#bodies.values()) body.flowTo(null);
    this.#bodies.clear();
  }
}
