/**
 * Inside a worker: an app, that is a module with `export default { fetch }`, as a
 * handler of jobs. Plain requests become the web's `Request`, its `Response`
 * becomes plain again. Must not know batches or the pool.
 *
 * @module
 */

import { errorResponse, HttpError } from "./http_error.ts";
import type { Handled, JobHandler } from "./job_runner.ts";
import type {
  Field,
  HttpRequest,
  HttpResponse,
  ResponseBody,
} from "./message.ts";
import type { ChunkStream } from "./stream_pump.ts";

/** What an app is told besides the request: the same as under `deno serve`. */
export interface AppInfo {
  /** Who asks. */
  readonly remoteAddr: Deno.NetAddr;
  /** Settles when the response has been handed over, or could not be. */
  readonly completed: Promise<void>;
}

/** The default export of an app's module. */
export interface App {
  /** Answers a request; with nothing, what ROOT has there is served. */
  fetch(request: Request, info: AppInfo): unknown;
}

/** The module has no such export, or its import failed. */
export class AppError extends Error {
  /**
   * Makes one.
   *
   * @param reason one sentence
   */
  constructor(reason: string) {
    super(reason);
    this.name = "AppError";
  }
}

/**
 * Imports an app.
 *
 * @param url of its module
 * @throws {AppError} where there is no app
 */
export async function loadApp(url: string): Promise<App> {
  let module: { default?: unknown };
  try {
    module = await import(url);
  } catch (error) {
    throw new AppError(
      `The app ${url} cannot be imported: ${
        (error as Error)?.message ?? error
      }`,
    );
  }
  const app = module.default as Partial<App> | null | undefined;
  if (typeof app?.fetch !== "function") {
    throw new AppError(
      `The app ${url} has no "export default { fetch(request) {} }"`,
    );
  }
  return app as App;
}

// RFC 9110 section 9.1: methods are case-sensitive. `Request` refuses these three
// however they are written, and would make `GET` of `get`, which is another one.
const forbiddenMethods = /^(?:CONNECT|TRACE|TRACK)$/i;
const normalizedMethods = /^(?:DELETE|GET|HEAD|OPTIONS|POST|PUT)$/i;

function isRepresentable(method: string): boolean {
  return !forbiddenMethods.test(method) &&
    (method === method.toUpperCase() || !normalizedMethods.test(method));
}

/** Runs an app. */
export class AppHost implements JobHandler {
  readonly #app: App;
  readonly #fallback: (request: HttpRequest) => HttpResponse;
  readonly #aborts = new Map<number, AbortController>();

  /**
   * Makes one.
   *
   * @param app answers
   * @param fallback answers what the app does not
   */
  constructor(app: App, fallback: (request: HttpRequest) => HttpResponse) {
    this.#app = app;
    this.#fallback = fallback;
  }

  /** Runs the app for one request. Throws and rejects with whatever it does. */
  handle(request: HttpRequest, id: number): HttpResponse | Promise<Handled> {
    const controller = new AbortController();
    let webRequest: Request;
    try {
      webRequest = toWebRequest(request, controller.signal);
    } catch (error) {
      if (error instanceof HttpError) {
        return errorResponse(error.status, error.message);
      }
      throw error;
    }
    const completed = Promise.withResolvers<void>();
    completed.promise.catch(() => {});
    const info: AppInfo = {
      remoteAddr: toNetAddr(request.peer),
      completed: completed.promise,
    };
    this.#aborts.set(id, controller);
    return this.#run(webRequest, request, id, info, completed);
  }

  async #run(
    webRequest: Request,
    request: HttpRequest,
    id: number,
    info: AppInfo,
    completed: PromiseWithResolvers<void>,
  ): Promise<Handled> {
    let streams = false;
    try {
      const answer = await this.#app.fetch(webRequest, info);
      if (answer === undefined || answer === null) {
        return { response: this.#fallback(request), stream: null };
      }
      const handled = await toHandled(answer, request.method);
      streams = handled.stream !== null;
      return handled;
    } catch (error) {
      completed.reject(error);
      throw error;
    } finally {
      completed.resolve();
      // A stream's client can still leave.
      if (!streams) this.#aborts.delete(id);
    }
  }

  /** Aborts `request.signal`. */
  abort(id: number): void {
    this.#aborts.get(id)?.abort(
      new DOMException("The client has left", "AbortError"),
    );
    this.#aborts.delete(id);
  }
}

function toNetAddr(peer: string): Deno.NetAddr {
  const [hostname, port] = peer.split(" ");
  return { transport: "tcp", hostname, port: Number(port) };
}

function toWebRequest(request: HttpRequest, signal: AbortSignal): Request {
  const { method, target, authority, body } = request;
  if (!isRepresentable(method)) {
    throw new HttpError(501, `${method} is not implemented here.`);
  }
  const path = target === "*" ? "/" : target;
  const url = `http://${authority || "localhost"}${path}`;
  // A host can be one by RFC 3986 and none by the URL standard (`1.2.3.4.5`).
  if (!URL.canParse(url)) throw new HttpError(400, "The Host is not a host.");
  // `Request` throws for a body of these two, even an empty one.
  const hasBody = body !== null && method !== "GET" && method !== "HEAD";
  return new Request(url, {
    method,
    headers: request.fields as unknown as [string, string][],
    body: hasBody ? body : null,
    signal,
  });
}

