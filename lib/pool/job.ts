/**
 * A job of the pool: a request, how it came here and how it ends. Must not know
 * who decides which job is next.
 *
 * @module
 */

import type {
  BodySource,
  EncodedResponse,
  Exchange,
  ReceivedRequest,
  RequestBodySource,
  WireResponse,
} from "../http/exchange.ts";
import type { PackedBody } from "../messages/messages.ts";
import type { Risk, Route, RouteStats } from "./route_stats.ts";

/** How a job ended. */
export type JobResponse =
  | EncodedResponse
  | {
    readonly kind: "response";
    readonly status: number;
    /** With their CRLFs. */
    readonly fieldLines: string;
    readonly body: PackedBody;
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
export const notRun: JobResponse = { kind: "failure", status: 503, trace: "" };

/** Turns the way in which that job ended into what a connection writes. */
export type ToWireResponse = (
  outcome: JobResponse,
  job: Job,
) => WireResponse | Promise<WireResponse>;

/** What all jobs of a pool have in common. */
export interface JobContext {
  /** What jobs cost, or `null` where all cost the same. */
  readonly costs: RouteStats | null;
  /** Turns the way a job ended into what a connection writes. */
  readonly present: ToWireResponse;
}

/** Who has a job. */
export interface JobWorker {
  /** Nobody waits for that job any more. */
  abort(id: number): void;
  /** Its answer was handed over: whole, or not. */
  handedOver(id: number, whole: boolean): void;
}

/** A job, and the exchange that a connection has for it. */
export class Job implements Exchange {
  /** Unique in the process, and higher than of those that came before. */
  readonly id: number;
  /** What is to be answered. */
  readonly request: ReceivedRequest;
  /** Resolves with the answer. */
  readonly reply: Promise<WireResponse>;
  /** When it came. */
  readonly queuedAt: number;
  /** What its cost is learned by; `null` where jobs teach nothing. */
  readonly #route: Route | null;
  readonly #context: JobContext;
  #suspected = false;
  #resolve!: (reply: WireResponse | Promise<WireResponse>) => void;
  /** When it was given to a worker. */
  sentAt = 0;
  /** Whether its client has left. */
  aborted = false;
  /** Whether its handler wants to know what becomes of its answer. */
  watched = false;
  /** Whether it is over. */
  settled = false;
  /** Whether it was given out as one that may hold others up. */
  alone = false;
  /** Who has it; `null` while it is queued. */
  worker: JobWorker | null = null;
  /** The queue while it waits in one. */
  waitsIn: { abandoned(): void } | null = null;

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
    this.#route = context.costs?.route(routeOf(request)) ?? null;
    this.#context = context;
    this.reply = new Promise((resolve) => this.#resolve = resolve);
  }

  /** For the log: method and path. A query may hold what is nobody's business. */
  get title(): string {
    return `${this.request.head.method} ${pathOf(this.request)}`;
  }

  /** Its content, where that is streamed. */
  get upload(): RequestBodySource | null {
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

  /** What giving it out risks. */
  get risk(): Risk {
    return this.#route?.risk ?? "light";
  }

  /** It is given out as one that may hold others up. */
  goAlone(): void {
    this.alone = true;
    this.#route?.begin();
  }

  /** It was not begun, and waits again. */
  comeBack(): void {
    if (this.alone) this.#route?.takeBack();
    this.alone = false;
    this.worker = null;
  }

  /** Whether others of its route held others up a short while ago. */
  get wasCostly(): boolean {
    return this.#route?.wasCostly ?? false;
  }

  /** It is running, and others wait behind it. */
  markBlocking(): void {
    if (this.#suspected || this.settled) return;
    this.#suspected = true;
    this.#route?.markBlocking();
  }

  /** It had waited for something, and held others up afterwards. */
  stalled(): void {
    this.#route?.stalled();
  }

  /** It was run, and took so long, perhaps as one of the first of its thread. */
  learn(ms: number, cold: boolean): void {
    this.#route?.learn(ms, cold);
  }

  /** Ends it; only the first time counts. */
  settle(outcome: JobResponse): void {
    if (this.settled) return;
    this.settled = true;
    if (this.#suspected) this.#route?.clearBlocking();
    // A handler that reads what will never come fails, and nobody asks why.
    const expected = outcome.kind === "failure" && outcome.status === 500 &&
      this.aborted && this.upload !== null;
    this.#resolve(this.#context.present(expected ? notRun : outcome, this));
  }

  /** Its client has left. */
  abandon(): void {
    if (this.worker !== null) return this.worker.abort(this.id);
    this.settle(notRun);
    this.waitsIn?.abandoned();
    this.waitsIn = null;
  }

  /** Its answer was handed to the system whole, or it never will be. */
  handedOver(whole: boolean): void {
    if (this.watched) this.worker?.handedOver(this.id, whole);
  }
}

/** Of one path each method is a route. */
function routeOf(request: ReceivedRequest): string {
  const { method } = request.head;
  const path = pathOf(request);
  return method === "GET" ? path : `${method} ${path}`;
}

function pathOf({ head }: ReceivedRequest): string {
  const query = head.target.indexOf("?");
  return query < 0 ? head.target : head.target.slice(0, query);
}
