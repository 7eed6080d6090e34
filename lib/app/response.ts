/**
 * From what an app answers to plain data. Content that is in memory (a text,
 * bytes, JSON) is taken at once; all other is read as a stream. Must not know
 * requests but their method.
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
import { listSlot, slotOf, type Slots } from "./deno_internals.ts";
import { readAhead } from "./response_stream.ts";

/**
 * Checks an answer.
 *
 * @returns the response, or `null` where there is none and nothing is wrong
 * @throws {TypeError} where it is no response
 */
export function asResponse(answer: unknown): Response | null {
  if (answer === undefined || answer === null) return null;
  if (typeof answer !== "object" || !isResponse(answer)) {
    throw new TypeError(
      `The app's fetch() returned no Response but ${Deno.inspect(answer)}`,
    );
  }
  return answer;
}

/** A `Response`, also one of another realm or of a polyfill, by its looks. */
function isResponse(value: unknown): value is Response {
  if (value instanceof Response) return true;
  const { status, headers, body } = value as Partial<Response>;
  return typeof status === "number" && headers instanceof Headers &&
    body !== undefined;
}

/** The parts of a response but for its content, read once: in a subclass, or in
 * what only looks like a response, they can be anything. */
interface Head {
  readonly status: number;
  readonly fields: Fields;
  /** What the app says its content's length is. */
  readonly length: number | null;
}

/**
 * A response whose content is in memory, or that has none.
 *
 * @returns `null` for any other
 * @throws {TypeError} where it cannot be sent
 */
export function toPlain(
  response: Response,
  method: string,
): HttpResponse | null {
  const content = knownContent(response);
  if (content === undefined) return null;
  const head = readHead(response);
  return withContent(
    head,
    typeof content === "string" ? textBody(content) : bytesBody(content),
    method,
  );
}

/** Such content, or none. */
type PlainBody = Extract<ResponseBody, { kind: "bytes" | "ascii" }> | null;

function bytesBody(bytes: Uint8Array<ArrayBuffer> | null): PlainBody {
  return bytes === null ? null : { kind: "bytes", bytes };
}

// deno-lint-ignore no-control-regex
const ascii = /^[\x00-\x7f]*$/;

/** Text that need not be encoded is not: 0.3 us less for an answer. */
function textBody(text: string): PlainBody {
  return text.length <= maxPackedContentBytes && ascii.test(text)
    ? { kind: "ascii", text }
    : { kind: "bytes", bytes: encoder.encode(text) };
}

/**
 * A response of any kind.
 *
 * @throws {TypeError} where it cannot be sent, and whatever its stream throws
 */
export async function toHandled(
  response: Response,
  method: string,
): Promise<HandlerResponse> {
  const plain = toPlain(response, method);
  if (plain !== null) return { response: plain, stream: null };
  if (response.bodyUsed) {
    throw new TypeError("The app's Response has been read already");
  }
  const head = readHead(response);
  if (response.body === null || head.status === 205) {
    return { response: withContent(head, null, method), stream: null };
  }
  const { bytes, rest } = await readAhead(response.body);
  if (rest === null) {
    return {
      response: withContent(head, bytesBody(bytes), method),
      stream: null,
    };
  }
  const { status, fields, length } = head;
  return {
    response: { status, fields, body: { kind: "stream", length } },
    stream: rest,
  };
}

const encoder = new TextEncoder();

function withContent(
  { status, fields, length }: Head,
  content: PlainBody,
  method: string,
): HttpResponse {
  // RFC 9110 section 15.3.6: 205 is followed by nothing.
  if (content !== null && status !== 205) {
    return { status, fields, body: content };
  }
  const body: ResponseBody = method === "HEAD" && length !== null
    ? { kind: "omitted", length }
    : { kind: "none" };
  return { status, fields, body };
}

function readHead(response: Response): Head {
  const { status } = response;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(
      `The app's Response has the status ${Deno.inspect(status)}`,
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

/** The static content of a response, as `deno serve` finds it too. */
interface StaticContent {
  readonly body: unknown;
  consumed: unknown;
}

const bodySlot = slotOf(Response.prototype, "body");
const responseSlot = slotOf(new Response(), "response");

/**
 * The content of a response that is in memory; `null` for none; `undefined` where
 * it has to be read, or where that cannot be told.
 *
 * Whoever asks for `body` is made a stream, and reading that takes 3.9 us more; the
 * runtime's `bytes()` would take 1.1. What it keeps is not documented, so that
 * each step is checked, and what does not look as expected is read.
 */
function knownContent(
  response: Response,
): string | Uint8Array<ArrayBuffer> | null | undefined {
  if (
    bodySlot === undefined ||
    Object.getPrototypeOf(response) !== Response.prototype
  ) return undefined;
  const inner = (response as unknown as Slots)[bodySlot] as
    | { readonly streamOrStatic?: StaticContent }
    | null
    | undefined;
  if (inner === null) return null;
  const content = inner?.streamOrStatic;
  if (typeof content !== "object" || content.consumed !== false) return;
  const { body } = content;
  if (typeof body !== "string" && !isWhole(body)) return;
  // It has been read now: a response cannot be answered twice.
  content.consumed = true;
  return body;
}

/** A view of a part of a larger buffer would cross with all of it. */
function isWhole(body: unknown): body is Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array &&
    body.length === body.buffer.byteLength;
}

/** `fetch` decodes content, and leaves the fields that say how it was encoded and
 * how long that was. An app that passes such a response on has to be sent
 * without them. */
function isDecoded(response: Response): boolean {
  const inner = responseSlot && (response as unknown as Slots)[responseSlot];
  return (inner as { bodyDecoded?: unknown } | undefined)?.bodyDecoded === true;
}

/** The fields as they were set, names as they are written; where they cannot be
 * had like that, in lower case and sorted, which takes 0.9 us more. */
function pairs(headers: Headers): Iterable<readonly [string, string]> {
  const list = listSlot && (headers as unknown as Slots)[listSlot];
  return Array.isArray(list) ? list : headers;
}
