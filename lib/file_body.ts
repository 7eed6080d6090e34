/**
 * Parts of files as the content of a reply, read on the main thread while they
 * are written, so that a slow download never holds a worker. Must not know where
 * they are written, or why those parts.
 *
 * @module
 */

import { BodyCutError, type BodySource } from "./dispatch.ts";
import { identityOf, isSameFile } from "./file_identity.ts";
import type { FileSlice } from "./message.ts";
import { PieceBuffers } from "./piece_buffers.ts";

/** What a body is put together from. */
export type BodyPart = Uint8Array<ArrayBuffer> | FileSlice;

/** A file was not what it was any more when it was opened. */
export class FileChangedError extends Error {
  /** Says so. */
  constructor() {
    super("The file has changed since its fields were computed");
    this.name = "FileChangedError";
  }
}

/**
 * Opens the files of a body, so that what is wrong with them is known before its
 * head is written.
 *
 * @throws {FileChangedError} where one is not the one that was looked at
 * @throws {Deno.errors.NotFound} and the like
 */
export async function openFileBody(
  parts: readonly BodyPart[],
): Promise<BodySource> {
  const opened: OpenPart[] = [];
  try {
    for (const part of parts) {
      opened.push(part instanceof Uint8Array ? part : await openSlice(part));
    }
  } catch (error) {
    closeAll(opened);
    throw error;
  }
  return new FileBody(opened);
}

/** A slice whose file is open, and stands at its next byte. */
interface OpenSlice {
  readonly file: Deno.FsFile;
  remaining: number;
}

type OpenPart = Uint8Array<ArrayBuffer> | OpenSlice;

async function openSlice(slice: FileSlice): Promise<OpenSlice> {
  const file = await Deno.open(slice.path);
  try {
    const info = await file.stat();
    if (!info.isFile || !isSameFile(identityOf(info), slice.identity)) {
      throw new FileChangedError();
    }
    if (slice.offset > 0) await file.seek(slice.offset, Deno.SeekMode.Start);
    return { file, remaining: slice.length };
  } catch (error) {
    file.close();
    throw error;
  }
}

function closeAll(parts: readonly OpenPart[]): void {
  for (const part of parts) {
    if (!(part instanceof Uint8Array)) part.file.close();
  }
}

class FileBody implements BodySource {
  readonly length: number;
  readonly #parts: OpenPart[];
  readonly #buffers = new PieceBuffers();
  #ahead: Promise<Uint8Array | null> | null = null;

  constructor(parts: OpenPart[]) {
    this.#parts = parts;
    this.length = parts.reduce(
      (sum, part) =>
        sum + (part instanceof Uint8Array ? part.length : part.remaining),
      0,
    );
  }

  async read(): Promise<Uint8Array | null> {
    const piece = await (this.#ahead ??= this.#readPiece());
    this.#ahead = null;
    // Whoever asks for more has done with what it was given.
    if (piece === null) this.#buffers.close(true);
    else if (this.#parts.length > 0) {
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
    if (part.remaining === 0) {
      this.#parts.shift();
      part.file.close();
      return await this.#readPiece();
    }
    return await this.#readSlice(part);
  }

  async #readSlice(part: OpenSlice): Promise<Uint8Array> {
    const buffer = this.#buffers.next(part.remaining);
    const count = await this.#readSome(part, buffer);
    // A file that shrinks breaks the length that was announced.
    if (count === null) throw new BodyCutError("its file has become shorter");
    part.remaining -= count;
    this.#buffers.advance(count);
    return buffer.subarray(0, count);
  }

  async #readSome(part: OpenSlice, buffer: Uint8Array): Promise<number | null> {
    const end = Math.min(part.remaining, buffer.length);
    try {
      return await part.file.read(buffer.subarray(0, end));
    } catch (error) {
      throw new BodyCutError(
        `its file cannot be read (${(error as Error).message})`,
      );
    }
  }

  cancel(): void {
    const parts = this.#parts.splice(0);
    const ahead = this.#ahead;
    this.#ahead = null;
    // Somebody may still be writing one.
    this.#buffers.close(false);
    if (ahead === null) closeAll(parts);
    // A file that is being read is closed when that is over.
    else ahead.catch(() => {}).finally(() => closeAll(parts));
  }
}
