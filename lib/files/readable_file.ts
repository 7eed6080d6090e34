/**
 * A file that is open for reading, whatever has its name by the time it is opened: a FIFO
 * without a writer, or a silent device, would block `Deno.open` and its thread for ever.
 * Must not know which files may be read, or who reads them.
 *
 * @module
 */

import fs from "node:fs";
import { promisify } from "node:util";
import { identityOf } from "./file_identity.ts";
import type { FileIdentity } from "../http/message.ts";

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
// They do not matter for a regular file. A real path is not a link, unless it has become
// one since. Windows has neither flag, nor FIFOs among its files.
const flags = O_RDONLY | (O_NONBLOCK ?? 0) | (O_NOFOLLOW ?? 0);

const openSoon = promisify(fs.open);
const statSoon = promisify(fs.fstat);

/** What is open. */
export interface FileFacts {
  /** Not a directory, FIFO or device. */
  readonly isFile: boolean;
  readonly identity: FileIdentity;
}

/** An open file. Its opener closes it. */
export class ReadableFile implements Disposable {
  readonly #fd: number;
  #open = true;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * @param path a real path: a link at its end is refused
   * @throws {Deno.errors.NotFound} and the like, as `Deno.openSync`
   */
  static openSync(path: string): ReadableFile {
    try {
      return new ReadableFile(fs.openSync(path, flags));
    } catch (error) {
      throw asDenoError(error);
    }
  }

  /** Not on this thread. */
  static async open(path: string): Promise<ReadableFile> {
    try {
      return new ReadableFile(await openSoon(path, flags));
    } catch (error) {
      throw asDenoError(error);
    }
  }

  statSync(): FileFacts {
    return factsOf(fs.fstatSync(this.#fd));
  }

  /** Not on this thread. */
  async stat(): Promise<FileFacts> {
    return factsOf(await statSoon(this.#fd));
  }

  /**
   * Reads on from the last position.
   *
   * @returns how many bytes, or `null` at the end
   */
  readSync(into: Uint8Array): number | null {
    return fs.readSync(this.#fd, into, 0, into.length, null) || null;
  }

  /**
   * Reads from a position, not on this thread.
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

  /** May be called more than once; not while it is being read. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    fs.closeSync(this.#fd);
  }

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

/** Turns an error of `node:fs` into the one that the runtime's own functions throw. */
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
    // A socket, or a device without a driver.
    case "ENXIO":
    case "ENODEV":
      return new Deno.errors.NotFound(message);
    default:
      return error;
  }
}
