/**
 * Every message between the main thread and a worker, and the two words of shared
 * memory between them. Must not know policy: who sends what, when, is the pool's
 * and the worker's.
 *
 * Invariants. A worker has one *batch* unacknowledged at most; `batch-done` is
 * its acknowledgement. Each job of a batch is *claimed* before it is run: the
 * claim is a counter in shared memory that the worker raises from `i` to `i + 1`
 * before it runs the `i`-th job, so that the main thread can take back what was
 * not begun, from a worker that does not listen at that moment. Every claimed job
 * is answered once, in `early-answers`, in `batch-done` or later in `answers`, or
 * its worker is lost.
 * The chunks of a stream follow its answer, never more bytes than there is credit.
 * The pieces of a streamed request body follow its handler's credit, one each, and
 * then there is one end or one cut.
 *
 * @module
 */

import type { ResponseBody } from "../http/message.ts";
import type { StaticOptions } from "../files/static_options.ts";

/**
 * The jobs of a batch. Heads cross as text, for a tenth of what their fields cost;
 * the worker takes apart what a handler looks at.
 */
export interface Jobs {
  /** How many. */
  readonly count: number;
  /** For each job a line with its id, 1 or 0 for a client that would have its
   * connection go on or not, and its peer; the lines of its head; an empty line. */
  readonly text: string;
  /** Their contents, in their order; `null` where none has any. */
  readonly bodies: readonly JobBody[] | null;
}

/** The content of a job as it crosses; `"streamed"` where it follows in pieces. */
export type JobBody = Uint8Array<ArrayBuffer> | "streamed" | null;

/** The answers to jobs: most to the last byte, the others with their bodies. */
export interface PackedResponses {
  /** Five values an answer: the id, the status, the bytes of its head, where it
   * begins, and the bytes of all. */
  readonly encoded: readonly number[];
  /** Where those answers are. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** Four values an answer: the id, the status, the field lines as text, the body
   * (bytes are given as they are). */
  readonly open: readonly (number | string | PackedBody)[];
}

/** A body as it crosses. */
export type PackedBody =
  | Uint8Array<ArrayBuffer>
  | Exclude<ResponseBody, { readonly kind: "bytes" | "ascii" }>;

/** A job that has no answer. */
export interface JobFailure {
  /** The job's. */
  readonly id: number;
  /** 500: the handler failed; 504: it was stopped. */
  readonly status: 500 | 504;
  /** For the log: what happened, with its stack. */
  readonly trace: string;
}

/** What came of some jobs. */
export interface JobResponses {
  /** Of those that were answered. */
  readonly answers: PackedResponses;
  /** Of those that were not. */
  readonly failures: readonly JobFailure[];
}

/** What a worker is for; it is told once, at its boot. */
export interface WorkerConfig {
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
  /** The directory it serves: a real path. */
  readonly root: string;
  /** What its operator has chosen about it. */
  readonly site: StaticOptions;
  /** The URL of the app's module, or `null` where there is none. */
  readonly app: string | null;
  /** How long a handler may take, in milliseconds. */
  readonly handlerTimeoutMs: number;
  /** Bytes of a streamed response that may be ahead of the client. */
  readonly streamWindowBytes: number;
}

/** What a worker is told first, by the way in which any Web Worker is; all that
 * follows comes to its inbox, in one order. */
export interface InboxParts {
  /** The end that it reads. */
  readonly port: MessagePort;
  /** One Int32: whether it sleeps until a message wakes it. */
  readonly sleep: SharedArrayBuffer;
}

/** The value of that word while nobody need be woken. */
export const awake = 0;
/** And while the worker sleeps for the next message. */
export const asleep = 1;

/** A message to a worker as it crosses. `receiveMessageOnPort` goes through every
 * property of what it has received, in search of ports: through each byte of content,
 * at 37 ns. It does not look into a set. */
export type Wrapped = ReadonlySet<ToWorker>;

/** Makes one. */
export function wrapped(message: ToWorker): Wrapped {
  return new Set([message]);
}

/** What is in one. */
export function unwrapped(set: Wrapped): ToWorker {
  const [message] = set;
  return message;
}

/** From the main thread to a worker. */
export type ToWorker =
  | {
    readonly kind: "boot";
    readonly config: WorkerConfig;
    /** One Int32: how many jobs of the current batch are claimed. */
    readonly claims: SharedArrayBuffer;
  }
  | { readonly kind: "batch"; readonly jobs: Jobs }
  /** Nobody waits for that job's answer or stream any more. */
  | { readonly kind: "abort"; readonly id: number }
  /** So many bytes more of that job's stream may be sent. */
  | { readonly kind: "credit"; readonly id: number; readonly bytes: number }
  /** The next piece of that job's content. */
  | {
    readonly kind: "body-piece";
    readonly id: number;
    readonly bytes: Uint8Array<ArrayBuffer>;
  }
  /** That was the last one. */
  | { readonly kind: "body-end"; readonly id: number }
  /** The rest of that job's content will not come. */
  | { readonly kind: "body-cut"; readonly id: number; readonly why: string }
  /** What became of the answer to that job: the word that `watch` asked for. */
  | {
    readonly kind: "handed-over";
    readonly id: number;
    readonly whole: boolean;
  }
  /** To be answered at once: shows whether the worker's event loop turns. */
  | { readonly kind: "ping" };

/** From a worker to the main thread. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "boot-failed"; readonly reason: string }
  | {
    readonly kind: "batch-done";
    /** How long each claimed job took, in milliseconds, in their order; empty
     * where that teaches nothing. */
    readonly costs: readonly number[];
    /** How long the whole batch took, in milliseconds. */
    readonly busyMs: number;
    /** Bytes in use, where it was looked at. */
    readonly heapBytes: number | null;
  } & JobResponses
  /** Of the first jobs of the batch that is being run. */
  | { readonly kind: "early-answers" } & JobResponses
  /** Of jobs of earlier batches. */
  | { readonly kind: "answers" } & JobResponses
  | {
    readonly kind: "chunk";
    readonly id: number;
    readonly bytes: Uint8Array<ArrayBuffer>;
  }
  | { readonly kind: "end"; readonly id: number }
  /** The rest of that job's stream cannot be had. */
  | { readonly kind: "cut"; readonly id: number; readonly trace: string }
  /** So many pieces more of that job's content are wanted. */
  | {
    readonly kind: "body-credit";
    readonly id: number;
    readonly pieces: number;
  }
  /** The rest of that job's content is not wanted. */
  | { readonly kind: "body-cancel"; readonly id: number }
  /** Tell me what becomes of the answer to that job. */
  | { readonly kind: "watch"; readonly id: number }
  | { readonly kind: "pong" }
  /** An error that belongs to no job: for the log. */
  | { readonly kind: "fault"; readonly trace: string }
  /** Give me nothing more, and replace me. */
  | { readonly kind: "leaving"; readonly why: string }
  /** I do not know any more what I was given: what I owe is lost. */
  | { readonly kind: "broken"; readonly why: string };

/** What the claim counter is set to when nothing of a batch may be begun. */
export const claimsClosed = 0x7fffffff;
