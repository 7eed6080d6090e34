/**
 * A job: a request on its way through the pool, from the queue to its end. It is the
 * one record that the main thread keeps of it. Must not know who decides which job is
 * next.
 *
 * ```text
 * queued -> given -> answered                   (the response is whole)
 *   |  ^      |  \-> streaming -> answered      (the response is a stream)
 *   |  +------+                                 (taken back before it was begun)
 *   +-> answered                                (503: nobody will run it)
 * ```
 *
 * `answered` comes once, whoever is first: the worker, the deadline, or the client that
 * leaves. Who writes what: the queue `queue`; the worker's `InFlight` all fields under
 * "in flight"; everything else only the methods here.
 *
 * @module
 */

import type {
  BodySource,
  EncodedResponse,
  Exchange,
  ReceivedRequest,
  RequestBodySource,
  UpgradeResponse,
  WireResponse,
} from "../http/exchange.ts";
import type { UpgradedBody } from "../http/message.ts";
import type { PackedBody } from "../messages/messages.ts";
import type { Route, RouteStats } from "./route_stats.ts";
import type { StreamReceiver } from "./stream_receiver.ts";

/** A response that is not encoded yet. */
export interface PlainResponse {
  readonly kind: "response";
  readonly status: number;
  /** With their CRLFs. */
  readonly fieldLines: string;
  readonly body: Exclude<PackedBody, UpgradedBody>;
  /** The stream, where the body is one. */
  readonly stream: BodySource | null;
}

/** A job that has no response. */
export interface FailedJob {
  readonly kind: "failure";
  /** 500: the handler failed; 503: it was not run; 504: it took too long. */
  readonly status: 500 | 503 | 504;
  /** For the log; empty where nothing went wrong but the time. */
  readonly trace: string;
}

/** How a job ended. */
export type JobResponse =
  | EncodedResponse
  | UpgradeResponse
  | PlainResponse
  | FailedJob;

/** The end of a job that was never begun. */
export const notRun: FailedJob = { kind: "failure", status: 503, trace: "" };

/** Turns the end of a job into what a connection writes; not called for a response
 * that is encoded already. */
export type ToWireResponse = (
  response: PlainResponse | FailedJob,
  job: Job,
) => WireResponse | Promise<WireResponse>;

/** What all jobs of a pool have in common. */
export interface JobContext {
  /** What routes cost, or `null` where all cost the same. */
  readonly routes: RouteStats | null;
  readonly toWireResponse: ToWireResponse;
}

/** The worker that has a job. */
export interface JobWorker {
  /** Its number. */
  readonly id: number;
  /** Nobody waits for that job any more. */
  abort(id: number): void;
  /** The response was handed to the system whole, or it never will be. */
  handedOver(id: number, whole: boolean): void;
}

/** A job, and the exchange that a connection has for it. */
export class Job implements Exchange {
  /** Unique in the process, and higher than those of earlier jobs. */
  readonly id: number;
  readonly request: ReceivedRequest;
  readonly response: Promise<WireResponse>;
  readonly queuedAt: number;
  /** `null` where costs are not learned. */
  readonly #route: Route | null;
  readonly #context: JobContext;
  #resolve!: (response: WireResponse | Promise<WireResponse>) => void;
  #answered = false;
  /** Whether it runs at this moment and holds others up. */
  #blocks = false;
  /** The queue, while the job waits in it. */
  queue: { abandoned(): void } | null = null;

  // In flight.
  holder: JobWorker | null = null;
  sentAt = 0;
  /** Whether it was given to its worker alone, as a heavy one. */
  alone = false;
  /** Whether it was known to be heavy then. */
  knownHeavy = false;
  clientLeft = false;
  /** Whether its handler asked for `handedOver`. */
  watched = false;
  /** Whether its body is being sent to the worker. */
  bodyOpen = false;
  /** The stream of its response, until its end. */
  stream: StreamReceiver | null = null;

