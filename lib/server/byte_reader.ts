/**
 * The unread bytes of a connection: finds the end of a head, and hands out heads and
 * bytes of bodies. Must not know fields or methods.
 *
 * Every byte is scanned once, however the input is split; an idle connection holds a
 * small buffer; pipelined bytes stay where they are. So there is one buffer with a
 * start and an end. Its bytes are moved to the front when its tail is full, and it is
 * doubled when a head needs more.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { HttpError, limitFlag } from "../http/error.ts";
import type { Limits } from "../limits.ts";

export interface ByteSource {
  /** Reads at least one byte into `into`; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
}

/** The head is whole, or more bytes are needed. */
export type HeadScan =
  | { readonly kind: "whole"; readonly lines: number }
  | { readonly kind: "partial" };

// Most heads fit; for 4000 idle connections this is 4 MB.
const initialBytes = 1024;
// The size of the buffer while a body is read.
const bodyBytes = 64 * 1024;

const nothing: Buffer<ArrayBuffer> = Buffer.from(new ArrayBuffer(0));

const cr = 0x0d;
const lf = 0x0a;

export class ByteReader {
  readonly #source: ByteSource;
  readonly #limits: Limits;
  // A `Buffer` decodes latin1, one character per byte; `TextDecoder` cannot.
  #buffer: Buffer<ArrayBuffer> = Buffer.from(new ArrayBuffer(initialBytes));
  #start = 0;
  #end = 0;
  // The scan of the current head: next byte, start of its line, lines so far.
  #scanned = 0;
  #lineStart = 0;
  #lines = 0;

