/**
 * A file that is open for reading. Opening never blocks: a FIFO without a writer, or a
 * silent device, that has the name by then would block `Deno.open` and its thread for
 * ever. Must not know which files may be read, or for what.
 *
 * @module
 */

import type { Stats } from "node:fs";
import type { FileIdentity } from "../http/message.ts";
import { natives } from "../natives.ts";
import { identityOf } from "./file_identity.ts";
import { fs } from "./late_modules.ts";

/** They do not matter for a regular file. A real path is not a link, unless it has
 * become one since. Windows has neither flag, and no FIFOs among its files. */
function openFlags(): number {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs().constants;
  return O_RDONLY | (O_NONBLOCK ?? 0) | (O_NOFOLLOW ?? 0);
}

export interface FileFacts {
  /** `false` for a directory, FIFO or device. */
  readonly isFile: boolean;
  readonly identity: FileIdentity;
}

/** An open file. The caller that opened it closes it. */
export class ReadableFile implements Disposable {
  readonly #fd: number;
  #open = true;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * @param path a real path; a link at its end is refused
   * @throws {Deno.errors.NotFound} and the like, as `Deno.openSync`
   */
  static openSync(path: string): ReadableFile {
    try {
      return new ReadableFile(fs().openSync(path, openFlags()));
    } catch (error) {
      throw asDenoError(error);
    }
  }

  /** The same on another thread. */
  static open(path: string): Promise<ReadableFile> {
    return called<number>((done) => fs().open(path, openFlags(), done))
      .then((fd) => new ReadableFile(fd));
  }

  statSync(): FileFacts {
    return factsOf(fs().fstatSync(this.#fd));
  }

  /** The same on another thread. */
  stat(): Promise<FileFacts> {
    return called<Stats>((done) => fs().fstat(this.#fd, done)).then(factsOf);
  }

  /** Reads on from the last position. Returns how many bytes, `null` at the end. */
  readSync(into: Uint8Array): number | null {
    return fs().readSync(this.#fd, into, 0, into.length, null) || null;
  }

  /** The same from a given position, on another thread. */
  read(into: Uint8Array, position: number): Promise<number | null> {
    return called<number>((done) =>
      fs().read(this.#fd, into, 0, into.length, position, done)
    ).then((count) => count || null);
  }

  /** May be called more than once, but not while a read is pending. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    fs().closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** What a function of `node:fs` passes on to its callback. */
function called<T>(
  call: (done: (error: Error | null, result: T) => void) => void,
): Promise<T> {
  return new natives.Promise((resolve, reject) =>
    call((error, result) => {
      if (error) reject(asDenoError(error));
      else resolve(result);
    })
  );
}

function factsOf(stats: Stats): FileFacts {
  return { isFile: stats.isFile(), identity: identityOf(stats) };
}

/** The error that the runtime's own functions throw, for one of `node:fs`. */
function asDenoError(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  switch (code) {
    case "ENOENT":
    // ENXIO and ENODEV: a socket, or a device without a driver.
    case "ENXIO":
    case "ENODEV":
      return new Deno.errors.NotFound(message);
    case "ENOTDIR":
      return new Deno.errors.NotADirectory(message);
    case "ELOOP":
      return new Deno.errors.FilesystemLoop(message);
    case "EACCES":
    case "EPERM":
      return new Deno.errors.PermissionDenied(message);
    default:
      return error;
  }
}
