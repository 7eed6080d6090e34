/**
 * How a connection takes in the content of its requests: whole, or as a feed; with
 * the word to clients that wait for one, and the pace that they have to keep. Must
 * not know who answers.
 *
 * @module
 */

import { HttpError } from "../http/error.ts";
import type { Exchange, Refuse, WireResponse } from "../http/exchange.ts";
import type { Framing } from "../http/framing.ts";
import type { BodyBytes, RequestHead } from "../http/message.ts";
import type { Limits } from "../limits.ts";
import type { BodyReader } from "./body_reader.ts";
import type { ConnectionStatus } from "./connection_state.ts";
import type { ConnectionWriter } from "./connection_writer.ts";
import { StreamedBody } from "./request_body_source.ts";
import type { RequestReader } from "./request_reader.ts";

/** What an intake shares with others. */
export interface RequestBodyContext {
  /** Sizes and times. */
  readonly limits: Limits;
  /** Bytes of a streamed request body; past it the answer is 413. `null` where all
   * bodies come whole. */
  readonly maxStreamedBodyBytes: number | null;
  /** Asked before a body is waited for. */
  readonly refuse: Refuse;
  /** When the server's clock last ticked. */
  readonly clock: { readonly now: number };
}

/** The parts of a connection that an intake works on. */
export interface RequestBodyParts {
  /** Where content is read. */
  readonly reader: RequestReader;
  /** Where a client is told to go on. */
  readonly outlet: ConnectionWriter;
  /** Is moved on to the body. */
  readonly stage: ConnectionStatus;
}

/** What a client is told that is. */
export const tooSlow = "The content arrives too slowly.";

/** Takes in the content of one request after the other. */
export class RequestBodies {
  readonly #parts: RequestBodyParts;
  readonly #context: RequestBodyContext;
  /** Bytes that content may have. */
  readonly maxBodyBytes: number;
  readonly #maxWholeBytes: number;
  #content: BodyReader | null = null;
  #pace: BodyPace | null = null;
  /** What is streamed of the request that is being answered. */
  feed: StreamedBody | null = null;

  /**
   * Makes one.
   *
   * @param parts of its connection
   * @param context of all connections
   */
  constructor(parts: RequestBodyParts, context: RequestBodyContext) {
    this.#parts = parts;
    this.#context = context;
    const { maxBodyBytes, maxWholeBodyBytes } = context.limits;
    const { maxStreamedBodyBytes } = context;
    this.maxBodyBytes = maxStreamedBodyBytes ?? maxBodyBytes;
    this.#maxWholeBytes = maxStreamedBodyBytes === null
      ? maxBodyBytes
      : maxWholeBodyBytes;
  }

