/**
 * Turns the `Response` of an app into plain data. A body in memory (text, bytes, JSON)
 * is taken at once; any other is read as a stream. Must not know requests, except their
 * method.
 *
 * @module
 */

import {
  type HandlerResponse,
  maxPackedContentBytes,
} from "../http/handler.ts";
import type {
  Field,
  Fields,
  HttpResponse,
  ResponseBody,
} from "../http/message.ts";
import { appMistake } from "./app_mistake.ts";
import { webNatives } from "./web_natives.ts";
import { listSlot, slotOf, type Slots } from "./deno_internals.ts";
import { readAhead } from "./response_stream.ts";

const encoder = new TextEncoder();

/**
 * Checks what `fetch` returned.
 *
 * @returns `null` for `undefined` and `null`
 * @throws {TypeError} where it is not a `Response`
 */
export function asResponse(returned: unknown): Response | null {
  if (returned === undefined || returned === null) return null;
  if (typeof returned !== "object" || !isResponse(returned)) {
    throw appMistake(
      `The app's fetch() must return a Response, not ${
        Deno.inspect(returned, { strAbbreviateSize: 100, depth: 1 })
      }`,
    );
  }
  return returned;
}

/** Also true for a `Response` of another realm or of a polyfill, by its properties. */
function isResponse(value: unknown): value is Response {
  if (value instanceof webNatives.Response) return true;
  const { status, headers, body } = value as Partial<Response>;
  return typeof status === "number" && headers instanceof webNatives.Headers &&
    body !== undefined;
}

/** Status and fields of a response, read once: in a subclass or a polyfill they may
 * change from one read to the next. */
interface Head {
  readonly status: number;
  readonly fields: Fields;
  /** The app's Content-Length. */
  readonly length: number | null;
}

/**
 * Converts a response whose body is in memory, or that has no body.
 *
 * @returns `null` for any other response
 * @throws {TypeError} where the response cannot be sent
 */
export function toPlain(
  response: Response,
  method: string,
): HttpResponse | null {
  const body = bodyInMemory(response);
  if (body === undefined) return null;
  const head = readHead(response);
  return withBody(
    head,
    typeof body === "string" ? textBody(body) : bytesBody(body),
    method,
  );
}

type PlainBody = Extract<ResponseBody, { kind: "bytes" | "ascii" }> | null;

function bytesBody(bytes: Uint8Array<ArrayBuffer> | null): PlainBody {
  return bytes === null ? null : { kind: "bytes", bytes };
}

// deno-lint-ignore no-control-regex
const ascii = /^[\x00-\x7f]*$/;

/** ASCII text is not encoded here, which saves 0.3 us a response. */
function textBody(text: string): PlainBody {
  return text.length <= maxPackedContentBytes && ascii.test(text)
    ? { kind: "ascii", text }
    : { kind: "bytes", bytes: encoder.encode(text) };
}

/**
 * Converts any response.
 *
 * @throws {TypeError} where the response cannot be sent
 * @throws whatever its stream throws
 */
export async function toHandled(
  response: Response,
  method: string,
): Promise<HandlerResponse> {
  const plain = toPlain(response, method);
  if (plain !== null) return { response: plain, stream: null };
  if (response.bodyUsed) {
    throw appMistake("The app's Response was already read or sent");
  }
  const head = readHead(response);
  if (response.body === null || head.status === 205) {
    return { response: withBody(head, null, method), stream: null };
  }
  const { bytes, rest } = await readAhead(response.body);
  if (rest === null) {
    return { response: withBody(head, bytesBody(bytes), method), stream: null };
  }
  const { status, fields, length } = head;
  return {
    response: { status, fields, body: { kind: "stream", length } },
    stream: rest,
  };
}

function withBody(
  { status, fields, length }: Head,
  plain: PlainBody,
  method: string,
): HttpResponse {
  // RFC 9110 section 15.3.6: a 205 response has no content.
  if (plain !== null && status !== 205) {
    return { status, fields, body: plain };
  }
  const body: ResponseBody = method === "HEAD" && length !== null
    ? { kind: "omitted", length }
    : { kind: "none" };
  return { status, fields, body };
}

function readHead(response: Response): Head {
  const { status } = response;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw appMistake(
      `The app's Response must have a status from 200 to 599, not ${
        Deno.inspect(status)
      }`,
    );
  }
  const decoded = isDecoded(response);
  const fields: Field[] = [];
  let length: number | null = null;
  for (const [name, value] of pairs(response.headers)) {
    if (isContentLength(name)) {
      if (!decoded && /^[0-9]{1,15}$/.test(value)) length = Number(value);
    } else if (!decoded || name.toLowerCase() !== "content-encoding") {
      fields.push([name, `${value}`]);
    }
  }
  return { status, fields, length };
}

function isContentLength(name: string): boolean {
  return name.length === 14 && name.toLowerCase() === "content-length";
}

/** A body in memory, as the runtime keeps it. */
interface StaticBody {
  readonly body: unknown;
  consumed: unknown;
}

const bodySlot = slotOf(Response.prototype, "body");
const responseSlot = slotOf(new Response(), "response");

/**
 * The body of a response where it is in memory; `null` where there is no body;
 * `undefined` where it is a stream, or where that is not known.
 *
 * `response.body` would make a stream, which takes 3.9 us more to read, and
 * `response.bytes()` 1.1 us more. The internals used here are not documented, so each
 * step is checked; where one fails, the body is read as a stream.
 */
function bodyInMemory(
  response: Response,
): string | Uint8Array<ArrayBuffer> | null | undefined {
  if (
    bodySlot === undefined ||
    Object.getPrototypeOf(response) !== webNatives.Response.prototype
  ) return undefined;
  const inner = (response as unknown as Slots)[bodySlot] as
    | { readonly streamOrStatic?: StaticBody }
    | null
    | undefined;
  if (inner === null) return null;
  const kept = inner?.streamOrStatic;
  if (typeof kept !== "object" || kept.consumed !== false) return;
  const { body } = kept;
  if (typeof body !== "string" && !isWhole(body)) return;
  // The same response cannot be sent twice.
  kept.consumed = true;
  return body;
}

/** A view of a part of a buffer would cross to the main thread with all of it. */
function isWhole(body: unknown): body is Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array &&
    body.length === body.buffer.byteLength;
}

/** Whether `fetch` has decoded the body of this response. It keeps Content-Encoding and
 * Content-Length, which describe the encoded body: an app that passes the response on
 * must not send them. */
function isDecoded(response: Response): boolean {
  const inner = responseSlot && (response as unknown as Slots)[responseSlot];
  return (inner as { bodyDecoded?: unknown } | undefined)?.bodyDecoded === true;
}

/** The fields as the app set them, names in its own spelling. Without the slot they are
 * in lower case and sorted, which takes 0.9 us more. */
function pairs(headers: Headers): Iterable<readonly [string, string]> {
  const list = listSlot && (headers as unknown as Slots)[listSlot];
  return Array.isArray(list) ? list : headers;
}
