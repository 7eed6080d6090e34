/**
 * From the end of a job to what a connection writes: opens files, turns failures into
 * error pages, and tells the log. Responses that a worker has encoded do not come
 * here. Must not know sockets.
 *
 * @module
 */

import type { BodyPart } from "./files/file_body.ts";
import { busy, errorResponse } from "./http/error.ts";
import { formed } from "./http/error_forms.ts";
import {
  type EncodedResponse,
  type Exchange,
  type OpenResponse,
  type ReceivedRequest,
  type WireResponse,
  wireResponseOf,
} from "./http/exchange.ts";
import type {
  Archive,
  ErrorResponse,
  FormedResponse,
  HttpResponse,
  HttpVersion,
  RequestHead,
} from "./http/message.ts";
import { encodeKnownFieldLines } from "./http/response_fields.ts";
import {
  encodeResponseHead,
  frameBody,
  putLatin1,
} from "./http/response_head.ts";
import { forbidsBody } from "./http/status.ts";
import type {
  FailedJob,
  Job,
  PlainResponse,
  ToWireResponse,
} from "./pool/job.ts";

/** Receives one line (or a stack) for the operator. */
export type Log = (line: string) => void;

/** Runs a request once more. */
export type RunAgain = (
  request: ReceivedRequest,
) => WireResponse | Promise<WireResponse>;

/** What the ends of jobs have in common. */
export interface WireOptions {
  /** Hears of failed requests and of files that cannot be read. */
  readonly log: Log;
  /** For a request whose file was replaced before it was opened. */
  readonly runAgain: RunAgain;
  /** Whether the client is shown the error of a handler. */
  readonly showErrors: boolean;
}

/** Makes what a connection writes. */
export function toWireResponse(options: WireOptions): ToWireResponse {
  const { log, runAgain } = options;
  const tries = new WeakMap<ReceivedRequest, number>();
  const onChange = (job: Job) => {
    const { request } = job;
    const count = (tries.get(request) ?? 0) + 1;
    tries.set(request, count);
    return count < maxTries && job.streamedBody === null
      ? runAgain(request)
      : null;
  };
  return (response, job) =>
    response.kind === "failure"
      ? wireResponseOf(
        failureResponse(response, job, options),
        job.request.head,
      )
      : openResponse(response, job.request.head, log, () => onChange(job));
}

// A file that is replaced in a loop exists all the time. Where it is replaced 2000 times a
// second, half of the tries come too late.
const maxTries = 40;

function openResponse(
  { status, fieldLines, body, stream }: PlainResponse,
  head: RequestHead,
  log: Log,
  onChange: () => WireResponse | Promise<WireResponse> | null,
): WireResponse | Promise<WireResponse> {
  const open = { kind: "open", status, fieldLines } as const;
  if (body instanceof Uint8Array) return { ...open, body };
  switch (body.kind) {
    case "none":
      return { ...open, body: null };
    case "omitted":
      return { ...open, body };
    case "stream":
      return { ...open, body: stream };
    case "archive":
      return archiveResponse(open, body, log);
    case "file":
      return fileResponse(
        { status, fieldLines, parts: [body] },
        head,
        log,
        onChange,
      );
    case "parts":
      return fileResponse(
        { status, fieldLines, parts: body.parts },
        head,
        log,
        onChange,
      );
  }
}

function failureResponse(
  { status, trace }: FailedJob,
  { title }: Job,
  { log, showErrors }: WireOptions,
): ErrorResponse {
  switch (status) {
    case 500: {
      const number = newNumber();
      log(`Request ${number} (${title}) failed: ${trace}`);
      const text = `The server made a mistake (${number}).`;
      const details = { number, trace: showErrors ? trace : null };
      return errorResponse(500, text, [], details);
    }
    case 503:
      return errorResponse(...busy("The server is busy."));
    case 504: {
      const number = newNumber();
      log(`Request ${number} (${title}) timed out (see --timeout)`);
      const text = `The server took too long over this (${number}).`;
      return errorResponse(504, text, [], { number });
    }
  }
}

