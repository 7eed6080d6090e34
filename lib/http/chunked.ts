/**
 * Decodes and encodes the chunked transfer coding (RFC 9112 section 7.1). Must not know
 * sockets.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { HttpError, limitFlag } from "./error.ts";
import type { Limits } from "../limits.ts";
import { parseFieldLine } from "./request_head.ts";

type State = "size" | "data" | "data-end" | "trailer" | "done";

const cr = 0x0d;
const lf = 0x0a;

// The size of a chunk has at most ten hexadecimal digits: a terabyte, far below the
// largest integer that a double holds exactly.
const sizeLine = /^([0-9A-Fa-f]{1,10})((?:[\t ]*;[\t -~\x80-\xff]*)?)$/;

/**
 * Decodes a chunked body that arrives in pieces of any size. Chunk extensions and
 * trailers are dropped, and both are limited.
 */
export class ChunkedDecoder {
  readonly #limits: Limits;
  readonly #onData: (bytes: Uint8Array) => void;
  #state: State = "size";
  /** The unfinished size or trailer line, without its CR. Its length is limited. */
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
   * Decodes the next bytes.
   *
   * @returns how many of them belong to the body: fewer than all only at its end
   * @throws {HttpError} 400 where the coding is broken, 431 where the trailers are too
   * long
   */
  push(bytes: Uint8Array): number {
    const { maxChunkLineBytes, maxTrailerBytes } = this.#limits;
    let at = 0;
    while (at < bytes.length && this.#state !== "done") {
      switch (this.#state) {
        case "size":
          at = this.#pushLine(bytes, at, maxChunkLineBytes, this.#endSize);
          break;
        case "data":
          at = this.#pushData(bytes, at);
          break;
        case "data-end":
          at = this.#pushLine(bytes, at, 0, this.#endData);
          break;
        case "trailer":
          at = this.#pushLine(bytes, at, maxTrailerBytes, this.#endTrailer);
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

  /** Takes bytes up to CRLF. A CR without LF and an LF without CR are refused, because
   * decoders disagree about them. Bytes are appended many at a time: one by one, with a
   * look at the text each time, would be quadratic. */
  #pushLine(
    bytes: Uint8Array,
    from: number,
    maxBytes: number,
    end: (line: string) => void,
  ): number {
    let at = from;
    const take = () => {
      const offset = bytes.byteOffset + from;
      this.#line += Buffer.from(bytes.buffer, offset, at - from)
        .toString("latin1");
    };
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
      ? new HttpError(
        431,
        `The trailer section may have at most ${this.#limits.maxTrailerBytes} bytes (${
          limitFlag("maxTrailerBytes")
        }).`,
      )
      : broken();
  }

  #endSize(line: string): void {
    const match = sizeLine.exec(line);
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
    // RFC 9110 section 6.5.1 allows to discard trailers. A malformed one is refused.
    parseFieldLine(line);
  }
}

function broken(): HttpError {
  return new HttpError(400, "The chunked coding of the body is broken.");
}

const encoder = new TextEncoder();

export const chunkEnd: Uint8Array<ArrayBuffer> = encoder.encode("\r\n");

/** The last chunk and an empty trailer section: the end of a body. */
export const lastChunk: Uint8Array<ArrayBuffer> = encoder.encode("0\r\n\r\n");

/**
 * The line that begins a chunk.
 *
 * @param length its number of bytes, at least 1: 0 would end the body
 */
export function chunkStart(length: number): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${length.toString(16)}\r\n`);
}
