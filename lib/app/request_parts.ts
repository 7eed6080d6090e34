/**
 * The parts of a `Request`, each made when it is first used: its `Headers`, its body
 * for a handler that reads it whole, and the runtime's own request for everything else.
 * Must not know where requests come from.
 *
 * The parts agree: the runtime's request has the same `Headers`, and its body is used
 * where the body was read here. This depends on undocumented symbols of the runtime;
 * the caller tries it before it relies on it.
 *
 * @module
 */

import type { Field, Fields, RequestBody } from "../http/message.ts";
import { webNatives } from "./web_natives.ts";
import { listSlot, slotOf, type Slots } from "./deno_internals.ts";

/** What a `Request` is made from. */
export interface RequestSource {
  /** Absolute and normalized. */
  readonly url: string;
  readonly method: string;
  /** The field lines, names in lower case. */
  readonly fields: Fields;
  /** `null` where the method has no body. */
  readonly body: RequestBody;
  /** Made when it is first read. */
  readonly signal: AbortSignal;
}

const sample = new Request("http://localhost/");
const innerSlot = slotOf(sample, "request");
/** Where a request keeps its `Headers`. */
export const headersSlot: symbol | undefined = slotOf(sample, "headers cache");

export class RequestParts {
  readonly source: RequestSource;
  #headers: Headers | null = null;
  #full: Request | null = null;
  #bodyTaken = false;

  constructor(source: RequestSource) {
    this.source = source;
  }

  get headers(): Headers {
    return this.#headers ??= headersOf(this.source.fields);
  }

  /** The whole body, once; `null` where the body has to be read from `full`. */
  takeBody(): Uint8Array<ArrayBuffer> | null {
    const { body } = this.source;
    if (this.#bodyTaken || this.#full !== null) return null;
    if (!(body instanceof Uint8Array)) return null;
    this.#bodyTaken = true;
    return body.length === body.buffer.byteLength ? body : body.slice();
  }

  /** The runtime's own request, without the signal: a signal that follows another costs
   * 8 us, and work for the garbage collector. */
  get full(): Request {
    return this.#full ??= this.#make();
  }

  #make(): Request {
    const { url, method } = this.source;
    const body = this.#bodyTaken ? new Uint8Array() : this.source.body;
    const full = new webNatives.Request(url, { method, body });
    const slots = full as unknown as Slots;
    slots[headersSlot!] = this.headers;
    (slots[innerSlot!] as { headerList: unknown }).headerList =
      (this.headers as unknown as Slots)[listSlot!];
    if (this.#bodyTaken) full.bytes();
    return full;
  }
}

/** The fields are valid already. Without a second check this takes a tenth of the
 * time. */
function headersOf(fields: Fields): Headers {
  const headers = new webNatives.Headers();
  const list = (headers as unknown as Slots)[listSlot!] as [string, string][];
  for (const [name, value] of withOneCookie(fields)) list.push([name, value]);
  return headers;
}

/** Joins several Cookie fields with semicolons (RFC 9113 section 8.2.3). A proxy that
 * speaks HTTP/2 may send several. `Headers` would join them with commas, which a cookie
 * may contain. */
export function withOneCookie(fields: Fields): Fields {
  const isCookie = (field: Field) => field[0] === "cookie";
  const first = fields.findIndex(isCookie);
  if (first < 0 || !fields.slice(first + 1).some(isCookie)) return fields;
  const cookies = fields.filter(isCookie).map(([, value]) => value);
  return fields.flatMap((field, at): Field[] => {
    if (at === first) return [["cookie", cookies.join("; ")]];
    return isCookie(field) ? [] : [field];
  });
}
