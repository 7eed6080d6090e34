/**
 * The plain data that travels through the server: a request, a response, their
 * fields and bodies. All of it crosses between threads, so everything but a streamed
 * body survives a structured clone. Must not know Deno, classes or `Headers`.
 *
 * @module
 */

/**
 * One field line (RFC 9110 section 5): its name and its value. Each character is one
 * byte. Names in requests are in lower case; names in responses are written as given.
 */
export type Field = readonly [name: string, value: string];

/** Field lines in the order in which they were received or will be sent. */
export type Fields = readonly Field[];

/** The versions that this server supports (RFC 9112 section 2.3). */
export type HttpVersion = "1.0" | "1.1";

/** The request line and the fields of a request, parsed but not yet framed. */
export interface RequestHead {
  /** As sent: methods are case-sensitive (RFC 9110 section 9.1). */
  readonly method: string;
  /** In origin-form (`/path?query`), whatever form it arrived in, or `*` (RFC 9112
   * section 3.2). */
  readonly target: string;
  /** The host, with its port if there is one: from a target in absolute-form, else
   * from `Host`. Empty only for HTTP/1.0 without `Host`. */
  readonly authority: string;
  /** A later HTTP/1.x counts as 1.1. */
  readonly version: HttpVersion;
  /** The field lines, names in lower case. */
  readonly fields: Fields;
}

/** A body as bytes, which structured clone can carry. */
export type BodyBytes = Uint8Array<ArrayBuffer>;

/** The body of a request: whole, or as it arrives. `null` where it has no body. */
export type RequestBody = BodyBytes | ReadableStream<BodyBytes> | null;

/** A request as a handler receives it. */
export interface HttpRequest extends RequestHead {
  readonly body: RequestBody;
  /** The client: an IP address, a space, a port. */
  readonly peer: string;
  /** Of the URL that its client has asked for. */
  readonly scheme: "http" | "https";
  /** Whether the connection can become a tunnel. */
  readonly upgradable?: boolean;
  /** What the client has shown in the handshake; `null` for nothing. */
  readonly certificate?: ClientCertificate | null;
}

/** The certificate of a client, which an authority that counts has signed. */
export interface ClientCertificate {
  /** Such as `CN=Ann,O=Shop`. */
  readonly subject: string;
  /** Who has signed it, likewise. */
  readonly issuer: string;
  /** Other names: `email:ann@shop.example, DNS:laptop.example`; empty for none. */
  readonly subjectAltName: string;
  /** In hexadecimal digits. */
  readonly serialNumber: string;
  /** SHA-256 of the whole certificate: bytes in hexadecimal digits, with colons. */
  readonly fingerprint256: string;
  /** When it ends, as an ISO 8601 text. */
  readonly validTo: string;
}

/** Tells whether a file is still the same file with the same bytes, as far as the file
 * system knows. It is compared when the file is sent, with the identity that the file
 * had when its fields were computed. */
export interface FileIdentity {
  readonly dev: number;
  /** 0 where there are no inodes. */
  readonly ino: number;
  readonly size: number;
  /** In milliseconds since the epoch. */
  readonly mtimeMs: number;
  /** When its inode was last changed, which cannot be set back; 0 where there are no
   * inodes. */
  readonly ctimeMs: number;
}

/** A part of a file. It is read when it is written to the connection. */
export interface FileSlice {
  readonly kind: "file";
  /** The real path: it has no links. */
  readonly path: string;
  readonly identity: FileIdentity;
  readonly offset: number;
  readonly length: number;
}

/** A file or a folder of an archive. */
export interface ArchiveEntry {
  /** Its path in the archive; that of a folder ends in a slash. */
  readonly name: string;
  /** In milliseconds since the epoch. */
  readonly mtimeMs: number;
  /** The whole file; `null` for a folder. */
  readonly content: FileSlice | null;
}

/** Files as one ZIP archive. They are read when they are written to the connection. */
export interface Archive {
  readonly kind: "archive";
  readonly entries: readonly ArchiveEntry[];
}

/** There is no body: the connection is a tunnel from now on. */
export interface UpgradedBody {
  readonly kind: "tunnel";
  /** The name of the protocol, as in `Upgrade`. */
  readonly protocol: string;
  /** What the client is sent in the end, where the handler is lost. */
  readonly lastWords: BodyBytes;
}

/** The body of a response. A `stream` follows the response in messages of its own; its
 * `length` is `null` where it is not known beforehand. */
export type ResponseBody =
  | { readonly kind: "none" }
  | UpgradedBody
  /** The response to HEAD: no body, but the length that the response to GET has. */
  | { readonly kind: "omitted"; readonly length: number }
  | { readonly kind: "bytes"; readonly bytes: BodyBytes }
  /** ASCII only, so each character is one byte. */
  | { readonly kind: "ascii"; readonly text: string }
  | FileSlice
  | Archive
  | {
    readonly kind: "parts";
    readonly parts: readonly (BodyBytes | FileSlice)[];
  }
  | { readonly kind: "stream"; readonly length: number | null };

/** What an error response says. It becomes a body in the form that its client prefers
 * where that is known: on the way to the wire. */
export interface ErrorBody {
  readonly kind: "error";
  /** One sentence. The client sees it: it must not contain details of this machine. */
  readonly text: string;
  /** What the log calls the request, where it says something of it. */
  readonly number: string | null;
  /** The error itself, where clients may see it. */
  readonly trace: string | null;
}

/** A response as a handler returns it. */
export type HttpResponse = FormedResponse | ErrorResponse;

/** A response of which every byte is decided. */
export interface FormedResponse {
  /** 200 to 599. */
  readonly status: number;
  /** Those that frame the message or concern the connection are dropped here and
   * written by the server itself. */
  readonly fields: Fields;
  /** The body of the response to a GET; the writer leaves it out for HEAD. */
  readonly body: ResponseBody;
}

/** A response that tells of an error. */
export interface ErrorResponse {
  /** 300 to 599. */
  readonly status: number;
  /** Those of its body are added with its form. */
  readonly fields: Fields;
  readonly body: ErrorBody;
}

/**
 * The value of the first field of that name.
 *
 * @example
 * ```ts
 * import { fieldValue } from "./message.ts";
 *
 * fieldValue([["host", "localhost"]], "host"); // "localhost"
 * ```
 *
 * @param name in lower case
 */
export function fieldValue(fields: Fields, name: string): string | undefined {
  for (const field of fields) if (field[0] === name) return field[1];
  return undefined;
}

/**
 * The values of all fields of that name, as one list in the order received (RFC 9110
 * section 5.3).
 *
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

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 9110 section 5.6.2: methods and field names are tokens. */
export function isToken(text: string): boolean {
  return token.test(text);
}

/** The text after `from`, without the optional white space around it (RFC 9110 section
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
