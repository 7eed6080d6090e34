/**
 * Parts of files as the content of a reply, read on the main thread while they
 * are written, so that a slow download never holds a worker. Must not know where
 * they are written, or why those parts.
 *
 * @module
 */

import { BodyCutError, type BodySource } from "../http/exchange.ts";
import { isSameFile } from "./file_identity.ts";
import type { FileSlice } from "../http/message.ts";
import { PieceBuffers } from "./read_buffers.ts";
import { ReadableFile } from "./readable_file.ts";

/** What a body is put together from. */
export type BodyPart = Uint8Array<ArrayBuffer> | FileSlice;

/** A file was not what it was any more when it was opened. */
export class FileChangedError extends Error {
  constructor() {
    super("The file has changed since its fields were computed");
    this.name = "FileChangedError";
  }
}

/**
 * Opens the files of a body, so that what is wrong with them is known before its
 * head is written.
 *
 * @param parts in their order
 * @param log is told why content was cut off
 * @throws {FileChangedError} where one is not the one that was looked at
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
  /** How much of it was read. */
  done: number;
}

type OpenPart = Uint8Array<ArrayBuffer> | OpenSlice;

/** @param files those that are open by now: many slices of one file open it once */
async function openSlice(
  { path, identity, offset, length }: FileSlice,
  files: Map<string, ReadableFile>,
): Promise<OpenSlice> {
  let file = files.get(path);
  if (file === undefined) {
    file = await openAsItWas(path);
    files.set(path, file);
    const opened = await file.stat();
    if (!opened.isFile || !isSameFile(opened.identity, identity)) {
      throw new FileChangedError();
    }
  }
  return { file, path, identity, offset, length, done: 0 };
}

/** It was a file under its real path: what became a link, or lies below one, is
 * another. */
async function openAsItWas(path: string): Promise<ReadableFile> {
  try {
    return await ReadableFile.open(path);
  } catch (error) {
    const isOther = error instanceof Deno.errors.FilesystemLoop ||
      error instanceof Deno.errors.NotADirectory;
    throw isOther ? new FileChangedError() : error;
  }
}

/** Before its last piece is sent: what was written over meanwhile is neither what it
 * was nor what it is. One that has only grown is both (a log, say). */
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
  readonly #buffers = new PieceBuffers();
  #ahead: Promise<Uint8Array | null> | null = null;

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
    const piece = await (this.#ahead ??= this.#readPiece());
    this.#ahead = null;
    // Whoever asks for more has done with what it was given.
    if (piece === null) {
      this.#buffers.close(true);
      closeAll(this.#files.splice(0));
    } else if (this.#parts.length > 0) {
      this.#ahead = this.#readPiece();
      // It is awaited by the next call, or by nobody where there is none.
      this.#ahead.catch(() => {});
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
    if (part.done === part.length) {
      this.#parts.shift();
      return await this.#readPiece();
    }
    return await this.#readSlice(part);
  }

  async #readSlice(part: OpenSlice): Promise<Uint8Array> {
    const remaining = part.length - part.done;
    const buffer = this.#buffers.next(remaining);
    const count = await this.#readSome(part, buffer.subarray(0, remaining));
    // A file that shrinks breaks the length that was announced.
    if (count === null) throw this.#cut(part, "its file has become shorter");
    part.done += count;
    // What is read at once was looked at just now.
    if (count < part.length && part.done === part.length) {
      if (await isOverwritten(part)) {
        throw this.#cut(part, "its file was written over");
      }
    }
    this.#buffers.advance(count);
    return buffer.subarray(0, count);
  }

  async #readSome(part: OpenSlice, into: Uint8Array): Promise<number | null> {
    const { file, offset, done } = part;
    try {
      return await file.read(into, offset + done);
    } catch (error) {
      const { message } = error as Error;
      throw this.#cut(part, `its file cannot be read (${message})`);
    }
  }

  #cut({ path }: OpenSlice, why: string): BodyCutError {
    const error = new BodyCutError(why);
    this.#log(`${error.message}: ${path}`);
    return error;
  }

  cancel(): void {
    this.#parts.length = 0;
    const files = this.#files.splice(0);
    const ahead = this.#ahead;
    this.#ahead = null;
    // Somebody may still be writing one.
    this.#buffers.close(false);
    if (ahead === null) closeAll(files);
    // A file that is being read is closed when that is over.
    else ahead.catch(() => {}).finally(() => closeAll(files));
  }
}