  /** @param source must not be read elsewhere */
  constructor(source: ByteSource, limits: Limits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** The number of unread bytes. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** Reads once. Resolves with the number of bytes that came, 0 at the end. */
  fill(): Promise<number> {
    this.#makeRoom();
    const room = this.#end === 0
      ? this.#buffer
      : this.#buffer.subarray(this.#end);
    // Not an async function: every idle connection would keep its frame.
    return this.#source.read(room).then((count) => {
      this.#end += count ?? 0;
      return count ?? 0;
    });
  }

  #makeRoom(): void {
    if (this.#start === this.#end) {
      this.#end = 0;
      this.#startAt(0);
      // A large buffer is not kept while the connection is idle.
      if (this.#buffer.length > initialBytes) {
        this.#buffer = Buffer.from(new ArrayBuffer(initialBytes));
      }
      return;
    }
    if (this.#end < this.#buffer.length) return;
    const old = this.#buffer;
    if (this.buffered > old.length / 2) {
      this.#buffer = Buffer.from(new ArrayBuffer(old.length * 2));
    }
    this.#buffer.set(old.subarray(this.#start, this.#end));
    this.#scanned -= this.#start;
    this.#lineStart -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
  }

  /** The bytes before `start` are taken; the next head begins there. */
  #startAt(start: number): void {
    this.#start = this.#scanned = this.#lineStart = start;
    this.#lines = 0;
  }

  /** Drops an empty line before a head (RFC 9112 section 2.2).
   *
   * @returns whether there was one */
  skipEmptyLine(): boolean {
    if (this.buffered < 2 || this.#buffer[this.#start] !== cr) return false;
    if (this.#buffer[this.#start + 1] !== lf) return false;
    this.#startAt(this.#start + 2);
    return true;
  }

  /** The next byte, which is not taken. */
  peek(): number | undefined {
    return this.buffered === 0 ? undefined : this.#buffer[this.#start];
  }

  /**
   * Goes on looking for the end of the head that begins at the first unread byte. A
   * bare CR, a bare LF and a NUL are refused (RFC 9112 section 2.2), and the limits are
   * checked.
   *
   * @throws {HttpError} 400, 414 or 431
   */
  scanHead(): HeadScan {
    const buffer = this.#buffer;
    const end = this.#end;
    let at = this.#scanned;
    for (; at < end; at++) {
      const byte = buffer[at];
      if (byte > cr) continue;
      if (byte === cr) {
        if (at + 1 === end) break;
        if (buffer[at + 1] !== lf) {
          this.#refuse(at, 400, "The head has a CR without an LF.");
        }
        if (at === this.#lineStart) {
          this.#scanned = at + 2;
          this.#checkLimits(at + 2);
          return { kind: "whole", lines: this.#lines };
        }
        this.#endLine(at);
        at++;
      } else if (byte === lf) {
        this.#refuse(at, 400, "The head has an LF without a CR.");
      } else if (byte === 0) {
        this.#refuse(at, 400, "The head has a NUL character.");
      }
    }
    this.#scanned = at;
    // A CR whose LF has not come does not count as a byte of the line.
    this.#checkLimits(at);
    return { kind: "partial" };
  }

  /** A limit that was exceeded before that byte decides the refusal: it would have been
   * refused first if the bytes had come one by one. */
  #refuse(at: number, status: number, text: string): never {
    this.#checkLimits(at);
    throw new HttpError(status, text);
  }

  #endLine(at: number): void {
    if (this.#lines === 0) this.#checkRequestLine(at);
    this.#lines++;
    this.#lineStart = at + 2;
    if (this.#lines - 1 > this.#limits.maxFields) {
      const { maxFields } = this.#limits;
      this.#refuse(
        at,
        431,
        `The head may have at most ${maxFields} fields (${
          limitFlag("maxFields")
        }).`,
      );
    }
  }

  #checkRequestLine(lineEnd: number): void {
    if (lineEnd - this.#start > this.#limits.maxRequestLineBytes) {
      const { maxRequestLineBytes: most } = this.#limits;
      throw new HttpError(
        414,
        `The request line may have at most ${most} bytes (${
          limitFlag("maxRequestLineBytes")
        }).`,
      );
    }
  }

  #checkLimits(headEnd: number): void {
    if (this.#lines === 0) this.#checkRequestLine(headEnd);
    if (headEnd - this.#start > this.#limits.maxHeadBytes) {
      const { maxHeadBytes: most } = this.#limits;
      throw new HttpError(
        431,
        `The head may have at most ${most} bytes (${
          limitFlag("maxHeadBytes")
        }).`,
      );
    }
  }

  /** The request line, which is not taken, once the scan has found its end. A head that
   * never becomes whole can be refused because of it. */
  firstLine(): string | undefined {
    if (this.#lines === 0) return undefined;
    const end = this.#buffer.indexOf("\r\n", this.#start, "latin1");
    return this.#buffer.toString("latin1", this.#start, end);
  }

  /** Takes the head that the last scan found whole, without the empty line at its end.
   * One character per byte. */
  takeHead(): string {
    const head = this.#buffer.toString(
      "latin1",
      this.#start,
      this.#scanned - 2,
    );
    this.#startAt(this.#scanned);
    return head;
  }

  /** Takes all unread bytes, and reads none. */
  takeAll(): Uint8Array {
    const bytes = this.#buffer.subarray(this.#start, this.#end);
    this.#start = this.#end = 0;
    this.#startAt(0);
    this.#buffer = nothing;
    return bytes;
  }

  /**
   * Takes up to `into.length` bytes: unread ones, else those of one read, which are not
   * copied.
   *
   * @returns their number, 0 at the end of the input
   */
  async takeInto(into: Uint8Array): Promise<number> {
    if (this.buffered === 0) return await this.#source.read(into) ?? 0;
    const count = Math.min(into.length, this.buffered);
    into.set(this.#buffer.subarray(this.#start, this.#start + count));
    this.#startAt(this.#start + count);
    return count;
  }

  /**
   * Offers the unread bytes, or if there are none, those of one read.
   *
   * @param take returns how many bytes it has taken
   * @returns `false` at the end of the input
   */
  async offer(take: (bytes: Uint8Array) => number): Promise<boolean> {
    if (this.buffered === 0) {
      if (this.#buffer.length < bodyBytes) {
        this.#buffer = Buffer.from(new ArrayBuffer(bodyBytes));
      }
      this.#end = 0;
      this.#startAt(0);
      this.#end = await this.#source.read(this.#buffer) ?? 0;
      if (this.#end === 0) return false;
    }
    const taken = take(this.#buffer.subarray(this.#start, this.#end));
    this.#startAt(this.#start + taken);
    return true;
  }
}
