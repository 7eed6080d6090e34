/**
 * The thread that checks passwords, as the main thread sees it: one check at a time,
 * for which client addresses take turns. Must not know who has which password.
 *
 * @module
 */

/** What the thread is asked. */
export interface PasswordQuestion {
  readonly password: string;
  readonly hash: string;
}

/** What it says. */
export type PasswordAnswer =
  /** Its modules are loaded. */
  | { readonly kind: "ready" }
  | { readonly kind: "checked"; readonly right: boolean };

/** Whether a password is right; `null` where nobody could find out. */
export type CheckResult = boolean | null;

/** A check that has no result yet. */
interface Check extends PasswordQuestion {
  readonly resolve: (result: CheckResult) => void;
}

export class PasswordThread {
  readonly #maxWaiting: number;
  readonly #log: (line: string) => void;
  readonly #ready = Promise.withResolvers<void>();
  /** Checks that wait, by address; the address whose turn it is comes first. */
  readonly #waiting = new Map<string, Check[]>();
  #count = 0;
  #running: Check | null = null;
  #worker: Worker | null;
  #closed = false;

  private constructor(maxWaiting: number, log: (line: string) => void) {
    this.#maxWaiting = maxWaiting;
    this.#log = log;
    this.#worker = this.#spawn();
  }

  /**
   * @param maxWaiting checks that may wait
   * @param log receives one line where the thread fails
   * @throws {Error} where it does not start
   */
  static async start(
    maxWaiting: number,
    log: (line: string) => void,
  ): Promise<PasswordThread> {
    const thread = new PasswordThread(maxWaiting, log);
    await thread.#ready.promise;
    return thread;
  }

  #spawn(): Worker {
    const entry = new URL("../auth/password_entry.ts", import.meta.url);
    const worker = new Worker(entry, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<PasswordAnswer>) => {
      if (data.kind === "ready") this.#ready.resolve();
      else this.#end(data.right);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
    return worker;
  }

  /** The next check gets another thread. */
  #fail(why: string): void {
    const sentence = `The thread that checks passwords has failed: ${why}`;
    this.#worker?.terminate();
    this.#worker = null;
    this.#ready.reject(new Error(sentence));
    this.#ready.promise.catch(() => {});
    if (this.#running === null) return;
    this.#log(sentence);
    this.#end(null);
  }

  /**
   * @param address whose turn it takes
   * @returns `null` where too many wait
   */
  check(
    address: string,
    question: PasswordQuestion,
  ): Promise<CheckResult> | null {
    if (this.#closed || this.#count >= this.#maxWaiting) return null;
    const { promise, resolve } = Promise.withResolvers<CheckResult>();
    const check = { ...question, resolve };
    const others = this.#waiting.get(address);
    if (others === undefined) this.#waiting.set(address, [check]);
    else others.push(check);
    this.#count++;
    if (this.#running === null) this.#next();
    return promise;
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [address, [check, ...rest]] = first;
    this.#waiting.delete(address);
    if (rest.length > 0) this.#waiting.set(address, rest);
    this.#count--;
    this.#running = check;
    const { password, hash } = check;
    (this.#worker ??= this.#spawn()).postMessage({ password, hash });
  }

  #end(result: CheckResult): void {
    const check = this.#running;
    this.#running = null;
    check?.resolve(result);
    if (!this.#closed) this.#next();
  }

  /** Ends the thread; what waits has no result. */
  close(): void {
    this.#closed = true;
    this.#worker?.terminate();
    this.#worker = null;
    this.#end(null);
    for (const { resolve } of [...this.#waiting.values()].flat()) resolve(null);
    this.#waiting.clear();
  }
}
