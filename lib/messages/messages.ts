/**
 * Every message between the main thread and a worker, and the two words of shared
 * memory between them. Must not know policy: who sends what, and when, is decided by
 * the pool and the worker.
 *
 * Invariants. A worker has at most one *batch* unacknowledged; `batch-done` is its
 * acknowledgement. Each job of a batch is *claimed* before it is run: the claim is a
 * counter in shared memory that the worker raises from `i` to `i + 1` before it runs
 * the `i`-th job, so that the main thread can take back what was not begun, from a
 * worker that does not listen at that moment. Every claimed job has one response, in
 * `early-responses`, in `batch-done` or later in `late-responses`, or its worker is
 * lost. The chunks of a stream follow its response, never more bytes than there is
 * credit. The pieces of a streamed request body follow the credit of its handler, one
 * each, and then there is one end or one cut.
 * A response may be a tunnel: the bytes of either side follow it, and each side tells
 * how many of the other's it has taken.
 *
 * @module
 */

import type { ArchiveBounds, HotFile, ToldRules } from "../files/file_store.ts";
import type { StaticOptions } from "../files/static_options.ts";
import type { BodyBytes, ResponseBody } from "../http/message.ts";
import type { SocketOptions } from "../websocket/socket_options.ts";
import type { TunnelTraffic, WorkerTraffic } from "./tunnel_traffic.ts";

/**
 * The jobs of a batch. Heads cross as text, for a tenth of what their fields cost;
 * the worker parses what a handler looks at.
 */
export interface Jobs {
  readonly count: number;
  /** For each job a line with its id, its flags and its peer, perhaps with its origin
   * (see `JobParts`); the lines of its head; an empty line. */
  readonly text: string;
  /** Their bodies, in their order; `null` where no job has one. */
  readonly bodies: readonly JobBody[] | null;
}

/** The body of a job as it crosses; `"streamed"` where it follows in pieces. */
export type JobBody = BodyBytes | "streamed" | null;

/** Responses as they cross: most encoded to the last byte. */
export interface PackedResponses {
  /** Five values each: the job's id, the status, the bytes of the head, where the
   * response begins in `bytes`, and its bytes in all. */
  readonly encoded: readonly number[];
  readonly bytes: BodyBytes | null;
  /** Four values each: the job's id, the status, the field lines as text, the body. */
  readonly open: readonly (number | string | PackedBody)[];
}

/** A response body as it crosses. */
export type PackedBody =
  | BodyBytes
  | Exclude<ResponseBody, { readonly kind: "bytes" | "ascii" }>;

/** A job that has no response. */
export interface JobFailure {
  readonly id: number;
  /** 500: the handler failed; 504: it was stopped. */
  readonly status: 500 | 504;
  /** What happened, with its stack, for the log. */
  readonly trace: string;
}

/** What some jobs led to. */
export interface JobResponses {
  readonly responses: PackedResponses;
  readonly failures: readonly JobFailure[];
}

/** What a worker is for; it receives this once, at its boot. */
export interface WorkerConfig {
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
  /** The directory that it serves, a real path; `null` where there is an app alone. */
  readonly root: string | null;
  readonly files: StaticOptions;
  readonly archiveBounds: ArchiveBounds;
  /** Whether the main thread hears of the files that are asked for again and again. */
  readonly reportsFiles: boolean;
  /** The URL of the app's module, or `null` where there is no app. */
  readonly app: string | null;
  /** The paths that the app is asked for, with GET and HEAD: all others are files.
   * `null` where it is asked for everything. */
  readonly appPaths: readonly string[] | null;
  /** Whether each request is a span of a trace. */
  readonly traces: boolean;
  readonly handlerTimeoutMs: number;
  /** Of the WebSockets of an app. */
  readonly sockets: SocketOptions;
  /** Bytes of a streamed response that may be ahead of the client. */
  readonly streamWindowBytes: number;
}

/** The first message to a worker, as any Web Worker receives it. All that follow come
 * to its inbox, in one order. */
export interface InboxParts {
  /** The end that the worker reads. */
  readonly port: MessagePort;
  /** One Int32: {@linkcode awake} or {@linkcode asleep}. */
  readonly sleep: SharedArrayBuffer;
}

/** The worker need not be woken. */
export const awake = 0;
/** The worker sleeps until a message wakes it. */
export const asleep = 1;

/** A message to a worker as it crosses. `receiveMessageOnPort` goes through every
 * property of what it has received, in search of ports: through each byte of a body,
 * at 37 ns. It does not look into a set. */
