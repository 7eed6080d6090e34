/**
 * Inside a worker: a console for the app. The runtime's own writes at once, and waits
 * where nobody reads; this one sends what is printed to the main thread, which does not
 * wait. Must not know where it is written.
 *
 * @module
 */

import { webNatives } from "../app/web_natives.ts";

/** Receives what is printed. */
export type Print = (text: string, isError: boolean) => void;

// Within one span so many texts are sent one by one: what is printed last before a loop
// without end is seen. Further ones are sent together, and dropped past that length.
const spanMs = 100;
const maxSingle = 100;
const maxTogether = 256 * 1024;

/** Passes on what an app prints, so that a loop that prints does not fill memory. */
export class BoundedPrint {
  readonly #print: Print;
  /** Of this span. */
  #count = 0;
  #length = 0;
  #dropped = 0;
  #waiting: { text: string; readonly isError: boolean }[] = [];

  constructor(print: Print) {
    this.#print = print;
  }

  add(text: string, isError: boolean): void {
    this.#count++;
    if (this.#count === 1) webNatives.setTimeout(() => this.#endSpan(), spanMs);
    if (this.#count <= maxSingle && text.length <= maxTogether) {
      return this.#print(text, isError);
    }
    this.#length += text.length;
    if (this.#length > maxTogether) this.#dropped++;
    else this.#wait(text, isError);
  }

  #wait(text: string, isError: boolean): void {
    const last = this.#waiting.at(-1);
    if (last?.isError === isError) last.text += text;
    else this.#waiting.push({ text, isError });
    if (this.#waiting.length === 1) {
      webNatives.setTimeout(() => this.#flush(), 0);
    }
  }

  #flush(): void {
    for (const { text, isError } of this.#waiting) this.#print(text, isError);
    this.#waiting = [];
  }

  #endSpan(): void {
    this.#flush();
    if (this.#dropped > 0) {
      this.#print(`(${this.#dropped} more texts were not printed)\n`, true);
    }
    this.#count = this.#length = this.#dropped = 0;
  }
}

/** How the runtime makes a console; what it prints has a level, and from 2 on it is an
 * error. */
type ConsoleClass = new (
  print: (text: string, level: number) => void,
) => Console;

/**
 * Gives the thread a console that prints there. The class of Deno's console is not
 * documented; where it is missing, the thread keeps the console that it has.
 */
export function redirectConsole(print: Print): void {
  const { internal } = Deno as unknown as { internal?: symbol };
  const internals = internal &&
    (Deno as unknown as Record<symbol, { Console?: ConsoleClass }>)[internal];
  const ConsoleOfDeno = internals?.Console;
  if (typeof ConsoleOfDeno !== "function") return;
  const bounded = new BoundedPrint(print);
  globalThis.console = new ConsoleOfDeno((text, level) =>
    bounded.add(text, level > 1)
  );
}
