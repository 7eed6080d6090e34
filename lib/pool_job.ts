/**
 * A job of the pool: a request, how it came here and how it ends. Must not know
 * who decides which job is next.
 *
 * @module
 */

import type {
  BodySource,
  EncodedReply,
  Exchange,
  IncomingBody,
  ReceivedRequest,
  Reply,
} from "./dispatch.ts";
import type { JobCosts } from "./job_costs.ts";
import type { AnswerBody } from "./worker_protocol.ts";

/** How a job ended. */
export type Outcome =
  | EncodedReply
  | {
    readonly kind: "response";
    readonly status: number;
    /** With their CRLFs. */
    readonly fieldLines: string;
    readonly body: AnswerBody;
    /** Where the body is a stream: it. */
    readonly stream: BodySource | null;
  }
  | {
    readonly kind: "failure";
    /** 500: the handler failed; 503: it was not run; 504: it took too long. */
    readonly status: 500 | 503 | 504;
    /** For the log; empty where nothing went wrong but the time. */
    readonly trace: string;
  };

/** What became of a job that was never begun. */
export const notRun: Outcome = { kind: "failure", status: 503, trace: "" };

/** What all jobs of a pool have in common. */
export interface JobContext {
  /** What jobs cost, or `null` where all cost the same. */
  readonly costs: JobCosts | null;
  /** Turns the way a job ended into what a connection writes. */
  readonly present: (outcome: Outcome) => Reply | Promise<Reply>;
}

/** Who has a job. */
export interface JobWorker {
  /** Nobody waits for that job any more. */
  abort(id: number): void;
  /** Its answer was handed over: whole, or not. */
  handedOver(id: number, whole: boolean): void;
}

// A job that is expected to take longer goes out alone. Lower, a thread that was
// interrupted twice would look costly, and one message a job halves the throughput.
const costlyMs = 4;

/** A job, and the exchange that a connection has for it. */
export class PoolJob implements Exchange {
  /** Unique in the process. */
  readonly id: number;
  /** What is to be answered. */
  readonly request: ReceivedRequest;
  /** Resolves with the answer. */
  readonly reply: Promise<Reply>;
  /** When it came. */
  readonly queuedAt: number;
  /** What its cost is learned by; empty where jobs teach nothing. */
  readonly #route: string;
  readonly #context: JobContext;
  #resolve!: (reply: Reply | Promise<Reply>) => void;
  /** When it was given to a worker. */
  sentAt = 0;
  /** Whether its client has left. */
  aborted = false;
  /** Whether its handler wants to know what becomes of its answer. */
  watched = false;
  /** Whether it is over. */
  settled = false;
  /** Who has it; `null` while it is queued. */
  worker: JobWorker | null = null;

  /**
   * Makes one.
   *
   * @param id unique in the process
   * @param request what is to be answered
   * @param now when it came
   * @param context what it has in common with others
   */
  constructor(
    id: number,
    request: ReceivedRequest,
    now: number,
    context: JobContext,
  ) {
    this.id = id;
    this.request = request;
    this.queuedAt = now;
    this.#route = context.costs === null ? "" : routeOf(request);
    this.#context = context;
    this.reply = new Promise((resolve) => this.#resolve = resolve);
  }

  /** Its content, where that is streamed. */
  get upload(): IncomingBody | null {
    const { body } = this.request;
    return body === null || body instanceof Uint8Array ? null : body;
  }

  /** Since when its time runs: while content is coming it is the client's. */
  busySince(now: number): number {
    const { upload } = this;
    return upload === null
      ? this.sentAt
      : Math.max(this.sentAt, upload.busySince(now));
  }

  /** Whether it is expected to hold others up. */
  get costly(): boolean {
    const { costs } = this.#context;
    return costs !== null && costs.expect(this.#route) > costlyMs;
  }

  /** It was run, and took so long. */
  learn(ms: number): void {
    this.#context.costs?.learn(this.#route, ms);
  }

  /** Ends it; only the first time counts. */
  settle(outcome: Outcome): void {
    if (this.settled) return;
    this.settled = true;
    // A handler that reads what will never come fails, and nobody asks why.
    const expected = outcome.kind === "failure" && outcome.status === 500 &&
      this.aborted && this.upload !== null;
    this.#resolve(this.#context.present(expected ? notRun : outcome));
  }

  /** Its client has left. */
  abandon(): void {
    if (this.worker === null) this.settle(notRun);
    else this.worker.abort(this.id);
  }

  /** Its answer was handed to the system whole, or it never will be. */
  handedOver(whole: boolean): void {
    if (this.watched) this.worker?.handedOver(this.id, whole);
  }
}

function routeOf({ head }: ReceivedRequest): string {
  const query = head.target.indexOf("?");
  const path = query < 0 ? head.target : head.target.slice(0, query);
  return head.method === "GET" ? path : `${head.method} ${path}`;
}
