/**
 * The bodies of the requests of a connection: read whole, or handed on as a stream;
 * with `100 Continue` for clients that wait for it, and the rate that they have to
 * keep. Must not know who responds.
 *
 * @module
 */

import { HttpError, limitFlag } from "../http/error.ts";
import type { Exchange, Refuse, WireResponse } from "../http/exchange.ts";
import { type BodyLimit, type Framing, tooLarge } from "../http/framing.ts";
import type { BodyBytes, RequestHead } from "../http/message.ts";
import type { RequestBodyProgress } from "../http/persistence.ts";
import type { Limits } from "../limits.ts";
import type { BodyAccount, BodyBudget } from "./body_budget.ts";
import type { BodyReader } from "./body_reader.ts";
import type { ConnectionStatus } from "./connection_state.ts";
import type { ConnectionWriter } from "./connection_writer.ts";
import { StreamedBody } from "./request_body_source.ts";
import type { RequestReader } from "./request_reader.ts";

/** What all connections share. */
export interface RequestBodyContext {
  readonly limits: Limits;
  /** Bytes of a streamed request body; past it the response is 413. `null` where all
   * bodies are read whole. */
  readonly maxStreamedBodyBytes: number | null;
  /** That, or the limit of bodies that are read whole. */
  readonly bodyLimit: BodyLimit;
  /** Whether anything is done with bodies: files ignore them, and large ones are
   * refused. */
  readonly wantsBodies: boolean;
  /** Asked before a client is told to send its body. */
  readonly refuse: Refuse;
  /** The memory that all bodies share. */
  readonly bodyBudget: BodyBudget;
  /** When the server's clock last ticked. */
  readonly clock: { readonly now: number };
}

/** The parts of a connection that reading a body needs. */
export interface RequestBodyParts {
  readonly reader: RequestReader;
  readonly writer: ConnectionWriter;
  readonly status: ConnectionStatus;
}

/** How large a body may be, streamed or whole. */
export function bodyLimitOf(
  { maxStreamedBodyBytes, limits }: Pick<
    RequestBodyContext,
    "maxStreamedBodyBytes" | "limits"
  >,
): BodyLimit {
  return maxStreamedBodyBytes === null
    ? { bytes: limits.maxBodyBytes, flag: limitFlag("maxBodyBytes") }
    : { bytes: maxStreamedBodyBytes, flag: "--stream-body MIB" };
}

/** Text of the 408 for a slow body. */
export const tooSlow = "The content arrives too slowly.";

/** Reads the body of one request after the other. */
export class RequestBodies {
  readonly #parts: RequestBodyParts;
  readonly #context: RequestBodyContext;
  #reader: BodyReader | null = null;
  #rate: BodyRate | null = null;
  #memory: BodyAccount | null = null;
  /** The body of the request that is being responded to, where it is streamed. */
  #streamed: StreamedBody | null = null;

  constructor(parts: RequestBodyParts, context: RequestBodyContext) {
    this.#parts = parts;
    this.#context = context;
  }

  /**
   * Reads a body: resolves when it is all here, or when it can be streamed.
   *
   * @param peer who sends it
   * @param waits whether the client waits for `100 Continue`
   * @returns `null` where the request was refused; the refusal is written
   * @throws {HttpError} where the body is broken or too large
   */
  async read(
    head: RequestHead,
    peer: string,
    framing: Exclude<Framing, { kind: "none" }>,
    waits: boolean,
  ): Promise<BodyBytes | StreamedBody | null> {
    const { limits, clock, bodyLimit } = this.#context;
    const { reader, status } = this.#parts;
    const body = reader.openBody(framing, bodyLimit);
    this.#reader = body;
    this.#parts.writer.bodyOpened(body);
    // A large body that nobody wants is not read. A small one is: it costs less than
    // another connection.
    const isSmall = body.length !== null &&
      body.length <= limits.maxWholeBodyBytes;
    if ((waits || !isSmall) && await this.#isRefused(head, peer)) return null;
    this.#rate = new BodyRate(limits, clock.now);
    if (!isSmall && !this.#context.wantsBodies) {
      const flag = limitFlag("maxWholeBodyBytes");
      throw tooLarge({ bytes: limits.maxWholeBodyBytes, flag });
    }
    if (this.#isStreamed(body)) {
      const arrived = waits ? null : await body.arrived();
      return arrived ?? this.#stream(body, waits);
    }
    if (waits) await this.#invite();
    status.enter("body", Infinity);
    this.#memory ??= this.#context.bodyBudget.open();
    return await body.whole(this.#memory);
  }

  /** RFC 9110 section 10.1.1. */
  async #isRefused(head: RequestHead, peer: string): Promise<boolean> {
    const refusing = this.#context.refuse(head, peer);
    // Nobody waits for the client meanwhile.
    if (refusing instanceof Promise) {
      this.#parts.status.enter("waiting", Infinity);
    }
    const refusal = await refusing;
    if (refusal !== null) await this.#parts.writer.refuse(refusal, head);
    return refusal !== null;
  }

  /** A body whose length nobody says may be made while it is sent: an app that passes
   * it on passes it on as it comes. */
  #isStreamed({ length }: BodyReader): boolean {
    const { maxStreamedBodyBytes, limits } = this.#context;
    return maxStreamedBodyBytes !== null &&
      (length === null || length > limits.maxWholeBodyBytes);
  }

