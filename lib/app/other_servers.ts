/**
 * Servers of other kinds that a module may be: one that listens by itself, or that waits
 * for events. Must not know what is said of them.
 *
 * @module
 */

/** A module has called `Deno.serve` while it was loaded. */
export class ServeCall extends Error {
  constructor() {
    super("Deno.serve was called while the app was loaded");
    this.name = "ServeCall";
  }
}

/** Looks for them until it is disposed of. */
export class OtherServers implements Disposable {
  /** Whether something listens for events of the name `fetch`. */
  awaitsEvents = false;
  #looks = true;
  readonly #undo: (() => void)[] = [];

  constructor() {
    const { serve } = Deno;
    // It would listen once for each worker, and the second would find the port in use.
    const refuse = (...args: Parameters<typeof serve>) => {
      if (this.#looks) throw new ServeCall();
      // Something has kept the function.
      return serve(...args);
    };
    Deno.serve = refuse as typeof serve;
    this.#undo.push(() => {
      if (Deno.serve === refuse) Deno.serve = serve;
    });
    const { addEventListener } = globalThis;
    const note = (...args: Parameters<typeof addEventListener>) => {
      if (this.#looks) this.awaitsEvents ||= args[0] === "fetch";
      addEventListener.apply(globalThis, args);
    };
    globalThis.addEventListener = note;
    this.#undo.push(() => {
      // What is inherited is there again.
      if (globalThis.addEventListener === note) {
        Reflect.deleteProperty(globalThis, "addEventListener");
      }
    });
  }

  [Symbol.dispose](): void {
    this.#looks = false;
    for (const undo of this.#undo) undo();
  }
}
