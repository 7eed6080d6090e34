/**
 * How a batch of jobs crosses to a worker: packed, for a message costs by its number
 * of values. Must not know who sends what when.
 *
 * @module
 */

import type { ReceivedRequest } from "./dispatch.ts";
import type { JobBody, Jobs } from "./worker_protocol.ts";

/** A job on its way to a worker. */
export interface OutgoingJob {
  /** Unique in the process. */
  readonly id: number;
  /** What is to be answered. */
  readonly request: ReceivedRequest;
}

/** A job as a worker gets it. */
export interface IncomingJob {
  /** The same. */
  readonly id: number;
  /** Who sent it: an IP address, a space, a port. */
  readonly peer: string;
  /** The lines of its head. */
  readonly lines: readonly string[];
  /** Its content, or `null` where the message has none. */
  readonly body: JobBody;
}

/** Jobs as one message. */
export function packJobs(jobs: readonly OutgoingJob[]): Jobs {
  let text = "";
  let bodies: JobBody[] | null = null;
  for (const { id, request } of jobs) {
    text += `${id} ${request.peer}\r\n${request.text}\r\n`;
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
  const all = text.split("\r\n");
  const jobs: IncomingJob[] = [];
  let at = 0;
  while (jobs.length < count) {
    const first = all[at++];
    const end = all.indexOf("", at);
    const space = first.indexOf(" ");
    jobs.push({
      id: Number(first.slice(0, space)),
      peer: first.slice(space + 1),
      lines: all.slice(at, end),
      body: bodies === null ? null : bodies[jobs.length],
    });
    at = end + 1;
  }
  return jobs;
}
