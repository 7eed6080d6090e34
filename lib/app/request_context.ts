/**
 * One request that an app answers, and what the app may ask of it later: its
 * `Request` and the pieces of it, its signal, whether its answer was handed over.
 * Each is made when it is asked for, since most apps look at the URL and the
 * method only. Must not know the app or the `Response`.
 *
 * @module
 */

import { requestUrl } from "./request_url.ts";
import type { AppInfo } from "./loader.ts";
import { HttpError } from "../http/error.ts";
import type { Fields, HttpRequest, RequestBody } from "../http/message.ts";
import type { RequestSource } from "./request_parts.ts";

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
export class RequestContext implements RequestSource {
  /** Absolute and normalized. */
  readonly url: string;
  /** The job's. */
  readonly id: number;
  readonly #request: HttpRequest;
  readonly #watch: (exchange: RequestContext) => void;
  #state: State = "open";
  #controller: AbortController | null = null;
  #completed: PromiseWithResolvers<void> | null = null;

  /**
   * Begins one.
   *
   * @param request what was asked
   * @param id the job's
   * @param watch asks for a call of `handedOver`
   * @throws {HttpError} where no `Request` can be made of it
   */
  constructor(
    request: HttpRequest,
    id: number,
    watch: (exchange: RequestContext) => void,
  ) {
    const { method } = request;
    if (method !== "GET" && !isRepresentable(method)) {
      throw new HttpError(501, `${method} is not implemented here.`);
    }
    this.#request = request;
    this.id = id;
    this.#watch = watch;
    this.url = requestUrl(request.authority, request.target);
  }

  /** As it was sent. */
  get method(): string {
    return this.#request.method;
  }

  /** As they were sent, names in lower case. */
  get fields(): Fields {
    return this.#request.fields;
  }

  /** Its content: `Request` throws for a body of these two, even an empty one. For all
   * others apps rely on there being one. */
  get body(): RequestBody {
    const { method, body } = this.#request;
    if (method === "GET" || method === "HEAD") return null;
    return body ?? new Uint8Array();
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

  /** Resolves when the answer was handed to the system whole, and rejects where
   * that will not come about. Whoever first asks when there is an answer is told
   * that it was: nobody has watched it on its way. */
  get completed(): Promise<void> {
    if (this.#completed === null) {
      this.#completed = Promise.withResolvers();
      // That nobody listens is no unhandled rejection.
      this.#completed.promise.catch(() => {});
      if (this.#state === "open") this.#watch(this);
      else this.handedOver(this.#state === "sent");
    }
    return this.#completed.promise;
  }

  /** There is an answer, to the last byte. */
  sent(): void {
    if (this.#state === "open") this.#state = "sent";
  }

  /** Its client has left, or its answer could not be made. */
  abort(): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#controller?.abort(clientLeft());
    this.handedOver(false);
  }

  /** The answer was handed over: whole, or not. */
  handedOver(whole: boolean): void {
    if (whole) this.#completed?.resolve();
    else {
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
export class HandlerInfo implements AppInfo {
  readonly #exchange: RequestContext;

  /** Makes one. */
  constructor(exchange: RequestContext) {
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
