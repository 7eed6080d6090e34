/**
 * A runner of jobs with handlers that are the test's own. It runs in the test's thread: its
 * messages are cloned as on their way to another.
 */

import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import type { Handler } from "../../lib/http/handler.ts";
import { JobRunner, type RunnerOptions } from "../../lib/worker/job_runner.ts";
import type { HttpResponse } from "../../lib/http/message.ts";
import { parseRequestHead } from "../../lib/http/request_head.ts";
import type {
  FromWorker,
  Jobs,
  PackedResponses,
} from "../../lib/messages/messages.ts";
import { unpackResponses } from "../../lib/messages/responses.ts";
import { packJobs } from "../../lib/messages/jobs.ts";
import type { PendingJob } from "../../lib/worker/pending_jobs.ts";
import { textOf } from "./wire.ts";

/** What answers a request. */
export type Handle = Handler["handle"];

const encoder = new TextEncoder();

/** A response of that text. */
export function text(body: string): HttpResponse {
  return {
    status: 200,
    fields: [["X-Kind", "test"]],
    body: { kind: "bytes", bytes: encoder.encode(body) },
  };
}

/** A handler that answers once that has come about. */
export function answerAfter(event: Promise<void>): Handle {
  return async () => {
    await event;
    return { response: text(""), stream: null };
  };
}

/** A runner whose jobs' paths name what handles them. */
export class Bench {
  readonly claims = new Int32Array(new SharedArrayBuffer(4));
  readonly messages: FromWorker[] = [];
  readonly aborted: number[] = [];
  readonly runner: JobRunner;

  constructor(
    handlers: Record<string, Handle>,
    options: Partial<RunnerOptions> = {},
  ) {
    const handler: Handler = {
      handle: (request, job) => {
        const { id } = (job as PendingJob).job;
        job.client = {
          abort: () => this.aborted.push(id),
          handedOver: () => {},
        };
        return handlers[request.target](request, job);
      },
    };
    this.runner = new JobRunner({
      handler,
      post: (message) => this.messages.push(structuredClone(message)),
      claims: this.claims,
      serverName: null,
      timeoutMs: 250,
      streamWindowBytes: 10,
      nextBatch: () => null,
      nextTraffic: () => null,
      ...options,
    });
  }

  /** Runs those paths as one batch; their ids count from 1. As in a worker, in a
   * task of its own. */
  run(...paths: string[]): Promise<void> {
    return this.runFrom(1, ...paths);
  }

  /** The same with ids that count from that one. */
  async runFrom(firstId: number, ...paths: string[]): Promise<void> {
    const jobs = this.pack(firstId, ...paths);
    await new Promise<void>((resolve, reject) =>
      setImmediate(() => {
        try {
          this.runner.run(jobs);
          resolve();
        } catch (error) {
          reject(error);
        }
      })
    );
  }

  /** Those paths as a batch that is given to the runner now; their ids count from
   * that one. */
  pack(firstId: number, ...paths: string[]): Jobs {
    Atomics.store(this.claims, 0, 0);
    return packPaths(firstId, paths);
  }

  /** The one message of that kind. */
  only<Kind extends FromWorker["kind"]>(
    kind: Kind,
  ): Extract<FromWorker, { kind: Kind }> {
    const [message, ...others] = this.messages.filter((message) =>
      message.kind === kind
    );
    assertEquals(others, []);
    return message as Extract<FromWorker, { kind: Kind }>;
  }

  get kinds(): string[] {
    return this.messages.map((message) => message.kind);
  }
}

/** Requests for those paths, as they cross to a worker; their ids count from that one. */
export function packPaths(firstId: number, paths: readonly string[]): Jobs {
  return packJobs(paths.map((path, index) => {
    const text = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n`;
    const head = parseRequestHead(text.split("\r\n", 2));
    const request = {
      ...{ head, text, body: null, peer: "127.0.0.1 4321" },
      persistent: true,
      origin: null,
    };
    return { id: firstId + index, request };
  }));
}

/** The ids and statuses in a message. */
export function statuses(
  { responses, failures }: Extract<
    FromWorker,
    { kind: "batch-done" | "early-responses" | "late-responses" }
  >,
): Record<number, number> {
  const all: Record<number, number> = {};
  for (const { id, status } of read(responses)) all[id] = status;
  for (const { id, status } of failures) all[id] = status;
  return all;
}

/** An answer, its bytes without the line of its Date. */
export interface ReadAnswer {
  readonly id: number;
  readonly status: number;
  readonly wire: string;
}

/** The answers of a message. */
export function read(responses: PackedResponses): ReadAnswer[] {
  const all: ReadAnswer[] = [];
  unpackResponses(responses, {
    encoded: (id, status, _, bytes) => {
      const wire = textOf(bytes).replace(/Date: .*\r\n/, "");
      all.push({ id, status, wire });
    },
    open: (id, status, fieldLines) =>
      all.push({ id, status, wire: fieldLines }),
  });
  return all;
}
