/**
 * A `Request` that is made when something of it is asked for besides its URL, its
 * method, its fields, its content and its signal: those are all that most handlers
 * read, and the runtime's constructor takes 5 us, 13 us with a signal. Must not know
 * where requests come from.
 *
 * It is a `Request` in every way: its prototype's prototype is that of `Request`,
 * and whatever the runtime keeps in a real one under a symbol is looked up in the
 * real one, which is made then. So `new Request(request)`, `request.clone()`,
 * `fetch(request)` and a `Proxy` around it find what they look for. That the
 * runtime works like this is not documented; so it is tried once, and where one
 * thing is missing every request is a real one from the start.
 *
 * @module
 */

import {
  headersSlot,
  RequestParts,
  type RequestSource,
  withOneCookie,
} from "./request_parts.ts";
import type { Slots } from "./deno_internals.ts";

const partsKey = Symbol("request parts");

/** An object that has parts. Not under a private name: those are not found through a
 * `Proxy`, and what a real request keeps is. */
class LazyRequest {
  readonly [partsKey]: RequestParts;

  constructor(source: RequestSource) {
    this[partsKey] = new RequestParts(source);
  }

  get url(): string {
    return this[partsKey].source.url;
  }

  get method(): string {
    return this[partsKey].source.method;
  }

  get signal(): AbortSignal {
    return this[partsKey].source.signal;
  }

  get headers(): Headers {
    return this[partsKey].headers;
  }

  async text(): Promise<string> {
    const content = this[partsKey].takeContent();
    return content === null
      ? await this[partsKey].full.text()
      : decoder.decode(content);
  }

  async json(): Promise<unknown> {
    const content = this[partsKey].takeContent();
    return content === null
      ? await this[partsKey].full.json()
      : JSON.parse(decoder.decode(content));
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this[partsKey].takeContent() ?? await this[partsKey].full.bytes();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const content = this[partsKey].takeContent();
    return content === null
      ? await this[partsKey].full.arrayBuffer()
      : content.buffer;
  }
}

const decoder = new TextDecoder();

function standInForRequest(): void {
  const sample = new Request("http://localhost/");
  for (const slot of Object.getOwnPropertySymbols(sample)) {
    Object.defineProperty(
      LazyRequest.prototype,
      slot,
      describeSlot(slot, (sample as unknown as Slots)[slot]),
    );
  }
  Object.defineProperty(LazyRequest.prototype, "constructor", {
    value: Request,
  });
  // A loop over the keys of a request finds them.
  for (const key of Object.getOwnPropertyNames(LazyRequest.prototype)) {
    const enumerable = key !== "constructor";
    Object.defineProperty(LazyRequest.prototype, key, { enumerable });
  }
  Object.setPrototypeOf(LazyRequest.prototype, Request.prototype);
}

/** What the runtime finds in place of what it keeps in a real request. */
function describeSlot(slot: symbol, value: unknown): PropertyDescriptor {
  // The brand is its own value, and looked at by every method.
  if (value === slot) return { value };
  // A clone's signal follows this one.
  if (slot.description === "signalCache") {
    return {
      get(this: LazyRequest) {
        return this.signal;
      },
    };
  }
  const set = function (this: LazyRequest, value: unknown) {
    (this[partsKey].full as unknown as Slots)[slot] = value;
  };
  if (slot === headersSlot) {
    return {
      get(this: LazyRequest) {
        return this[partsKey].headers;
      },
      set,
    };
  }
  return {
    get(this: LazyRequest) {
      return (this[partsKey].full as unknown as Slots)[slot];
    },
    set,
  };
}

/** Whether the runtime takes one for a request, and finds everything in it. */
function standsIn(): boolean {
  const { signal, abort } = sampleSignal();
  const url = "http://localhost/path";
  const fields = [["name", "value"]] as const;
  const source = {
    url,
    method: "POST",
    fields,
    body: new Uint8Array(1),
    signal,
  };
  try {
    const lazy = lazyRequest(source);
    lazy.headers.set("other", lazy.headers.get("name")!);
    const copies = [lazy.clone(), new Request(lazy)];
    abort();
    const read = lazyRequest(source);
    read.text();
    return lazy instanceof Request && lazy.bodyUsed && read.bodyUsed &&
      copies.every((copy) =>
        copy.url === url && copy.method === "POST" && copy.body !== null &&
        copy.headers.get("other") === "value" && copy.signal.aborted
      );
  } catch {
    return false;
  }
}

function sampleSignal(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

function lazyRequest(source: RequestSource): Request {
  return new LazyRequest(source) as unknown as Request;
}

function realRequest(source: RequestSource): Request {
  const { url, method, fields, body, signal } = source;
  const headers = withOneCookie(fields) as unknown as [string, string][];
  return new Request(url, { method, headers, body, signal });
}

standInForRequest();

/** The `Request` that an app is given. */
export const webRequest: (source: RequestSource) => Request = standsIn()
  ? lazyRequest
  : realRequest;
