/**
 * One request that an app answers, and what the app may ask of it later: its
 * `Request` and the pieces of it, its signal, whether its answer was handed over.
 * Each is made when it is asked for, since most apps look at the URL and the
 * method only. Must not know the app or the `Response`.
 *
 * @module
 */

import { requestUrl } from "./app_url.ts";
import type { AppInfo } from "./app_loader.ts";
import { HttpError } from "./http_error.ts";
import type { HttpRequest } from "./message.ts";

// RFC 9110 section 9.1: methods are case-sensitive. `Request` refuses these three
// however they are written, and would make `GET` of `get`, which is another one.
const forbiddenMethods = /^(?:CONNECT|TRACE|TRACK)$/i;
const normalizedMethods = /^(?:DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT)$/i;

function isRepresentable(method: string): boolean {
  return !forbiddenMethods.test(method) &&
    (method === method.toUpperCase() || !normalizedMethods.test(method));
}

/** Where an exchange stands. */
type State = "open" | "sent" | "failed";

/** A request and its future. */
export class AppExchange {
  /** Absolute and normalized. */
  readonly url: string;
  readonly #request: HttpRequest;
  #state: State = "open";
  #full: Request | null = null;
  #controller: AbortController | null = null;
  #completed: PromiseWithResolvers<void> | null = null;

  /**
   * Begins one.
   *
   * @throws {HttpError} where no `Request` can be made of it
   */
  constructor(request: HttpRequest) {
    const { method } = request;
    if (method !== "GET" && !isRepresentable(method)) {
      throw new HttpError(501, `${method} is not implemented here.`);
    }
    this.#request = request;
    this.url = requestUrl(request.authority, request.target);
  }

  /** As it was sent. */
  get method(): string {
    return this.#request.method;
  }

  /** The runtime's own `Request`, without a signal: the one that follows another
   * costs 8 us, and has to be collected. */
  get full(): Request {
    return this.#full ??= new Request(this.url, {
      method: this.method,
      headers: this.#request.fields as unknown as [string, string][],
      body: this.#body(),
    });
  }

  /** `Request` throws for a body of these two, even an empty one. */
  #body(): Uint8Array<ArrayBuffer> | null {
    const { method, body } = this.#request;
    return method === "GET" || method === "HEAD" ? null : body;
  }

  /** Aborts when the client leaves before it has its answer. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#state === "failed") this.#controller.abort(clientLeft());
    }
    return this.#controller.signal;
  }

  /** Who asks. */
  get remoteAddr(): Deno.NetAddr {
    const [hostname, port] = this.#request.peer.split(" ");
    return { transport: "tcp", hostname, port: Number(port) };
  }

  /** Settles with the exchange. */
  get completed(): Promise<void> {
    if (this.#completed === null) {
      this.#completed = Promise.withResolvers();
      // That nobody listens is no unhandled rejection.
      this.#completed.promise.catch(() => {});
      this.#settleCompleted();
    }
    return this.#completed.promise;
  }

  /** Its answer was handed over whole. */
  sent(): void {
    if (this.#state !== "open") return;
    this.#state = "sent";
    this.#settleCompleted();
  }

  /** Its client has left, or its answer could not be made. */
  abort(): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#controller?.abort(clientLeft());
    this.#settleCompleted();
  }

  #settleCompleted(): void {
    if (this.#state === "sent") this.#completed?.resolve();
    if (this.#state === "failed") {
      this.#completed?.reject(
        new Deno.errors.Interrupted("The response was not sent"),
      );
    }
  }
}

function clientLeft(): DOMException {
  return new DOMException("The client has left", "AbortError");
}

/** What `fetch` is told of an exchange; as getters, since few apps look. */
export class ExchangeInfo implements AppInfo {
  readonly #exchange: AppExchange;

  /** Makes one. */
  constructor(exchange: AppExchange) {
    this.#exchange = exchange;
  }

  /** Who asks. */
  get remoteAddr(): Deno.NetAddr {
    return this.#exchange.remoteAddr;
  }

  /** Settles with the exchange. */
  get completed(): Promise<void> {
    return this.#exchange.completed;
  }
}