  /** @param now when it came */
  constructor(
    id: number,
    request: ReceivedRequest,
    now: number,
    context: JobContext,
  ) {
    this.id = id;
    this.request = request;
    this.queuedAt = now;
    this.#route = context.routes?.route(routeOf(request)) ?? null;
    this.#context = context;
    this.response = new Promise((resolve) => this.#resolve = resolve);
  }

  /** Method and path, for the log. A query may hold secrets. */
  get title(): string {
    return `${this.request.head.method} ${pathOf(this.request)}`;
  }

  get worker(): number | null {
    return this.holder?.id ?? null;
  }

  /** Whether its response is decided. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Its body, where that is streamed. */
  get streamedBody(): RequestBodySource | null {
    const { body } = this.request;
    return body === null || body instanceof Uint8Array ? null : body;
  }

  /** The time since which the handler is what everybody waits for. While the body is
   * coming, that is the client. */
  busySince(now: number): number {
    const body = this.streamedBody;
    return body === null
      ? this.sentAt
      : Math.max(this.sentAt, body.busySince(now));
  }

  /** The class of a job: a heavy one may hold up others of its worker, so it goes out
   * alone. */
  get isHeavy(): boolean {
    return this.#route?.isHeavy ?? false;
  }

  /** Whether nothing is known of its route, and no job like it is being tried. */
  get isUntried(): boolean {
    return this.#route?.isUntried ?? false;
  }

  /** Whether a job of its route holds up a worker at this moment, or took very long
   * when it last ran. */
  get isBlocking(): boolean {
    return this.#route?.isBlocking ?? false;
  }

  /** Whether jobs of its route held others up a short while ago. */
  get wasHeavy(): boolean {
    return this.#route?.wasHeavy ?? false;
  }

  /** It is given out alone. */
  goAlone(): void {
    this.alone = true;
    this.#route?.begin();
  }

  /** It was not begun, and waits again. */
  comeBack(): void {
    if (this.alone) this.#route?.takeBack();
    this.alone = false;
    this.holder = null;
  }

  /** It is running, and others wait behind it. */
  markBlocking(): void {
    if (this.#blocks || this.#answered) return;
    this.#blocks = true;
    this.#route?.markBlocking();
  }

  /** It waited for something, and held others up afterwards. */
  stalled(): void {
    this.#route?.stalled();
  }

  /** It was run, and took so long, perhaps as one of the first of its thread. */
  learn(ms: number, cold: boolean): void {
    this.#route?.learn(ms, cold);
  }

  /** Ends it; only the first time counts. */
  answer(response: JobResponse): void {
    if (this.#answered) return;
    this.#answered = true;
    if (this.#blocks) this.#route?.clearBlocking();
    if (response.kind === "encoded" || response.kind === "upgrade") {
      return this.#resolve(response);
    }
    // A handler that reads a body that will never come fails, and that is no fault.
    const expected = response.kind === "failure" && response.status === 500 &&
      this.clientLeft && this.streamedBody !== null;
    this.#resolve(
      this.#context.toWireResponse(expected ? notRun : response, this),
    );
  }

  /** The client has left. */
  abandon(): void {
    if (this.holder !== null) return this.holder.abort(this.id);
    this.answer(notRun);
    this.queue?.abandoned();
    this.queue = null;
  }

  handedOver(whole: boolean): void {
    if (this.watched) this.holder?.handedOver(this.id, whole);
  }
}

/** Each method of a path is a route of its own, and so is its tunnel. */
function routeOf(request: ReceivedRequest): string {
  const { method } = request.head;
  const path = pathOf(request);
  if (request.upgradable) return `upgrade ${path}`;
  return method === "GET" ? path : `${method} ${path}`;
}

function pathOf({ head }: ReceivedRequest): string {
  const query = head.target.indexOf("?");
  return query < 0 ? head.target : head.target.slice(0, query);
}