export type Wrapped = ReadonlySet<ToWorker>;

export function wrapped(message: ToWorker): Wrapped {
  return new Set([message]);
}

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
  /** Nobody waits for that job's response or stream any more. */
  | { readonly kind: "abort"; readonly id: number }
  /** Chunks of that job's stream that cost so much were read. */
  | {
    readonly kind: "stream-credit";
    readonly id: number;
    readonly cost: number;
  }
  | {
    readonly kind: "body-piece";
    readonly id: number;
    readonly bytes: BodyBytes;
  }
  | { readonly kind: "body-end"; readonly id: number }
  /** The rest of that job's body will not come. */
  | { readonly kind: "body-cut"; readonly id: number; readonly why: string }
  /** The response to a job that is watched was handed to the system whole, or it never
   * will be. */
  | {
    readonly kind: "handed-over";
    readonly id: number;
    readonly whole: boolean;
  }
  /** Whether the worker runs the task that it has claimed. */
  | {
    readonly kind: "task-claimed";
    readonly name: string;
    readonly minute: number;
    readonly granted: boolean;
  }
  /** What has happened on tunnels, in its order. */
  | { readonly kind: "tunnels"; readonly traffic: TunnelTraffic }
  /** To be answered at once: shows whether the worker's event loop turns. */
  | { readonly kind: "ping" };

/** What a worker tells that is about no job. */
export type News =
  /** What an app prints, on stdout or stderr. */
  | {
    readonly kind: "printed";
    readonly text: string;
    readonly isError: boolean;
  }
  /** A small file that is asked for again and again. */
  | { readonly kind: "hot-file"; readonly file: HotFile }
  /** A look at the rules of the site. */
  | { readonly kind: "site-rules"; readonly rules: ToldRules };

/** From a worker to the main thread. */
export type FromWorker =
  /** All modules of its app are there, and are run now. */
  | { readonly kind: "loaded" }
  | { readonly kind: "ready" }
  | { readonly kind: "boot-failed"; readonly reason: string }
  | {
    readonly kind: "batch-done";
    /** How long each claimed job took, in milliseconds, in their order; empty
     * where that teaches nothing. */
    readonly costs: readonly number[];
    /** How long the whole batch took, in milliseconds. */
    readonly busyMs: number;
    /** Bytes in use, where the worker has looked. */
    readonly heapBytes: number | null;
  } & JobResponses
  /** For the first jobs of the batch that is being run. */
  | { readonly kind: "early-responses" } & JobResponses
  /** For jobs of earlier batches. */
  | { readonly kind: "late-responses" } & JobResponses
  | {
    readonly kind: "stream-chunk";
    readonly id: number;
    readonly bytes: BodyBytes;
  }
  | { readonly kind: "stream-end"; readonly id: number }
  /** The rest of that job's stream cannot be had. */
  | { readonly kind: "stream-cut"; readonly id: number; readonly trace: string }
  /** The handler wants so many pieces more of that job's body. */
  | {
    readonly kind: "body-credit";
    readonly id: number;
    readonly pieces: number;
  }
  /** The handler does not want the rest of that job's body. */
  | { readonly kind: "body-cancel"; readonly id: number }
  /** Asks for a `handed-over` of that job. */
  | { readonly kind: "watch"; readonly id: number }
  /** What has happened on tunnels, in its order. */
  | { readonly kind: "tunnels"; readonly traffic: WorkerTraffic }
  | {
    readonly kind: "pong";
    /** Bytes in use. */
    readonly heapBytes: number;
  }
  /** A task of the app is due in that minute. */
  | {
    readonly kind: "claim-task";
    readonly name: string;
    readonly minute: number;
  }
  | News
  /** An error that belongs to no job, for the log. */
  | { readonly kind: "fault"; readonly trace: string }
  /** The worker wants no more jobs, and to be replaced. */
  | {
    readonly kind: "leaving";
    /** `stopped`: a handler computed for too long; `exit`: the app asked for it. */
    readonly reason: "stopped" | "exit";
    readonly why: string;
  }
  /** The worker has lost its batch: what it owes will have no response. */
  | { readonly kind: "broken"; readonly why: string };

/**
 * What a chunk counts for in the credit of its stream: a message costs about so much
 * memory besides its bytes, so that a window of one-byte chunks would be a quarter of a
 * million messages.
 */
export function chunkCost(bytes: number): number {
  return bytes + 512;
}

/** The value of the claim counter when nothing more of a batch may be begun. */
export const claimsClosed = 0x7fffffff;
