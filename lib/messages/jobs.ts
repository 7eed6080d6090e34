/**
 * How a batch of jobs crosses to a worker: packed, for a message costs by its number
 * of values. Must not know who sends what when.
 *
 * @module
 */

import type { ReceivedRequest } from "../http/exchange.ts";
import { IncomingJob } from "./incoming_job.ts";
import type { JobBody, Jobs } from "./messages.ts";

/** A job on its way to a worker. */
export interface OutgoingJob {
  /** Unique in the process. */
  readonly id: number;
  /** What is to be answered. */
  readonly request: ReceivedRequest;
}

/** Jobs as one message. */
export function packJobs(jobs: readonly OutgoingJob[]): Jobs {
  let text = "";
  let bodies: JobBody[] | null = null;
  for (const { id, request } of jobs) {
    const { persistent, peer } = request;
    text += `${id} ${persistent ? 1 : 0} ${peer}\r\n${request.text}\r\n`;
    if (request.body !== null) bodies ??= [];
  }
  if (bodies !== null) {
    for (const { request } of jobs) bodies.push(crossing(request.body));
  }
  return { count: jobs.length, text, bodies };
}

function crossing(body: ReceivedRequest["body"]): JobBody {
  return body === null || body instanceof Uint8Array ? body : "streamed";
}

/** Jobs out of a message, in their order. */
export function unpackJobs({ count, text, bodies }: Jobs): IncomingJob[] {
  const jobs: IncomingJob[] = [];
  let at = 0;
  while (jobs.length < count) {
    const idEnd = text.indexOf(" ", at);
    const lineEnd = text.indexOf("\r\n", at);
    const end = text.indexOf("\r\n\r\n", lineEnd);
    jobs.push(
      new IncomingJob({
        id: Number(text.slice(at, idEnd)),
        persistent: text[idEnd + 1] === "1",
        peer: text.slice(idEnd + 3, lineEnd),
        text: text.slice(lineEnd + 2, end),
        content: bodies === null ? null : bodies[jobs.length],
      }),
    );
    at = end + 4;
  }
  return jobs;
}
