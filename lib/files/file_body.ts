/**
 * Parts of files as the body of a response. The main thread reads them while it
 * writes, so that a slow download never holds a worker. Must not know where the body
 * is written, or how its parts were chosen.
 *
 * @module
 */

import { BodyCutError, type BodySource } from "../http/exchange.ts";
import { isSameFile } from "./file_identity.ts";
import type { FileIdentity, FileSlice } from "../http/message.ts";
import { ReadBuffers } from "./read_buffers.ts";
import { ReadableFile } from "./readable_file.ts";

/** A part of a body: bytes in memory, or a slice of a file. */
export type BodyPart = Uint8Array<ArrayBuffer> | FileSlice;

/** A file has changed between the computation of its fields and its opening. */
export class FileChangedError extends Error {
  constructor() {
    super("The file has changed since its fields were computed");
    this.name = "FileChangedError";
  }
}

/**
 * Opens the files of a body, so that errors are known before the head is written.
 *
 * @param parts in their order
 * @param log receives the reason where a body is cut off
 * @throws {FileChangedError} where a file is not the one whose fields were computed
 * @throws {Deno.errors.NotFound} and the like
 */
export async function openFileBody(
  parts: readonly BodyPart[],
  log: (line: string) => void = () => {},
): Promise<BodySource> {
  const files = new Map<string, ReadableFile>();
  try {
    const opened: OpenPart[] = [];
    for (const part of parts) {
      opened.push(
        part instanceof Uint8Array ? part : await openSlice(part, files),
      );
    }
    return new FileBody(opened, [...files.values()], log);
  } catch (error) {
    closeAll(files.values());
    throw error;
  }
}

/** A slice whose file is open. */
interface OpenSlice extends Omit<FileSlice, "kind"> {
  readonly file: ReadableFile;
  bytesRead: number;
}

type OpenPart = Uint8Array<ArrayBuffer> | OpenSlice;

/** @param files the open ones, by path: many slices of one file open it once */
async function openSlice(
  { path, identity, offset, length }: FileSlice,
  files: Map<string, ReadableFile>,
): Promise<OpenSlice> {
  let file = files.get(path);
  if (file === undefined) {
    file = await openRealPath(path);
    files.set(path, file);
    const opened = await file.stat();
    if (!opened.isFile || !hasContentOf(opened.identity, identity)) {
      throw new FileChangedError();
    }
  }
  return { file, path, identity, offset, length, bytesRead: 0 };
}

/** Whether a file still begins with its former content: it is unchanged, or has only
 * grown, as a log does. */
function hasContentOf(now: FileIdentity, then: FileIdentity): boolean {
  return isSameFile(now, then) ||
    now.ino === then.ino && now.dev === then.dev && now.size > then.size;
}

/** The path was a real path without links. If there is a link in it now, it leads to
 * another file. */
async function openRealPath(path: string): Promise<ReadableFile> {
  try {
    return await ReadableFile.open(path);
  } catch (error) {
    const isOther = error instanceof Deno.errors.FilesystemLoop ||
      error instanceof Deno.errors.NotADirectory;
    throw isOther ? new FileChangedError() : error;
  }
}

/** Checked before the last piece is sent: a file that was overwritten during the
 * download would be sent as a mix of its old and its new content. A file that has only
 * grown (a log, say) is sent as it was. */
async function isOverwritten({ file, identity }: OpenSlice): Promise<boolean> {
  const { size, mtimeMs } = (await file.stat()).identity;
  return size === identity.size && mtimeMs !== identity.mtimeMs;
}

function closeAll(files: Iterable<ReadableFile>): void {
  for (const file of files) file.close();
}

class FileBody implements BodySource {
  readonly length: number;
  readonly #parts: OpenPart[];
  readonly #files: ReadableFile[];
  readonly #log: (line: string) => void;
  readonly #buffers = new ReadBuffers();
  /** The read of the next piece, begun while the last one is written. */
  #nextRead: Promise<Uint8Array | null> | null = null;

  constructor(
    parts: OpenPart[],
    files: ReadableFile[],
    log: (line: string) => void,
  ) {
    this.#parts = parts;
    this.#files = files;
    this.#log = log;
    this.length = parts.reduce((sum, part) => sum + part.length, 0);
  }

  async read(): Promise<Uint8Array | null> {
    const piece = await (this.#nextRead ??= this.#readPiece());
    this.#nextRead = null;
    // A caller that reads again has finished with the piece before.
    if (piece === null) {
      this.#buffers.close(true);
      closeAll(this.#files.splice(0));
    } else if (this.#parts.length > 0) {
      this.#nextRead = this.#readPiece();
      // The next call awaits it, and there may be no next call.
      this.#nextRead.catch(() => {});
    }
    return piece;
  }

  async #readPiece(): Promise<Uint8Array | null> {
    const part = this.#parts[0];
    if (part === undefined) return null;
    if (part instanceof Uint8Array) {
      this.#parts.shift();
      return part;
    }
    if (part.bytesRead === part.length) {
      this.#parts.shift();
      return await this.#readPiece();
    }
    return await this.#readSlice(part);
  }

  async #readSlice(part: OpenSlice): Promise<Uint8Array> {
    const remaining = part.length - part.bytesRead;
    const buffer = this.#buffers.next(remaining);
    const count = await this.#readInto(part, buffer.subarray(0, remaining));
    // The head has announced a length that the file no longer has.
    if (count === null) throw this.#cut(part, "its file has become shorter");
    part.bytesRead += count;
    // A slice that was read in one piece was checked just now, at opening.
    if (count < part.length && part.bytesRead === part.length) {
      if (await isOverwritten(part)) {
        throw this.#cut(part, "its file was overwritten");
      }
    }
    this.#buffers.advance(count);
    return buffer.subarray(0, count);
  }

  async #readInto(part: OpenSlice, into: Uint8Array): Promise<number | null> {
    const { file, offset, bytesRead } = part;
    try {
      return await file.read(into, offset + bytesRead);
    } catch (error) {
      const { message } = error as Error;
      throw this.#cut(part, `its file cannot be read (${message})`);
    }
  }

  #cut({ path }: OpenSlice, reason: string): BodyCutError {
    const error = new BodyCutError(reason);
    this.#log(`${error.message}: ${path}`);
    return error;
  }

  cancel(): void {
    this.#parts.length = 0;
    const files = this.#files.splice(0);
    const pending = this.#nextRead;
    this.#nextRead = null;
    // A buffer may still be in use by a write.
    this.#buffers.close(false);
    if (pending === null) closeAll(files);
    // A file is closed when the pending read of it has ended.
    else pending.catch(() => {}).finally(() => closeAll(files));
  }
}