  #stream(reader: BodyReader, waits: boolean): StreamedBody {
    return this.#streamed = new StreamedBody({
      reader,
      windowBytes: this.#context.limits.streamWindowBytes,
      onWanted: async () => {
        if (waits) await this.#invite();
      },
    });
  }

  /** A client that has sent some of its body already does not wait. */
  async #invite(): Promise<void> {
    if (!this.#parts.reader.hasBytes) await this.#parts.writer.sendContinue();
  }

  /** The response to the request. Where a streamed body fails before there is one, so
   * does this; after that, a response that is a stream is cut. */
  responseOf(exchange: Exchange): WireResponse | Promise<WireResponse> {
    const body = this.#streamed;
    if (body === null) return exchange.response;
    body.onFail = () => exchange.abandon();
    return Promise.race([exchange.response, body.failed]);
  }

  /** Whether the bytes of the next request are those behind what was read. */
  get isComplete(): boolean {
    return this.#streamed === null || this.#streamed.complete;
  }

  /** How far the body is read while that response is written: a handler that responds
   * with a stream may read on meanwhile, others will not. */
  progressDuring(response: WireResponse): RequestBodyProgress {
    if (this.isComplete) return "complete";
    const streams = response.kind === "open" && response.body !== null &&
      "read" in response.body;
    return streams && this.#streamed!.wanted ? "reading" : "abandoned";
  }

  /** Resolves when no read of a body is pending. */
  async settled(): Promise<void> {
    await this.#streamed?.settled();
  }

  /** Whether a body that is read whole comes too slowly. One that waits for memory is
   * refused when it has waited for too long. */
  isLate(now: number): boolean {
    const memory = this.#memory!;
    memory.expire(now, this.#context.limits.queueTimeoutMs);
    return this.#rate!.isLate(now, this.#reader!.received, !memory.isWaiting);
  }

  /** Ends a streamed body that comes too slowly. */
  checkRate(now: number): void {
    const body = this.#streamed;
    if (body === null || body.complete) return;
    if (this.#rate!.isLate(now, body.received, body.awaited)) {
      body.fail(new HttpError(408, tooSlow));
    }
  }

  /** The request has its response, or never will have one. */
  end(why: string): void {
    this.#streamed?.cut(why);
  }

  /** The memory of a body is not needed any more. */
  release(): void {
    this.#memory?.release();
  }

  /** Another request may come. */
  clear(): void {
    this.release();
    this.#reader = this.#rate = this.#streamed = null;
  }
}

/**
 * Whether a body comes as fast as it has to.
 *
 * A client begins with an allowance of time (the grace) and uses it up while it is
 * waited for; each byte that it sends earns some of it back, at the minimum rate, up
 * to the grace. So it has to keep the rate in the long run, may pause for as long as
 * the grace, and cannot buy hours of silence with a fast start.
 */
export class BodyRate {
  readonly #limits: Pick<Limits, "bodyGraceMs" | "minBodyBytesPerSecond">;
  #lookedAt: number;
  #received = 0;
  #allowanceMs: number;

  /** @param now in milliseconds */
  constructor(
    limits: Pick<Limits, "bodyGraceMs" | "minBodyBytesPerSecond">,
    now: number,
  ) {
    this.#limits = limits;
    this.#lookedAt = now;
    this.#allowanceMs = limits.bodyGraceMs;
  }

  /**
   * To be called every now and then.
   *
   * @param now in milliseconds
   * @param received bytes that have come so far
   * @param awaited whether the client is what everybody waits for
   * @returns whether the body is too slow
   */
  isLate(now: number, received: number, awaited = true): boolean {
    const { bodyGraceMs, minBodyBytesPerSecond } = this.#limits;
    if (awaited) this.#allowanceMs -= now - this.#lookedAt;
    this.#allowanceMs = Math.min(
      bodyGraceMs,
      this.#allowanceMs +
        (received - this.#received) / minBodyBytesPerSecond * 1000,
    );
    this.#lookedAt = now;
    this.#received = received;
    return this.#allowanceMs < 0;
  }
}
