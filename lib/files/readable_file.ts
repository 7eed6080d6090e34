/**
 * A file that is open for reading, whatever stands under its name by the time it is
 * opened: a FIFO that has no writer, or a device that has nothing to say, would keep
 * `Deno.open` waiting and its thread with it, for ever. Must not know which files may
 * be read, or who reads them.
 *
 * @module
 */

import fs from "node:fs";
import { promisify } from "node:util";
import { identityOf } from "./file_identity.ts";
import type { FileIdentity } from "../http/message.ts";

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
// A regular file is read as ever. What is opened by its real path is no link, unless
// it has become one since. Windows has neither of the two, nor FIFOs among its files.
const flags = O_RDONLY | (O_NONBLOCK ?? 0) | (O_NOFOLLOW ?? 0);

const openSoon = promisify(fs.open);
const statSoon = promisify(fs.fstat);

/** What the system says of what is open. */
export interface FileFacts {
  /** Neither a directory nor a FIFO nor a device. */
  readonly isFile: boolean;
  /** What tells it from others. */
  readonly identity: FileIdentity;
}

/** An open file; whoever opened it closes it. */
export class ReadableFile implements Disposable {
  readonly #fd: number;
  #open = true;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Opens a file at once.
   *
   * @param path a real path: a link at its end leads nowhere
   * @throws {Deno.errors.NotFound} and the like, as `Deno.openSync`
   */
  static openSync(path: string): ReadableFile {
    try {
      return new ReadableFile(fs.openSync(path, flags));
    } catch (error) {
      throw asDenoError(error);
    }
  }

  /** The same beside this thread. */
  static async open(path: string): Promise<ReadableFile> {
    try {
      return new ReadableFile(await openSoon(path, flags));
    } catch (error) {
      throw asDenoError(error);
    }
  }

  /** What is open. */
  statSync(): FileFacts {
    return factsOf(fs.fstatSync(this.#fd));
  }

  /** The same beside this thread. */
  async stat(): Promise<FileFacts> {
    return factsOf(await statSoon(this.#fd));
  }

  /**
   * Reads on from where it was left.
   *
   * @returns how many bytes, or `null` at the end
   */
  readSync(into: Uint8Array): number | null {
    return fs.readSync(this.#fd, into, 0, into.length, null) || null;
  }

  /**
   * Reads from a position, beside this thread.
   *
   * @returns as above
   */
  read(into: Uint8Array, at: number): Promise<number | null> {
    return new Promise((resolve, reject) =>
      fs.read(this.#fd, into, 0, into.length, at, (error, count) => {
        if (error) reject(asDenoError(error));
        else resolve(count || null);
      })
    );
  }

  /** Gives it back, once. Nobody may be reading it. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    fs.closeSync(this.#fd);
  }

  /** The same. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function factsOf(stats: fs.Stats): FileFacts {
  return {
    isFile: stats.isFile(),
    identity: identityOf(stats),
  };
}

/** The same error as the runtime's own functions throw; what has no name of its own
 * there stays what it is. */
function asDenoError(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  switch (code) {
    case "ENOENT":
      return new Deno.errors.NotFound(message);
    case "ENOTDIR":
      return new Deno.errors.NotADirectory(message);
    case "ELOOP":
      return new Deno.errors.FilesystemLoop(message);
    case "EACCES":
    case "EPERM":
      return new Deno.errors.PermissionDenied(message);
    // What a socket says, or a device without a driver.
    case "ENXIO":
    case "ENODEV":
      return new Deno.errors.NotFound(message);
    default:
      return error;
  }
}
