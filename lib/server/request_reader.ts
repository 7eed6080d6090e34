/**
 * One request off a connection: its head through the line stream; its body is read
 * from the same bytes. Must not know workers or time.
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
  /** The lines of the last head that was read. */
  text = "";

  constructor(source: ByteSource, lines: HeadLines, limits: Limits) {
    this.#bytes = new ByteReader(source, limits);
    this.#lines = lines;
    this.#limits = limits;
  }

  /** Whether there are bytes of a next request here. */
  get hasBytes(): boolean {
    return this.#bytes.buffered > 0;
  }

  /**
   * Reads once: the first bytes of a request, or, while one is being answered,
   * the way to hear that the client has left. What comes is kept.
   *
   * @returns the number of bytes: 0 at the end of the input
   */
  fill(): Promise<number> {
    return this.#bytes.fill();
  }

  /**
   * Reads a head whose first bytes are here.
   *
   * @returns `null` where the input ended with nothing but an empty line
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
    // No async function for most heads, which come whole.
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

  /** A wrong request line is the refusal whatever is wrong behind it, as where
   * it came alone. */
  #scanHead(): HeadScan {
    try {
      return this.#bytes.scanHead();
    } catch (error) {
      this.#checkFirstLine();
      throw error;
    }
  }

  /** @returns whether it is here */
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
      // Throws at once for HTTP/0.9 and the like, whose head has no end.
      if (!firstLineChecked) firstLineChecked = this.#checkFirstLine();
      if (await this.#bytes.fill() === 0) throw new IncompleteRequestError();
      const scan = this.#scanHead();
      if (scan.kind === "whole") return scan.lines;
    }
  }

  /**
   * Begins the body that the framing announces; it is to be read to its end before
   * the next head.
   *
   * @param maxBodyBytes past it chunked content is refused
   */
  openBody(
    framing: Exclude<Framing, { kind: "none" }>,
    maxBodyBytes: number,
  ): BodyReader {
    return openBody(this.#bytes, framing, this.#limits, maxBodyBytes);
  }
}

/** A first byte that begins no method: answered at once, for the head of
 * another protocol has no end to wait for. */
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

/** The watch over one client. */
export class PeerWatch {
  readonly #reader: RequestReader;
  /** A read that was begun while an answer was awaited. */
  #read: Promise<number> | null = null;

  constructor(reader: RequestReader) {
    this.#reader = reader;
  }

  /** Begins, unless it has. What comes is the start of the next request.
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
