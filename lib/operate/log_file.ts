/**
 * The file of an access log, or a pipe. It may be slow, full or gone: what is written
 * waits beside the event loop. Must not know what is written.
 *
 * @module
 */

/** Where bytes end up. */
export interface LogTarget {
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/** Opens a target. */
export type OpenTarget = () => Promise<LogTarget>;

/** Opens a file, and makes it where there is none. */
export function fileTarget(path: string): OpenTarget {
  return () => Deno.open(path, { append: true, create: true });
}

/** The stdout of the process, which stays open. */
export function stdoutTarget(): OpenTarget {
  const target = {
    write: (bytes: Uint8Array) => Deno.stdout.write(bytes),
    close() {},
  };
  return () => Promise.resolve(target);
}

/** Writes to a target that can be opened anew. */
export class LogFile {
  readonly #open: OpenTarget;
  readonly #warn: (line: string) => void;
  #target: LogTarget | null = null;
  #opening: Promise<void> | null = null;
  #reopens = false;

  /** @param warn receives one line for the operator */
  constructor(open: OpenTarget, warn: (line: string) => void) {
    this.#open = open;
    this.#warn = warn;
  }

  /**
   * Opens the file, so that an error is known at the start. A pipe that has no reader
   * after that time goes on being opened.
   *
   * @throws what opening throws
   */
  async open(timeoutMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    this.#opening = this.#open().then((target) => {
      this.#target = target;
    });
    try {
      await Promise.race([this.#opening, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What is written next goes to what the path leads to by then (logrotate). */
  reopen(): void {
    this.#reopens = true;
  }

  /**
   * Writes all of it.
   *
   * @throws where it cannot be opened or written
   */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#opening;
    this.#target ??= await this.#open();
    if (this.#reopens) await this.#swap();
    for (let at = 0; at < bytes.length;) {
      at += await this.#target.write(bytes.subarray(at));
    }
  }

  /** Where the new one cannot be opened, the old one goes on. */
  async #swap(): Promise<void> {
    this.#reopens = false;
    try {
      const next = await this.#open();
      this.#target?.close();
      this.#target = next;
    } catch (error) {
      this.#warn(
        `The access log cannot be opened again: ${(error as Error).message}`,
      );
    }
  }

  close(): void {
    this.#target?.close();
    this.#target = null;
  }
}
