/**
 * A `Request` that is made when something of it is asked for besides its URL, its
 * method and its signal: those are all that most handlers read, and the runtime's
 * constructor takes 5 us, 13 us with a signal. Must not know where requests come
 * from.
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

/** What a request is made from. */
export interface RequestSource {
  /** Absolute and normalized. */
  readonly url: string;
  /** As it was sent. */
  readonly method: string;
  /** Made at the first look. */
  readonly signal: AbortSignal;
  /** The runtime's own, without that signal; made at the first look. */
  readonly full: Request;
}

const sourceKey = Symbol("request source");

/** An object that has a source. Not under a private name: those are not found
 * through a `Proxy`, and what a real request keeps is. */
interface Sourced {
  readonly [sourceKey]: RequestSource;
}

class LazyRequest {
  readonly [sourceKey]: RequestSource;

  constructor(source: RequestSource) {
    this[sourceKey] = source;
  }

  get url(): string {
    return this[sourceKey].url;
  }

  get method(): string {
    return this[sourceKey].method;
  }

  get signal(): AbortSignal {
    return this[sourceKey].signal;
  }
}

type Slots = Record<symbol, unknown>;

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
  for (const key of ["url", "method", "signal"]) {
    Object.defineProperty(LazyRequest.prototype, key, { enumerable: true });
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
  return {
    get(this: LazyRequest) {
      return (this[sourceKey].full as unknown as Slots)[slot];
    },
    set(this: LazyRequest, value: unknown) {
      (this[sourceKey].full as unknown as Slots)[slot] = value;
    },
  };
}

/** Whether the runtime takes one for a request, and finds everything in it. */
function standsIn(): boolean {
  const { signal, abort } = sampleSignal();
  const init = { method: "POST", headers: { name: "value" }, body: "body" };
  const url = "http://localhost/path";
  const full = new Request(url, init);
  try {
    const lazy = lazyRequest({ url, method: "POST", signal, full });
    const copies = [lazy.clone(), new Request(lazy)];
    abort();
    return lazy instanceof Request && lazy.bodyUsed &&
      copies.every((copy) =>
        copy.url === url && copy.method === "POST" && copy.body !== null &&
        copy.headers.get("name") === "value" && copy.signal.aborted
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
  return new Request(source.full, { signal: source.signal });
}

standInForRequest();

/** The `Request` that an app is given. */
export const webRequest: (source: RequestSource) => Request = standsIn()
  ? lazyRequest
  : realRequest;
