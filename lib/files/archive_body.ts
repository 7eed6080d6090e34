/**
 * An archive as the body of a response. The main thread reads the files one after the
 * other while it writes them, so a slow download holds no worker, and no more than one
 * file is open. Must not know which files are in it, or why.
 *
 * @module
 */

import { makeZip, predictLength } from "client-zip";
import { BodyCutError, type BodySource } from "../http/exchange.ts";
import type { ArchiveEntry, FileSlice } from "../http/message.ts";
import { FileChangedError, openFileBody } from "./file_body.ts";

/** @param log receives the reason where a body is cut off */
export function archiveBody(
  entries: readonly ArchiveEntry[],
  log: (line: string) => void,
): BodySource {
  return new ArchiveBody(entries, log);
}

// What the format can say: a year from 1980 on, in seven bits.
const firstTimeMs = Date.UTC(1980, 0, 2);
const lastTimeMs = Date.UTC(2107, 11, 30);

// Its sum is computed while others wait.
const maxPieceBytes = 256 * 1024;

class ArchiveBody implements BodySource {
  /** Nothing is compressed, so the length is known before the first byte is read. */
  readonly length: number;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #log: (line: string) => void;
  /** The file that is being read. */
  #file: BodySource | null = null;
  #isCancelled = false;

  constructor(
    entries: readonly ArchiveEntry[],
    log: (line: string) => void,
  ) {
    this.#log = log;
    this.length = Number(
      predictLength(
        entries.map(({ name, content }) =>
          content === null ? { name } : { name, size: content.length }
        ),
      ),
    );
    this.#reader = makeZip(this.#inputs(entries)).getReader();
  }

  async *#inputs(entries: readonly ArchiveEntry[]) {
    for (const { name, mtimeMs, content } of entries) {
      if (this.#isCancelled) return;
      const lastModified = new Date(
        Math.min(Math.max(mtimeMs, firstTimeMs), lastTimeMs),
      );
      if (content === null) yield { name, lastModified };
      else {
        const input = this.#read(content);
        yield { name, lastModified, size: content.length, input };
      }
    }
  }

  /** The library takes a piece before the last one is written, so each is a copy; and it
   * computes the sum of a piece at once, while others wait. */
  async *#read(slice: FileSlice): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const file = this.#file = await this.#open(slice);
    try {
      while (!this.#isCancelled) {
        const piece = await file.read();
        if (piece === null) return;
        for (let at = 0; at < piece.length; at += maxPieceBytes) {
          yield new Uint8Array(piece.subarray(at, at + maxPieceBytes));
        }
      }
    } finally {
      file.cancel();
    }
  }

  async #open(slice: FileSlice): Promise<BodySource> {
    try {
      return await openFileBody([slice], this.#log);
    } catch (error) {
      const cut = new BodyCutError(
        error instanceof FileChangedError
          ? "its file was overwritten"
          : `its file cannot be read (${(error as Error).message})`,
      );
      this.#log(`${cut.message}: ${slice.path}`);
      throw cut;
    }
  }

  async read(): Promise<Uint8Array | null> {
    const { value, done } = await this.#reader.read();
    return done ? null : value;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#file?.cancel();
    this.#reader.cancel().catch(() => {});
  }
}
