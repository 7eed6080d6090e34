/**
 * A `Request` whose URL, method, fields, body and signal cost little. Most handlers use
 * nothing else, and the runtime's constructor takes 5 us, 13 us with a signal. The
 * runtime's own request is made only when something else is used. Must not know where
 * requests come from.
 *
 * The result passes as a `Request`: its prototype's prototype is `Request.prototype`,
 * and each symbol under which the runtime keeps something in a request is a property
 * that reads the runtime's own request. So `new Request(request)`, `request.clone()`,
 * `fetch(request)` and a `Proxy` of it work. This depends on internals that are not
 * documented. It is therefore tried once, when this module loads; where anything fails,
 * every request is a real one.
 *
 * @module
 */

import { webNatives } from "./web_natives.ts";
import type { Slots } from "./deno_internals.ts";
import {
  headersSlot,
  RequestParts,
  type RequestSource,
  withOneCookie,
} from "./request_parts.ts";

const partsKey = Symbol("request parts");

/** The key is not a private name: the parts have to be found through a `Proxy`, as what
 * a real request keeps is. */
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
    const body = this[partsKey].takeBody();
    return body === null
      ? await this[partsKey].full.text()
      : decoder.decode(body);
  }

  async json(): Promise<unknown> {
    const body = this[partsKey].takeBody();
    return body === null
      ? await this[partsKey].full.json()
      : JSON.parse(decoder.decode(body));
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this[partsKey].takeBody() ?? await this[partsKey].full.bytes();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const body = this[partsKey].takeBody();
    return body === null
      ? await this[partsKey].full.arrayBuffer()
      : body.buffer;
  }
}

const decoder = new TextDecoder();

/** Makes `LazyRequest` pass as a `Request`. */
function imitateRequest(): void {
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
  // A loop over the keys of a request finds them, as those of a real one.
  for (const key of Object.getOwnPropertyNames(LazyRequest.prototype)) {
    const enumerable = key !== "constructor";
    Object.defineProperty(LazyRequest.prototype, key, { enumerable });
  }
  Object.setPrototypeOf(LazyRequest.prototype, Request.prototype);
}

/** The property that stands for what the runtime keeps in a real request. */
function describeSlot(slot: symbol, value: unknown): PropertyDescriptor {
  // The brand: its value is the symbol itself, and every method checks it.
  if (value === slot) return { value };
  // The signal of a clone follows this one.
  if (slot.description === "signalCache") {
    return {
      get(this: LazyRequest) {
        return this.signal;
      },
    };
  }
  return {
    get(this: LazyRequest) {
      const parts = this[partsKey];
      return slot === headersSlot
        ? parts.headers
        : (parts.full as unknown as Slots)[slot];
    },
    set(this: LazyRequest, value: unknown) {
      (this[partsKey].full as unknown as Slots)[slot] = value;
    },
  };
}

/** Whether the runtime accepts a lazy request, and finds all parts of it. */
function imitationWorks(): boolean {
  const controller = new AbortController();
  const url = "http://localhost/path";
  const source = {
    url,
    method: "POST",
    fields: [["name", "value"]] as const,
    body: new Uint8Array(1),
    signal: controller.signal,
  };
  try {
    const lazy = lazyRequest(source);
    lazy.headers.set("other", lazy.headers.get("name")!);
    const copies = [lazy.clone(), new Request(lazy)];
    controller.abort();
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

/** What a request of an app was made from; `undefined` for any other. */
export function sourceOf(request: Request): RequestSource | undefined {
  const parts = (request as unknown as Partial<LazyRequest>)[partsKey];
  return parts?.source ?? sources.get(request);
}

/** Of requests that are real ones. */
const sources = new WeakMap<Request, RequestSource>();

function lazyRequest(source: RequestSource): Request {
  return new LazyRequest(source) as unknown as Request;
}

function realRequest(source: RequestSource): Request {
  const { url, method, fields, body, signal } = source;
  const headers = withOneCookie(fields) as unknown as [string, string][];
  const request = new webNatives.Request(url, {
    ...{ method, headers, body, signal },
  });
  sources.set(request, source);
  return request;
}

imitateRequest();

/** Makes the `Request` for an app. */
export const webRequest: (source: RequestSource) => Request = imitationWorks()
  ? lazyRequest
  : realRequest;