  /**
   * Takes in content: resolves when it is all here, or when it can be streamed.
   *
   * @param waits whether the client waits for a word before it sends any
   * @returns `null` where it was refused: it was answered, and that was all
   * @throws {HttpError} where it is broken or too large
   */
  async take(
    head: RequestHead,
    framing: Exclude<Framing, { kind: "none" }>,
    waits: boolean,
  ): Promise<BodyBytes | StreamedBody | null> {
    const { limits, clock } = this.#context;
    const { reader, stage } = this.#parts;
    const content = reader.openBody(framing, this.maxBodyBytes);
    this.#content = content;
    this.#pace = new BodyPace(limits, clock.now);
    if (waits && await this.#isRefused(head)) return null;
    if (this.#isLarge(content, waits)) return this.#open(content, waits);
    if (waits) await this.#invite();
    stage.enter("body", Infinity);
    return await content.whole(this.#maxWholeBytes) ??
      this.#open(content, false);
  }

  /** Says no to a client that waits for a word (RFC 9110 section 10.1.1). */
  async #isRefused(head: RequestHead): Promise<boolean> {
    const refusal = this.#context.refuse(head);
    if (refusal !== null) await this.#parts.outlet.refuse(refusal, head);
    return refusal !== null;
  }

  /** Known before a byte is read. A client that asks first, and does not say how
   * much it has, is not told to go on before somebody wants it. */
  #isLarge({ length }: BodyReader, waits: boolean): boolean {
    if (this.#context.maxStreamedBodyBytes === null) return false;
    return length === null ? waits : length > this.#maxWholeBytes;
  }

  #open(content: BodyReader, waits: boolean): StreamedBody {
    return this.feed = new StreamedBody({
      reader: content,
      windowBytes: this.#context.limits.streamWindowBytes,
      onWanted: async () => {
        if (waits) await this.#invite();
      },
    });
  }

  /** A client that has sent some already does not wait. */
  async #invite(): Promise<void> {
    if (!this.#parts.reader.hasBytes) await this.#parts.outlet.sendContinue();
  }

  /** The answer to its request. Where content that is streamed fails before there is
   * one, so does this; after that, an answer that is a stream is cut. */
  replyOf(exchange: Exchange): Promise<WireResponse> {
    const { feed } = this;
    if (feed === null) return exchange.reply;
    feed.onFail = () => exchange.abandon();
    return Promise.race([exchange.reply, feed.failed]);
  }

  /**
   * Whether it is over, or may be by the end of that answer: a handler that answers
   * with a stream may read on meanwhile, one that has answered with all it has will
   * not. The rest is not read for its own sake: RFC 9112 section 9.3 lets a server
   * close instead, and then it lingers.
   */
  mayBeOver(reply: WireResponse): boolean {
    return this.isOver || this.feed!.wanted && reply.kind === "open" &&
        reply.body !== null && "read" in reply.body;
  }

  /** Whether the bytes of the next request are those behind what was read. */
  get isOver(): boolean {
    return this.feed === null || this.feed.complete;
  }

  /** Whether content that was refused is still being read, or it is over. */
  async settled(): Promise<void> {
    await this.feed?.settled();
  }

  /** Looks at the pace of content that comes whole. */
  isLate(now: number): boolean {
    return this.#pace!.isLate(now, this.#content!.received);
  }

  /** Looks at the pace of content that is streamed; a feed that is too slow fails. */
  checkFeed(now: number): void {
    const { feed } = this;
    if (feed === null || feed.complete) return;
    if (this.#pace!.isLate(now, feed.received, feed.awaited)) {
      feed.fail(new HttpError(408, tooSlow));
    }
  }

  /** Its request is answered, or never will be. */
  end(why: string): void {
    this.feed?.cut(why);
  }

  /** Its request is over, and another may come. */
  clear(): void {
    this.#content = this.#pace = this.feed = null;
  }
}

/** The pace of one body. */
export class BodyPace {
  readonly #limits: Pick<Limits, "bodyGraceMs" | "minBodyBytesPerSecond">;
  #lookedAt: number;
  #received = 0;
  #patienceMs: number;

  /**
   * Begins now.
   *
   * @param limits the grace and the rate
   * @param now in milliseconds
   */
  constructor(
    limits: Pick<Limits, "bodyGraceMs" | "minBodyBytesPerSecond">,
    now: number,
  ) {
    this.#limits = limits;
    this.#lookedAt = now;
    this.#patienceMs = limits.bodyGraceMs;
  }

  /**
   * Looks at it; to be called every now and then.
   *
   * @param now in milliseconds
   * @param received bytes that have come so far
   * @param awaited whether the client is what everybody waits for
   * @returns whether it is too slow
   */
  isLate(now: number, received: number, awaited = true): boolean {
    const { bodyGraceMs, minBodyBytesPerSecond } = this.#limits;
    if (awaited) this.#patienceMs -= now - this.#lookedAt;
    this.#patienceMs = Math.min(
      bodyGraceMs,
      this.#patienceMs +
        (received - this.#received) / minBodyBytesPerSecond * 1000,
    );
    this.#lookedAt = now;
    this.#received = received;
    return this.#patienceMs < 0;
  }
}
