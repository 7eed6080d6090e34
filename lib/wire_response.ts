/**
 * From the end of a job to what a connection writes: opens files, turns failures into
 * error pages, and tells the log. Responses that a worker has encoded do not come
 * here. Must not know sockets.
 *
 * @module
 */

import {
  type BodyPart,
  FileChangedError,
  openFileBody,
} from "./files/file_body.ts";
import { errorResponse } from "./http/error.ts";
import {
  type ReceivedRequest,
  type WireResponse,
  wireResponseOf,
} from "./http/exchange.ts";
import type { Field, HttpResponse } from "./http/message.ts";
import type {
  FailedJob,
  Job,
  PlainResponse,
  ToWireResponse,
} from "./pool/job.ts";

/** Receives one line (or a stack) for the operator. */
export type Log = (line: string) => void;

/** Runs a request once more. */
export type RunAgain = (request: ReceivedRequest) => Promise<WireResponse>;

/**
 * @param log hears of failed requests and of files that cannot be read
 * @param runAgain for a request whose file was replaced before it was opened
 */
export function toWireResponse(log: Log, runAgain: RunAgain): ToWireResponse {
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
      ? wireResponseOf(failureResponse(response, job, log))
      : openResponse(response, log, () => onChange(job));
}

// A file that is replaced in a loop exists all the time. Where it is replaced 2000 times a
// second, half of the tries come too late.
const maxTries = 40;

function openResponse(
  { status, fieldLines, body, stream }: PlainResponse,
  log: Log,
  onChange: () => Promise<WireResponse> | null,
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
    case "file":
      return fileResponse(status, fieldLines, [body], log, onChange);
    case "parts":
      return fileResponse(status, fieldLines, body.parts, log, onChange);
  }
}

const retryAfter: Field = ["Retry-After", "1"];

function failureResponse(
  { status, trace }: FailedJob,
  { title }: Job,
  log: Log,
): HttpResponse {
  switch (status) {
    case 500: {
      const id = crypto.randomUUID().slice(0, 8);
      log(`Request ${id} (${title}) failed: ${trace}`);
      return errorResponse(500, `The server made a mistake (${id}).`);
    }
    case 503:
      return errorResponse(503, "The server is busy.", [retryAfter]);
    case 504:
      log(`Request timed out: ${title}`);
      return errorResponse(504, "The server took too long over this.");
  }
}

async function fileResponse(
  status: number,
  fieldLines: string,
  parts: readonly BodyPart[],
  log: Log,
  onChange: () => Promise<WireResponse> | null,
): Promise<WireResponse> {
  try {
    const body = await openFileBody(parts, log);
    return { kind: "open", status, fieldLines, body };
  } catch (error) {
    const again = error instanceof FileChangedError ? onChange() : null;
    return await again ?? wireResponseOf(fileErrorResponse(error, log));
  }
}

/** What happened to a file between the look at it and its opening. */
function fileErrorResponse(error: unknown, log: Log): HttpResponse {
  if (error instanceof Deno.errors.NotFound) {
    return errorResponse(404, "It is gone.");
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return errorResponse(403, "The server may not read that.");
  }
  if (error instanceof FileChangedError) {
    return errorResponse(503, "That is being changed right now.", [retryAfter]);
  }
  log(`A file cannot be opened: ${(error as Error).message}`);
  return errorResponse(500, "The server cannot read that.");
}
