/**
 * Inside a worker: an app as a handler of jobs. Must not know batches or the pool,
 * nor how a `Request` is made or a `Response` is read.
 *
 * @module
 */

import { errorResponse, HttpError } from "../http/error.ts";
import type {
  ChunkStream,
  HandlerResponse,
  JobHandler,
} from "../http/handler.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { IdMap } from "../id_map.ts";
import { webRequest } from "./lazy_request.ts";
import type { App } from "./loader.ts";
import { HandlerInfo, RequestContext } from "./request_context.ts";
import { asResponse, toHandled, toPlain } from "./response.ts";

/** What a host needs besides its app. */
export interface HostOptions {
  /** Answers what the app does not. */
  readonly fallback: (request: HttpRequest) => HttpResponse;
  /** Asks to be told when the answer to that job is handed over. */
  readonly watch: (id: number) => void;
}

/** Runs an app. */
export class AppHost implements JobHandler {
  readonly #app: App;
  readonly #options: HostOptions;
  /** Those whose client can still leave. */
  readonly #exchanges = new IdMap<RequestContext>();

  /** Those whose app asked what becomes of its answer. */
  readonly #watched = new Map<number, RequestContext>();

  /**
   * Makes one.
   *
   * @param app answers
   * @param options what it needs besides
   */
  constructor(app: App, options: HostOptions) {
    this.#app = app;
    this.#options = options;
  }

  readonly #watch = (exchange: RequestContext): void => {
    this.#watched.set(exchange.id, exchange);
    this.#options.watch(exchange.id);
  };

  /** Runs the app for one request. Throws and rejects with whatever it does. What
   * it answers at once, with content that is in memory, is returned at once: a
   * promise costs 0.5 us on its way. */
  handle(
    request: HttpRequest,
    id: number,
  ): HttpResponse | Promise<HandlerResponse> {
    let exchange: RequestContext;
    try {
      exchange = new RequestContext(request, id, this.#watch);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return errorResponse(error.status, error.message);
    }
    try {
      const answer = this.#app.fetch(
        webRequest(exchange),
        new HandlerInfo(exchange),
      );
      const plain = answer instanceof Response
        ? toPlain(answer, request.method)
        : null;
      if (plain === null) return this.#settle(answer, exchange, request, id);
      exchange.sent();
      return plain;
    } catch (error) {
      // A response of its own goes out, after all.
      exchange.sent();
      throw error;
    }
  }

  async #settle(
    answer: unknown,
    exchange: RequestContext,
    request: HttpRequest,
    id: number,
  ): Promise<HandlerResponse> {
    this.#exchanges.add(id, exchange);
    try {
      const response = asResponse(await answer);
      const handled = response === null
        ? { response: this.#options.fallback(request), stream: null }
        : await toHandled(response, request.method);
      if (handled.stream !== null) {
        return { ...handled, stream: watched(handled.stream, exchange) };
      }
      this.#close(id);
      return handled;
    } catch (error) {
      this.#close(id);
      throw error;
    }
  }

  /** There is an answer, be it a 500. */
  #close(id: number): void {
    this.#exchanges.take(id)?.sent();
  }

  /** The answer to that job was handed over: whole, or not. */
  handedOver(id: number, whole: boolean): void {
    this.#watched.get(id)?.handedOver(whole);
    this.#watched.delete(id);
  }

  /** Nobody waits for that answer, or reads its stream, any more. */
  abort(id: number): void {
    this.#exchanges.take(id)?.abort();
  }
}

/** A stream whose client can leave until its end. */
function watched(stream: ChunkStream, exchange: RequestContext): ChunkStream {
  return {
    async next() {
      const chunk = await stream.next();
      if (chunk === null) exchange.sent();
      return chunk;
    },
    cancel() {
      exchange.abort();
      stream.cancel();
    },
  };
}