/** A `Response`, also one of another realm or of a polyfill, by its looks. */
function isResponse(value: unknown): value is Response {
  if (value instanceof Response) return true;
  const { status, headers, body } = value as Partial<Response>;
  return typeof status === "number" && headers instanceof Headers &&
    body !== undefined;
}

async function toHandled(answer: unknown, method: string): Promise<Handled> {
  if (typeof answer !== "object" || !isResponse(answer)) {
    throw new TypeError(
      `The app's fetch() returned no Response but ${Deno.inspect(answer)}`,
    );
  }
  if (answer.bodyUsed) {
    throw new TypeError("The app's Response has been read already");
  }
  // Read once: in a subclass, or in what only looks like one, it can be anything.
  const { status } = answer;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(
      `The app's Response has the status ${Deno.inspect(status)}`,
    );
  }
  const fields: Field[] = [];
  let length: number | null = null;
  for (const [name, value] of answer.headers) {
    if (name === "content-length" && /^[0-9]{1,15}$/.test(value)) {
      length = Number(value);
    }
    fields.push([name, `${value}`]);
  }
  // RFC 9110 section 15.3.6: 205 is followed by nothing.
  if (answer.body === null || status === 205) {
    const body: ResponseBody = method === "HEAD" && length !== null
      ? { kind: "omitted", length }
      : { kind: "none" };
    return { response: { status, fields, body }, stream: null };
  }
  return await readAhead(status, fields, length, answer.body);
}

// What is there at once beyond this is sent as a stream all the same.
const maxAheadBytes = 1024 * 1024;

/**
 * A body that is all there is sent as bytes, with its length; one that makes its
 * reader wait is a stream. So a text, or a stream that was full from the start,
 * costs one message, and an event goes out when it is made.
 */
async function readAhead(
  status: number,
  fields: Field[],
  length: number | null,
  body: ReadableStream<unknown>,
): Promise<Handled> {
  const reader = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  let waiting: Promise<ReadableStreamReadResult<unknown>> | null = null;
  while (size < maxAheadBytes) {
    waiting = reader.read();
    const next = await soon(waiting);
    if (next === null) break;
    if (next.done) {
      return {
        response: { status, fields, body: asBytes(chunks) },
        stream: null,
      };
    }
    const chunk = chunkBytes(next.value);
    chunks.push(chunk);
    size += chunk.length;
    waiting = null;
  }
  return {
    response: { status, fields, body: { kind: "stream", length } },
    stream: chunkStream(reader, chunks, waiting),
  };
}

// The stream of a text is read in 7; what has to wait for anything outside takes
// a turn of the event loop.
const soonTicks = 32;

/** What a promise resolves with, if it does so without waiting for anything. */
async function soon<T>(promise: Promise<T>): Promise<T | null> {
  let result: T | null = null;
  let settled = false;
  const done = promise.then((value) => {
    result = value;
    settled = true;
  }, () => settled = true);
  for (let tick = 0; tick < soonTicks && !settled; tick++) await null;
  // Its error is its reader's.
  return settled && result === null ? await done.then(() => promise) : result;
}

function asBytes(chunks: Uint8Array<ArrayBuffer>[]): ResponseBody {
  if (chunks.length === 1) return { kind: "bytes", bytes: chunks[0] };
  const bytes = new Uint8Array(
    chunks.reduce((size, chunk) => size + chunk.length, 0),
  );
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { kind: "bytes", bytes };
}

/** First what was read ahead, then the read that waits, then the rest. */
function chunkStream(
  reader: ReadableStreamDefaultReader<unknown>,
  ahead: Uint8Array<ArrayBuffer>[],
  waiting: Promise<ReadableStreamReadResult<unknown>> | null,
): ChunkStream {
  return {
    async next() {
      const chunk = ahead.shift();
      if (chunk !== undefined) return chunk;
      const read = waiting ?? reader.read();
      waiting = null;
      const { value, done } = await read;
      return done ? null : chunkBytes(value);
    },
    cancel() {
      reader.cancel("The client has left").catch(() => {});
    },
  };
}

/**
 * A chunk of a response body's stream.
 *
 * @throws {TypeError} where it is not bytes, as `fetch` would
 */
function chunkBytes(chunk: unknown): Uint8Array<ArrayBuffer> {
  if (!(chunk instanceof Uint8Array)) {
    throw new TypeError(
      "A response body's stream may hold bytes only (Uint8Array)",
    );
  }
  return withoutRest(chunk as Uint8Array<ArrayBuffer>);
}

/** A view of a part of a larger buffer would cross with all of it. */
function withoutRest(
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  return bytes.length < bytes.buffer.byteLength ? bytes.slice() : bytes;
}
