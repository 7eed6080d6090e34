/**
 * The file of passwords on the disk, and how a changed one takes the place of the old
 * one: the same as with certificates. Must not know how a password is checked.
 *
 * @module
 */

import { parseUsers, PasswordFileError, type Users } from "./htpasswd.ts";

/** Which file, and who hears of it. */
export interface PasswordFileOptions {
  readonly path: string;
  /** How often it is looked at. */
  readonly checkMs: number;
  /** Receives one line for the log. */
  readonly log: (line: string) => void;
  /** Called where there are other users or other passwords now. */
  readonly onChange: () => void;
}

export class PasswordFile {
  readonly #options: PasswordFileOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #text: string;
  #users: Users;
  /** The state of the file when it was last read, well or not. */
  #readState: string;
  /** Its state at the last look. */
  #seenState: string;
  /** One look at a time, or one reload: of two the later might keep the older. */
  #work: Promise<void> | null = null;

  private constructor(
    options: PasswordFileOptions,
    text: string,
    state: string,
  ) {
    this.#options = options;
    this.#text = text;
    this.#users = parseUsers(text, options.path);
    this.#readState = this.#seenState = state;
    this.#timer = setInterval(() => this.#checkSoon(), options.checkMs);
  }

  /** @throws {PasswordFileError} where it cannot be used */
  static async open(options: PasswordFileOptions): Promise<PasswordFile> {
    const state = await stateOf(options.path);
    return new PasswordFile(options, await read(options.path), state);
  }

  /** Those who are in it. */
  get users(): Users {
    return this.#users;
  }

  /** Reads it anew. Where it cannot be used, the old one stays in force. */
  async reload(): Promise<void> {
    while (this.#work !== null) await this.#work;
    await this.#begin(async () => {
      this.#seenState = await stateOf(this.#options.path);
      await this.#renew();
    });
  }

  #checkSoon(): void {
    if (this.#work === null) this.#begin(() => this.#check());
  }

  #begin(work: () => Promise<void>): Promise<void> {
    return this.#work = work().then(() => void (this.#work = null));
  }

  /** An editor may write it in pieces, so two looks have to find the same. */
  async #check(): Promise<void> {
    const state = await stateOf(this.#options.path);
    const isSettled = state === this.#seenState;
    this.#seenState = state;
    if (isSettled && state !== this.#readState) await this.#renew();
  }

  async #renew(): Promise<void> {
    const { path, log, onChange } = this.#options;
    this.#readState = this.#seenState;
    try {
      const text = await read(path);
      if (text === this.#text) return;
      this.#users = parseUsers(text, path);
      this.#text = text;
      onChange();
      log(`The passwords in "${path}" were read anew`);
    } catch (error) {
      log(`${(error as Error).message}; the old passwords stay in force`);
    }
  }

  /** Looks at no file any more. Resolves when nothing is being read. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const [reason] = (error as Error).message.split(" (os error");
    throw new PasswordFileError(
      error instanceof Deno.errors.NotFound
        ? `There is no file "${path}"; make it with: htpasswd -B -c ${path} NAME`
        : `"${path}" cannot be read (${reason})`,
    );
  }
}

/** Differs where the file was changed or replaced, links followed. */
async function stateOf(path: string): Promise<string> {
  try {
    const { ino, size, mtime, ctime } = await Deno.stat(path);
    return `${ino} ${size} ${mtime?.getTime()} ${ctime?.getTime()}`;
  } catch (error) {
    return (error as Error).name;
  }
}
