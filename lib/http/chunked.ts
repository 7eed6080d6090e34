/**
 * The chunked transfer coding (RFC 9112 section 7.1), both ways. Must not know
 * sockets.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { HttpError } from "./error.ts";
import type { Limits } from "../limits.ts";
import { parseFieldLine } from "./request_head.ts";

type State = "size" | "data" | "data-end" | "trailer" | "done";

const cr = 0x0d;
const lf = 0x0a;

/**
 * Decodes a chunked body that is pushed in pieces of any size. Chunk extensions
 * are read over and trailers are dropped: both within limits.
 */
export class ChunkedDecoder {
  readonly #limits: Limits;
  readonly #onData: (bytes: Uint8Array) => void;
  #state: State = "size";
  /** The unfinished size or trailer line, at most a limit long, without its CR. */
  #line = "";
  #afterCr = false;
  #remaining = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;

  constructor(limits: Limits, onData: (bytes: Uint8Array) => void) {
    this.#limits = limits;
    this.#onData = onData;
  }

  /** Whether the last chunk and the trailer section were read. */
  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * @returns how many bytes belonged to the body; fewer than all of them only at its
   * end
   * @throws {HttpError} 400 where the coding is broken, 431 where the trailers
   * are too long
   */
  push(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#state !== "done") {
      switch (this.#state) {
        case "size":
          at = this.#pushLine(
            bytes,
            at,
            this.#limits.maxChunkLineBytes,
            this.#endSize,
          );
          break;
        case "data":
          at = this.#pushData(bytes, at);
          break;
        case "data-end":
          at = this.#pushLine(bytes, at, 0, this.#endData);
          break;
        case "trailer":
          at = this.#pushLine(
            bytes,
            at,
            this.#limits.maxTrailerBytes,
            this.#endTrailer,
          );
          break;
      }
    }
    return at;
  }

  #pushData(bytes: Uint8Array, at: number): number {
    const end = Math.min(bytes.length, at + this.#remaining);
    this.#onData(bytes.subarray(at, end));
    this.#remaining -= end - at;
    if (this.#remaining === 0) this.#state = "data-end";
    return end;
  }

  /** Takes bytes up to CRLF. Decoders disagree about a CR without its LF and a LF
   * without its CR. Text that is appended byte by byte, and looked at each time, would be
   * quadratic. */
  #pushLine(
    bytes: Uint8Array,
    from: number,
    maxBytes: number,
    end: (line: string) => void,
  ): number {
    let at = from;
    const take = () => this.#line += latin1(bytes.subarray(from, at));
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.#afterCr !== (byte === lf)) throw broken();
      if (byte === lf) {
        this.#afterCr = false;
        const line = this.#line;
        this.#line = "";
        end.call(this, line);
        return at + 1;
      }
      if (byte === cr) {
        this.#afterCr = true;
        take();
        from = at + 1;
      } else if (this.#line.length + at - from >= maxBytes) {
        throw this.#tooLong();
      }
    }
    if (!this.#afterCr) take();
    return bytes.length;
  }

  #tooLong(): HttpError {
    return this.#state === "trailer"
      ? new HttpError(431, "The trailer section is too long.")
      : broken();
  }

  #endSize(line: string): void {
    // Ten hexadecimal digits are a terabyte, far from what a double can hold.
    const match = /^([0-9A-Fa-f]{1,10})((?:[\t ]*;[\t -~\x80-\xff]*)?)$/.exec(
      line,
    );
    if (match === null) throw broken();
    this.#extensionBytes += match[2].length;
    if (this.#extensionBytes > this.#limits.maxChunkExtensionBytes) {
      throw broken();
    }
    this.#remaining = parseInt(match[1], 16);
    this.#state = this.#remaining === 0 ? "trailer" : "data";
  }

  #endData(): void {
    this.#state = "size";
  }

  #endTrailer(line: string): void {
    if (line === "") {
      this.#state = "done";
      return;
    }
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > this.#limits.maxTrailerBytes) {
      throw this.#tooLong();
    }
    // RFC 9110 section 6.5.1: trailers may be discarded, and only a few fields
    // may be merged. None is, but none may be malformed either.
    parseFieldLine(line);
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString("latin1");
}

function broken(): HttpError {
  return new HttpError(400, "The chunked coding of the content is broken.");
}

const encoder = new TextEncoder();

/** What ends a chunk. */
export const chunkEnd: Uint8Array<ArrayBuffer> = encoder.encode("\r\n");

/** What ends a body: the last chunk and an empty trailer section. */
export const lastChunk: Uint8Array<ArrayBuffer> = encoder.encode("0\r\n\r\n");

/**
 * The line that begins a chunk.
 *
 * @param length its number of bytes, at least 1: 0 would end the body
 */
export function chunkStart(length: number): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${length.toString(16)}\r\n`);
}
