/**
 * Checks and encodes the field lines of a response: CR, LF and NUL are refused. Pure;
 * runs in the workers, so that the main thread adds only the fields that concern the
 * connection. Must not know sockets or threads.
 *
 * @module
 */

import { type Field, type Fields, isToken } from "./message.ts";

/** A field that would break the message. */
export class UnsendableFieldError extends Error {
  constructor(what: string, text: string) {
    super(`Cannot send the field ${what} ${JSON.stringify(text)}`);
    this.name = "UnsendableFieldError";
  }
}

/** Fields that the server writes itself: they frame the message, concern the connection
 * (RFC 9110 section 7.6.1) or describe the server. */
const reservedFields = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "proxy-connection",
  "server",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** @param name in lower case */
export function isReservedField(name: string): boolean {
  return reservedFields.has(name);
}

// The values of these fields depend on the file and the request.
const fieldsOfFiles = new Set([
  "accept-ranges",
  "allow",
  "content-encoding",
  "content-range",
  "etag",
  "last-modified",
  "location",
]);

/**
 * Whether nobody else may set that field of a file.
 *
 * @param name in lower case
 */
export function isFieldOfFiles(name: string): boolean {
  return isReservedField(name) || fieldsOfFiles.has(name);
}

const fieldText = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Encodes field lines, each with its CRLF, without the reserved ones.
 *
 * @example
 * ```ts
 * import { encodeFieldLines } from "./response_fields.ts";
 *
 * encodeFieldLines([["ETag", '"1"']]); // 'ETag: "1"\r\n'
 * ```
 *
 * @throws {UnsendableFieldError} where a name is not a token, or a value has a
 * control character or a character that is not a byte
 */
export function encodeFieldLines(fields: Fields): string {
  let lines = "";
  for (const field of fields) lines += encodeFieldLine(field);
  if (lines.length > maxFieldLinesBytes) {
    throw new UnsendableFieldError(
      "lines, all together",
      `${lines.length} bytes`,
    );
  }
  return lines;
}

// Clients and proxies refuse heads of 8 to 256 KiB; an app that never stops adding
// cookies has made a mistake.
const maxFieldLinesBytes = 256 * 1024;

function encodeFieldLine([name, value]: Field): string {
  if (isReserved.get(name) ?? checkName(name)) return "";
  if (!fieldText.test(value)) throw new UnsendableFieldError("value", value);
  return `${name}: ${value}\r\n`;
}

/** Whether a name that was checked before is reserved. Handlers use few names, and
 * checking a name takes four times as long as looking it up. */
const isReserved = new Map<string, boolean>();
// A handler can make up new names all the time.
const maxNames = 256;

function checkName(name: string): boolean {
  if (!isToken(name)) throw new UnsendableFieldError("name", name);
  const reserved = isReservedField(name.toLowerCase());
  if (isReserved.size >= maxNames) isReserved.clear();
  isReserved.set(name, reserved);
  return reserved;
}

const remembered = new WeakMap<Fields, string>();

/**
 * Does the same for an array that is sent again and again, such as the fields of a
 * cached file: looking up its lines takes 50 ns. For any other array this is slower:
 * remembering takes 750 ns, encoding 100 ns.
 *
 * @throws {UnsendableFieldError} likewise
 */
export function encodeKnownFieldLines(fields: Fields): string {
  let lines = remembered.get(fields);
  if (lines === undefined) {
    // `+=` makes a tree of strings, which V8 walks each time the lines are sent: with
    // 1000 files a request took a fifth more time in a worker.
    lines = fields.map(encodeFieldLine).join("");
    remembered.set(fields, lines);
  }
  return lines;
}
