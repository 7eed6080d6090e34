/**
 * The plain data that travels through the server: a request, a response, their
 * fields and bodies. Everything here but a streamed body survives a structured
 * clone, because it crosses between threads. This file must not know Deno, classes or `Headers`.
 *
 * @module
 */

/**
 * One field line (RFC 9110 section 5): its name and its value, each character
 * standing for one byte. Names of requests are in lower case; names of
 * responses are written as they are given.
 */
export type Field = readonly [name: string, value: string];

/** Field lines in the order in which they were received or will be sent. */
export type Fields = readonly Field[];

/** The versions this server speaks (RFC 9112 section 2.3). */
export type HttpVersion = "1.0" | "1.1";

/** The first line and the fields of a request, understood but not yet framed. */
export interface RequestHead {
  /** The method, as sent; methods are case-sensitive (RFC 9110 section 9.1). */
  readonly method: string;
  /**
   * The target in origin-form (`/path?query`), whatever form it arrived in, or
   * `*` (RFC 9112 section 3.2).
   */
  readonly target: string;
  /**
   * Host and optional port the request is for: from an absolute-form target if
   * there is one, else from `Host`; empty only for HTTP/1.0 without `Host`.
   */
  readonly authority: string;
  /** A later HTTP/1.x counts as 1.1. */
  readonly version: HttpVersion;
  /** The field lines, names in lower case. */
  readonly fields: Fields;
}

/** The body of a request: whole, or as it arrives. */
export type RequestBody =
  | Uint8Array<ArrayBuffer>
  | ReadableStream<Uint8Array<ArrayBuffer>>
  | null;

/** A whole request, ready for a handler. */
export interface HttpRequest extends RequestHead {
  /** `null` where the message has none. */
  readonly body: RequestBody;
  /** Who sent it: an IP address, a space, a port. */
  readonly peer: string;
}

/**
 * What makes a file the same file with the same content, as far as the file
 * system tells: compared between the moment its fields were computed and the
 * moment it is sent.
 */
export interface FileIdentity {
  readonly dev: number;
  /** The inode, 0 where there is none. */
  readonly ino: number;
  readonly size: number;
  /** When its content was last changed, in milliseconds since the epoch. */
  readonly mtimeMs: number;
  /** The same of its inode, which cannot be set back; 0 where there is none. */
  readonly ctimeMs: number;
}

/** A part of a file, which is read when it is written to the connection. */
export interface FileSlice {
  readonly kind: "file";
  /** The real path: no link is left in it. */
  readonly path: string;
  /** What the file must still be when it is opened. */
  readonly identity: FileIdentity;
  readonly offset: number;
  readonly length: number;
}

/**
 * The body of a response. A `stream` is sent as messages of its own after the
 * response; its `length` is `null` where it is not known beforehand.
 */
export type ResponseBody =
  | { readonly kind: "none" }
  /** No body; a GET would have so many bytes, which the response to HEAD says. */
  | { readonly kind: "omitted"; readonly length: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** ASCII characters only: each is one byte, in any coding. */
  | { readonly kind: "ascii"; readonly text: string }
  | FileSlice
  | {
    readonly kind: "parts";
    readonly parts: readonly (Uint8Array<ArrayBuffer> | FileSlice)[];
  }
  | { readonly kind: "stream"; readonly length: number | null };

/** A response as a handler returns it. */
export interface HttpResponse {
  /** 200 to 599. */
  readonly status: number;
  /**
   * Field lines. Those that frame the message or concern the connection are added by
   * the writer, and dropped here.
   */
  readonly fields: Fields;
  /** The body of the response to a GET; the writer leaves it out for HEAD. */
  readonly body: ResponseBody;
}

/**
 * The value of the first field of that name, or `undefined`.
 *
 * @example
 * ```ts
 * import { fieldValue } from "./message.ts";
 *
 * fieldValue([["host", "localhost"]], "host"); // "localhost"
 * ```
 *
 * @param fields the fields of a request
 * @param name in lower case
 */
export function fieldValue(fields: Fields, name: string): string | undefined {
  for (const field of fields) if (field[0] === name) return field[1];
  return undefined;
}

/**
 * The values of all fields of that name, combined into one list in the order
 * received (RFC 9110 section 5.3), or `undefined` where there is none.
 *
 * @param fields the fields of a request
 * @param name in lower case
 */
export function fieldList(fields: Fields, name: string): string | undefined {
  let list: string | undefined;
  for (const field of fields) {
    if (field[0] === name) {
      list = list === undefined ? field[1] : `${list}, ${field[1]}`;
    }
  }
  return list;
}

/** A body as bytes, which structured clone can carry. */
export type BodyBytes = Uint8Array<ArrayBuffer>;

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether text is a token (RFC 9110 section 5.6.2): a method, the name of a field. */
export function isToken(text: string): boolean {
  return token.test(text);
}

/** The rest of a text, without optional white space around it (RFC 9110 section
 * 5.6.3). */
export function trimOws(text: string, from = 0): string {
  let start = from;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
