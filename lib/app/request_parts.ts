/**
 * The pieces of a `Request`, each made when it is asked for: its `Headers`, its
 * content for who reads that at once, and the runtime's own request for all the rest.
 * Must not know where requests come from.
 *
 * The three agree: the runtime's request has the same `Headers`, and its content is
 * read where it was read before. How the runtime keeps those is not documented; who
 * uses this tries it first.
 *
 * @module
 */

import type { Field, Fields, RequestBody } from "../http/message.ts";
import { listSlot, slotOf, type Slots } from "./deno_internals.ts";

/** What a request is made from. */
export interface RequestSource {
  /** Absolute and normalized. */
  readonly url: string;
  /** As it was sent. */
  readonly method: string;
  /** The field lines, names in lower case. */
  readonly fields: Fields;
  /** The content; `null` where the method has none. */
  readonly body: RequestBody;
  /** Made at the first look. */
  readonly signal: AbortSignal;
}

const sample = new Request("http://localhost/");
const innerSlot = slotOf(sample, "request");
/** Where a request keeps its `Headers`. */
export const headersSlot: symbol | undefined = slotOf(sample, "headers cache");

/** What was made of one source. */
export class RequestParts {
  /** What they are made of. */
  readonly source: RequestSource;
  #headers: Headers | null = null;
  #full: Request | null = null;
  #contentTaken = false;

  constructor(source: RequestSource) {
    this.source = source;
  }

  /** Its headers. */
  get headers(): Headers {
    return this.#headers ??= headersOf(this.source.fields);
  }

  /**
   * Its content, all of it; nobody can be given it again.
   *
   * @returns `null` where `full` has to be asked
   */
  takeContent(): Uint8Array<ArrayBuffer> | null {
    const { body } = this.source;
    if (this.#contentTaken || this.#full !== null) return null;
    if (!(body instanceof Uint8Array)) return null;
    this.#contentTaken = true;
    return body.length === body.buffer.byteLength ? body : body.slice();
  }

  /** The runtime's own request, without the signal: the one that follows another
   * costs 8 us, and has to be collected. */
  get full(): Request {
    return this.#full ??= this.#make();
  }

  #make(): Request {
    const { url, method, body } = this.source;
    const content = this.#contentTaken ? new Uint8Array() : body;
    const full = new Request(url, { method, body: content });
    const slots = full as unknown as Slots;
    slots[headersSlot!] = this.headers;
    (slots[innerSlot!] as { headerList: unknown }).headerList =
      (this.headers as unknown as Slots)[listSlot!];
    if (this.#contentTaken) full.bytes();
    return full;
  }
}

/** They need not be checked again: a tenth of the time. */
function headersOf(fields: Fields): Headers {
  const headers = new Headers();
  const list = (headers as unknown as Slots)[listSlot!] as [string, string][];
  for (const [name, value] of withOneCookie(fields)) list.push([name, value]);
  return headers;
}

/** Cookies that come in several fields, as what HTTP/2 was before a proxy may, are one
 * list with semicolons (RFC 9113 section 8.2.3). `Headers` would put commas between,
 * and a cookie may have those in it. */
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
