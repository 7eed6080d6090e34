/**
 * Reads the requests of a connection, heads and bodies, and watches whether its client
 * leaves. Must not know workers or time.
 *
 * @module
 */

import { HttpError } from "../http/error.ts";
import type { BodyLimit, Framing } from "../http/framing.ts";
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

export class RequestReader {
  readonly #bytes: ByteReader;
  readonly #lines: HeadLines;
  readonly #limits: Limits;
  /** The text of the last head. */
  text = "";

  constructor(source: ByteSource, lines: HeadLines, limits: Limits) {
    this.#bytes = new ByteReader(source, limits);
    this.#lines = lines;
    this.#limits = limits;
  }

  /** Whether bytes of the next request have come. */
  get hasBytes(): boolean {
    return this.#bytes.buffered > 0;
  }

  /** Takes the bytes that have come and were not read. */
  takeBytes(): Uint8Array {
    return this.#bytes.takeAll();
  }

  /** Reads once, for the first bytes of a request, or to find out that the client has
   * left. Resolves with the number of bytes, 0 at the end of the input. */
  fill(): Promise<number> {
    return this.#bytes.fill();
  }

  /**
   * Reads a head whose first bytes have come.
   *
   * @returns `null` where the input ends after an empty line
   * @throws {HttpError} where the head is wrong
   * @throws {IncompleteRequestError} where the input ends inside the head
   */
  readHead(): Promise<RequestHead | null> {
    return this.#bytes.peek() === 0x0d
      ? this.#skipEmptyLine().then((more) => more ? this.#readLines() : null)
      : this.#readLines();
  }

  #readLines(): Promise<RequestHead> {
    refuseOtherProtocols(this.#bytes.peek());
    const scan = this.#scanHead();
    // Most heads come whole and do without an async function.
    return scan.kind === "whole"
      ? this.#splitHead(scan.lines)
      : this.#readRestOfHead().then((lines) => this.#splitHead(lines));
  }

  #splitHead(lines: number): Promise<RequestHead> {
    this.text = this.#bytes.takeHead();
    return this.#lines.split(this.text, lines, parseRequestHead);
  }

  /**
   * RFC 9112 section 2.2: a server ignores at least one empty line before a request.
   *
   * @returns whether bytes follow it
   */
  async #skipEmptyLine(): Promise<boolean> {
    const bytes = this.#bytes;
    if (bytes.buffered === 1 && await bytes.fill() === 0) {
      throw new IncompleteRequestError();
    }
    return !bytes.skipEmptyLine() || bytes.buffered > 0 ||
      await bytes.fill() > 0;
  }

  /** A wrong request line decides the refusal, whatever is wrong after it: so the
   * response is the same if the request line comes alone. */
  #scanHead(): HeadScan {
    try {
      return this.#bytes.scanHead();
    } catch (error) {
      this.#checkFirstLine();
      throw error;
    }
  }

  /** @returns whether the request line has come */
  #checkFirstLine(): boolean {
    const line = this.#bytes.firstLine();
    if (line === undefined) return false;
    parseRequestLine(line);
    return true;
  }

  /** @returns the number of lines of the head */
  async #readRestOfHead(): Promise<number> {
    let firstLineChecked = false;
    for (;;) {
      // Refuses HTTP/0.9 at once, because its head would never end.
      if (!firstLineChecked) firstLineChecked = this.#checkFirstLine();
      if (await this.#bytes.fill() === 0) throw new IncompleteRequestError();
      const scan = this.#scanHead();
      if (scan.kind === "whole") return scan.lines;
    }
  }

  /**
   * Opens the body. It has to be read to its end before the next head.
   *
   * @param most past it a chunked body is refused
   */
  openBody(
    framing: Exclude<Framing, { kind: "none" }>,
    most: BodyLimit,
  ): BodyReader {
    return openBody(this.#bytes, framing, this.#limits, most);
  }
}

/** Refuses a first byte that cannot begin a method. In another protocol the end of the
 * head may never come. */
function refuseOtherProtocols(first: number | undefined): void {
  if (first === 0x16) {
    throw new HttpError(400, "This port expects plain HTTP, not TLS.");
  }
  if (first !== undefined && (first <= 0x20 || first >= 0x7f)) {
    throw new HttpError(
      400,
      "These bytes are not the start of an HTTP request.",
    );
  }
}

/** Watches whether a client leaves. At most one read is pending at a time. */
export class PeerWatch {
  readonly #reader: RequestReader;
  /** The read that was begun while the client waits for its response. */
  #read: Promise<number> | null = null;

  constructor(reader: RequestReader) {
    this.#reader = reader;
  }

  /**
   * Begins to watch, if it has not begun. Bytes that come are the start of the next
   * request.
   *
   * @param onGone is called where the input ends
   */
  begin(onGone: () => void): void {
    this.#read ??= this.#reader.fill().catch(() => 0).then((count) => {
      if (count === 0) onGone();
      return count;
    });
  }

  /** What has come behind the head of a request; `null` where the client has left. */
  async bytesAfterHead(): Promise<Uint8Array | null> {
    const read = this.#read;
    this.#read = null;
    if (read !== null && await read === 0) return null;
    return this.#reader.takeBytes();
  }

  /** Resolves with the number of bytes, 0 at the end of the input. */
  nextBytes(): Promise<number> {
    const read = this.#read ?? this.#reader.fill();
    this.#read = null;
    return read;
  }

  /** Waits for the pending read, if there is one. Resolves with whether the input has
   * ended. */
  async over(): Promise<boolean> {
    return this.#read !== null && await this.#read === 0;
  }
}
