/**
 * Inside a worker: errors that belong to no job, on their way to the log. An app may
 * have thousands at once, and the text of one costs 100 us: others would wait. Must not
 * know where an error comes from.
 *
 * @module
 */

import { webNatives } from "../app/web_natives.ts";
import { errorText } from "./error_text.ts";

// More of them tell nothing new.
const maxInSpan = 50;
const spanMs = 1000;

/** Reports errors, the first ones of each second as text and the others as a number. */
export class FaultReports {
  readonly #report: (trace: string) => void;
  #count = 0;

  /** @param report receives entries for the log */
  constructor(report: (trace: string) => void) {
    this.#report = report;
  }

  /** @param what is put in front of the text */
  add(what: string, error: unknown): void {
    this.#count++;
    if (this.#count === 1) webNatives.setTimeout(() => this.#endSpan(), spanMs);
    if (this.#count > maxInSpan) return;
    this.#report(`${what}: ${errorText(error)}`);
  }

  #endSpan(): void {
    const more = this.#count - maxInSpan;
    this.#count = 0;
    if (more > 0) this.#report(`Of such errors there were ${more} more`);
  }
}
