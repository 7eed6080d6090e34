/**
 * Reads the requests of a connection: heads through the line stream, bodies from the
 * same bytes; and watches for a client that leaves. Must not know workers or time.
 *
 * @module
 */

import { HttpError } from "../http/error.ts";
import type { Framing } from "../http/framing.ts";
import type { RequestHead } from "../http/message.ts";
import { parseRequestHead, parseRequestLine } from "../http/request_head.ts";
import type { Limits } from "../limits.ts";
import {
  type BodyReader,
  IncompleteRequestError,
  openBody,
} from "./body_reader.ts";
import { ByteReader, type ByteSource, type HeadScan } from "./byte_reader.ts";
import type { HeadLines } from "./head_lines.ts";

/** Reads the requests of one connection, one after the other. */
export class RequestReader {
  readonly #bytes: ByteReader;
  readonly #lines: HeadLines;
  readonly #limits: Limits;
  /** The lines of the last head. */
  text = "";

  constructor(source: ByteSource, lines: HeadLines, limits: Limits) {
    this.#bytes = new ByteReader(source, limits);
    this.#lines = lines;
    this.#limits = limits;
  }

  /** Whether bytes of a next request have come. */
  get hasBytes(): boolean {
    return this.#bytes.buffered > 0;
  }

  /**
   * Reads once: the first bytes of a request, or, while a client waits for its response,
   * to find out that it has left. The bytes that come are kept.
   *
   * @returns the number of bytes: 0 at the end of the input
   */
  fill(): Promise<number> {
    return this.#bytes.fill();
  }

  /**
   * Reads a head whose first bytes have come.
   *
   * @returns `null` where the input ended after an empty line
   * @throws {HttpError} where the head is wrong
   * @throws {IncompleteRequestError} where the input ends inside it
   */
  readHead(): Promise<RequestHead | null> {
    return this.#bytes.peek() === 0x0d
      ? this.#skipEmptyLine().then((more) => more ? this.#readLines() : null)
      : this.#readLines();
  }

  #readLines(): Promise<RequestHead> {
    refuseOtherProtocols(this.#bytes.peek());
    const scan = this.#scanHead();
    // Most heads come whole, and need no async function.
    return scan.kind === "whole"
      ? this.#splitHead(scan.lines)
      : this.#readRestOfHead().then((lines) => this.#splitHead(lines));
  }

  #splitHead(lines: number): Promise<RequestHead> {
    this.text = this.#bytes.takeHead();
    return this.#lines.split(this.text, lines, parseRequestHead);
  }

  /**
   * RFC 9112 section 2.2: at least one empty line before a request is ignored.
   *
   * @returns whether anything follows it
   */
  async #skipEmptyLine(): Promise<boolean> {
    const bytes = this.#bytes;
    if (bytes.buffered === 1 && await bytes.fill() === 0) {
      throw new IncompleteRequestError();
    }
    return !bytes.skipEmptyLine() || bytes.buffered > 0 ||
      await bytes.fill() > 0;
  }

  /** A wrong request line decides the refusal whatever is wrong after it, as where it
   * came alone. */
  #scanHead(): HeadScan {
    try {
      return this.#bytes.scanHead();
    } catch (error) {
      this.#checkFirstLine();
      throw error;
    }
  }

  /** @returns whether it has come */
  #checkFirstLine(): boolean {
    const line = this.#bytes.firstLine();
    if (line === undefined) return false;
    parseRequestLine(line);
    return true;
  }

  /** @returns the number of its lines */
  async #readRestOfHead(): Promise<number> {
    let firstLineChecked = false;
    for (;;) {
      // Refuses HTTP/0.9 and the like at once: their heads have no end.
      if (!firstLineChecked) firstLineChecked = this.#checkFirstLine();
      if (await this.#bytes.fill() === 0) throw new IncompleteRequestError();
      const scan = this.#scanHead();
      if (scan.kind === "whole") return scan.lines;
    }
  }

  /**
   * Begins the body that the framing announces; it is to be read to its end before the
   * next head.
   *
   * @param maxBodyBytes past it a chunked body is refused
   */
  openBody(
    framing: Exclude<Framing, { kind: "none" }>,
    maxBodyBytes: number,
  ): BodyReader {
    return openBody(this.#bytes, framing, this.#limits, maxBodyBytes);
  }
}

/** Refuses a first byte that no method begins with, at once: the head of another
 * protocol may have no end. */
function refuseOtherProtocols(first: number | undefined): void {
  if (first === 0x16) {
    throw new HttpError(
      400,
      "This port speaks plain HTTP, and that was the start of TLS.",
    );
  }
  if (first !== undefined && (first <= 0x20 || first >= 0x7f)) {
    throw new HttpError(400, "That is not the start of an HTTP request.");
  }
}

/** Watches one client. There is never a second read while one is pending. */
export class PeerWatch {
  readonly #reader: RequestReader;
  /** A read that was begun while the client waits for its response. */
  #read: Promise<number> | null = null;

  constructor(reader: RequestReader) {
    this.#reader = reader;
  }

  /** Begins, unless it has begun. The bytes that come are the start of the next request.
   *
   * @param onGone is called where the input ends instead
   */
  begin(onGone: () => void): void {
    this.#read ??= this.#reader.fill().catch(() => 0).then((count) => {
      if (count === 0) onGone();
      return count;
    });
  }

  /** Resolves with the number of bytes that came, 0 at the end of the input. */
  nextBytes(): Promise<number> {
    const read = this.#read ?? this.#reader.fill();
    this.#read = null;
    return read;
  }

  /** Waits for the read that is pending, if there is one.
   *
   * @returns whether the input has ended
   */
  async over(): Promise<boolean> {
    return this.#read !== null && await this.#read === 0;
  }
}