async function archiveResponse(
  open: Pick<OpenResponse, "kind" | "status" | "fieldLines">,
  { entries }: Archive,
  log: Log,
): Promise<WireResponse> {
  // Few servers send one.
  const { archiveBody } = await import("./files/archive_body.ts");
  return { ...open, body: archiveBody(entries, log) };
}

/** By which a client can ask for the line of the log that is about its request. */
function newNumber(): string {
  return crypto.randomUUID().slice(0, 8);
}

/** A response whose body is made of files. */
interface FilePlan {
  readonly status: number;
  readonly fieldLines: string;
  readonly parts: readonly BodyPart[];
}

/** With this module comes `node:fs`: 30 ms of every start, for what many servers never
 * send. */
let fileBodies: Promise<typeof import("./files/file_body.ts")> | null = null;

async function fileResponse(
  { status, fieldLines, parts }: FilePlan,
  head: RequestHead,
  log: Log,
  onChange: () => WireResponse | Promise<WireResponse> | null,
): Promise<WireResponse> {
  const { FileChangedError, openFileBody } = await (fileBodies ??= import(
    "./files/file_body.ts"
  ));
  try {
    const body = await openFileBody(parts, log);
    return { kind: "open", status, fieldLines, body };
  } catch (error) {
    const isChanged = error instanceof FileChangedError;
    const again = isChanged ? onChange() : null;
    return await again ??
      wireResponseOf(
        isChanged ? changing : fileErrorResponse(error, log),
        head,
      );
  }
}

const changing = errorResponse(...busy("That is being changed right now."));

/** What happened to a file between the look at it and its opening. */
function fileErrorResponse(error: unknown, log: Log): ErrorResponse {
  if (error instanceof Deno.errors.NotFound) {
    return errorResponse(404, "It is gone.");
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return errorResponse(403, "The server may not read that.");
  }
  log(`A file cannot be opened: ${(error as Error).message}`);
  return errorResponse(500, "The server cannot read that.");
}

/** Encodes responses that are made again and again: once in a second, for Date. */
export class HotEncoder {
  readonly #serverName: string | null;
  /** What most clients get: a GET of HTTP/1.1 whose connection goes on. */
  readonly #usual = new WeakMap<
    FormedResponse,
    { readonly second: number; readonly encoded: EncodedResponse }
  >();

  constructor(serverName: string | null) {
    this.#serverName = serverName;
  }

  /** A request that is responded to at once. */
  exchange(response: HttpResponse, request: ReceivedRequest): Exchange {
    return {
      response: this.#encode(formed(response, request.head), request),
      worker: null,
      abandon() {},
      handedOver() {},
    };
  }

  #encode(
    response: FormedResponse,
    { head: { method, version }, persistent }: ReceivedRequest,
  ): EncodedResponse {
    const isUsual = method === "GET" && version === "1.1" && persistent;
    if (!isUsual) {
      return encode(response, method, version, persistent, this.#serverName);
    }
    const second = Math.floor(Date.now() / 1000);
    const known = this.#usual.get(response);
    if (known?.second === second) return known.encoded;
    const encoded = encode(response, method, version, true, this.#serverName);
    this.#usual.set(response, { second, encoded });
    return encoded;
  }
}

function encode(
  { status, fields, body }: FormedResponse,
  method: string,
  version: HttpVersion,
  persistent: boolean,
  serverName: string | null,
): EncodedResponse {
  const content = body.kind === "bytes" ? body.bytes : null;
  const head = encodeResponseHead({
    ...{ status, version, persistent, serverName },
    fieldLines: encodeKnownFieldLines(fields),
    framing: frameBody(status, content?.length ?? 0, version),
  });
  const sent = method === "HEAD" || forbidsBody(status) ? null : content;
  const bytes = new Uint8Array(head.length + (sent?.length ?? 0));
  putLatin1(head, bytes);
  if (sent !== null) bytes.set(sent, head.length);
  return { kind: "encoded", status, headLength: head.length, bytes };
}
