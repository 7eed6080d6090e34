/**
 * Inside a worker: an app as a handler. Must not know batches or the pool, nor how a
 * `Request` is made or a `Response` is read.
 *
 * @module
 */

import { errorResponse, HttpError } from "../http/error.ts";
import type {
  ChunkStream,
  Handler,
  HandlerJob,
  HandlerResponse,
  RequestedTunnel,
} from "../http/handler.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { appMistake } from "./app_mistake.ts";
import { webNatives } from "./web_natives.ts";
import { webRequest } from "./lazy_request.ts";
import type { App } from "./loader.ts";
import { HandlerInfo, RequestContext } from "./request_context.ts";
import { asResponse, toHandled, toPlain } from "./response.ts";

/** Responds from files. */
type Fallback = (
  request: HttpRequest,
) => HttpResponse | Promise<HandlerResponse>;

/** Runs an app. */
export class AppHost implements Handler {
  readonly #app: App;
  readonly #fallback: Fallback | null;

  /** @param fallback responds where `fetch` returns nothing; `null` where nobody does */
  constructor(app: App, fallback: Fallback | null) {
    this.#app = app;
    this.#fallback = fallback;
  }

  /** Runs the app for one request. Throws and rejects with whatever it does. A response
   * that is there at once, with a body in memory, is returned at once: a promise costs
   * 0.5 us on its way. */
  handle(
    request: HttpRequest,
    job: HandlerJob,
  ): HttpResponse | Promise<HandlerResponse> {
    let context: RequestContext;
    try {
      context = new RequestContext(request, job);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return errorResponse(error.status, error.message);
    }
    try {
      const returned = this.#app.fetch(
        webRequest(context),
        new HandlerInfo(context),
      );
      const plain = returned instanceof webNatives.Response &&
          context.tunnel === null
        ? toPlain(returned, request.method)
        : null;
      if (plain === null) return this.#settle(returned, context, request, job);
      context.sent();
      return plain;
    } catch (error) {
      // The client gets a response: the 500.
      context.sent();
      context.tunnel?.handler.closed();
      throw error;
    }
  }

  async #settle(
    returned: unknown,
    context: RequestContext,
    request: HttpRequest,
    job: HandlerJob,
  ): Promise<HandlerResponse> {
    // Until now the client could not have left: nothing was awaited.
    job.client = context;
    try {
      const response = asResponse(await returned);
      const { tunnel } = context;
      if (tunnel !== null && response?.status === 101) {
        context.sent();
        return switchTo(tunnel, response);
      }
      tunnel?.handler.closed();
      const handled = response === null
        ? await this.#fallBack(request)
        : await toHandled(response, request.method);
      if (handled.stream !== null) {
        return { ...handled, stream: watched(handled.stream, context) };
      }
      context.sent();
      return handled;
    } catch (error) {
      context.sent();
      context.tunnel?.handler.closed();
      throw error;
    }
  }

  async #fallBack(request: HttpRequest): Promise<HandlerResponse> {
    if (this.#fallback !== null) {
      const response = await this.#fallback(request);
      return "response" in response ? response : { response, stream: null };
    }
    throw appMistake(
      "fetch returned no Response, and without a ROOT there are no files to look for",
    );
  }
}

/** The response after which the connection is that tunnel. */
function switchTo(
  { handler, protocol, lastWords }: RequestedTunnel,
  { headers }: Response,
): HandlerResponse {
  return {
    response: {
      status: 101,
      fields: [...headers],
      body: { kind: "tunnel", protocol, lastWords },
    },
    stream: null,
    tunnel: handler,
  };
}

/** A stream whose client can leave until its end. */
function watched(stream: ChunkStream, context: RequestContext): ChunkStream {
  return {
    async next() {
      const chunk = await stream.next();
      if (chunk === null) context.sent();
      return chunk;
    },
    cancel() {
      context.abort();
      stream.cancel();
    },
  };
}
