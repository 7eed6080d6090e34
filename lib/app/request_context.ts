/**
 * One request that an app responds to, and what the app may ask of it: the parts of its
 * `Request`, its signal, whether its response was handed over. Each is made when it is
 * asked for, since most apps look at the URL and the method only. Must not know the app
 * or the `Response`.
 *
 * @module
 */

import { HttpError } from "../http/error.ts";
import type {
  ClientListener,
  HandlerJob,
  RequestedTunnel,
} from "../http/handler.ts";
import type {
  ClientCertificate,
  Fields,
  HttpRequest,
  RequestBody,
} from "../http/message.ts";
import { natives } from "../natives.ts";
import type { AppInfo } from "./loader.ts";
import type { RequestSource } from "./request_parts.ts";
import { requestUrl } from "./request_url.ts";

// RFC 9110 section 9.1: methods are case-sensitive. `Request` refuses these three in
// any case, and would turn `get`, which is another method, into `GET`.
const forbiddenMethods = /^(?:CONNECT|TRACE|TRACK)$/i;
const normalizedMethods = /^(?:DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT)$/i;

function isRepresentable(method: string): boolean {
  return !forbiddenMethods.test(method) &&
    (method === method.toUpperCase() || !normalizedMethods.test(method));
}

/** `sent`: there is a response, to the last byte; `failed`: the client has left before
 * that, or its response could not be made. */
type State = "open" | "sent" | "failed";

/** A request and what becomes of it. */
export class RequestContext implements RequestSource, ClientListener {
  /** Absolute and normalized. */
  readonly url: string;
  readonly #request: HttpRequest;
  readonly #job: HandlerJob;
  #state: State = "open";
  #controller: AbortController | null = null;
  #completed: PromiseWithResolvers<void> | null = null;
  /** What is to be at this end of the tunnel, where the app wants one. */
  tunnel: RequestedTunnel | null = null;

  /** @throws {HttpError} where no `Request` can be made of it */
  constructor(request: HttpRequest, job: HandlerJob) {
    const { method } = request;
    if (method !== "GET" && !isRepresentable(method)) {
      throw new HttpError(501, `${method} is not implemented here.`);
    }
    this.#request = request;
    this.#job = job;
    this.url = requestUrl(
      request.authority,
      request.target,
      request.scheme,
    );
  }

  get method(): string {
    return this.#request.method;
  }

  get fields(): Fields {
    return this.#request.fields;
  }

  /** `Request` throws for a body of GET and HEAD, even an empty one. For all other
   * methods apps rely on a body. */
  get body(): RequestBody {
    const { method, body } = this.#request;
    if (method === "GET" || method === "HEAD") return null;
    return body ?? new Uint8Array();
  }

  /** Aborts when the client leaves before it has its response. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new natives.AbortController();
      if (this.#state === "failed") this.#controller.abort(clientLeft());
    }
    return this.#controller.signal;
  }

  get remoteAddr(): Deno.NetAddr {
    const [hostname, port] = this.#request.peer.split(" ");
    return { transport: "tcp", hostname, port: Number(port) };
  }

  get clientCertificate(): ClientCertificate | null {
    return this.#request.certificate ?? null;
  }

  /** Whether the connection can become a tunnel. */
  get upgradable(): boolean {
    return this.#request.upgradable ?? false;
  }

  /** Resolves when the response was handed to the system whole, and rejects where that
   * will not come about. An app that first asks when there is a response is told that
   * it was: nobody has watched it on its way. */
  get completed(): Promise<void> {
    if (this.#completed === null) {
      this.#completed = natives.Promise.withResolvers();
      // It is no unhandled rejection where the app does not listen.
      this.#completed.promise.catch(() => {});
      if (this.#state === "open") {
        this.#job.client = this;
        this.#job.watch();
      } else this.handedOver(this.#state === "sent");
    }
    return this.#completed.promise;
  }

  /** There is a response, to the last byte. */
  sent(): void {
    if (this.#state === "open") this.#state = "sent";
  }

  abort(): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#controller?.abort(clientLeft());
    this.handedOver(false);
  }

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
  return new natives.DOMException("The client has left", "AbortError");
}

/** The second argument of `fetch`; as getters, since few apps look. */
export class HandlerInfo implements AppInfo {
  readonly #context: RequestContext;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#context.remoteAddr;
  }

  get completed(): Promise<void> {
    return this.#context.completed;
  }

  get clientCertificate(): ClientCertificate | null {
    return this.#context.clientCertificate;
  }
}
