/**
 * One connection: its states, its deadlines, and the one place where an error
 * becomes an answer. Must not know the pool or files.
 *
 * ```text
 * idle -> head -> body -> waiting -> writing -> idle
 *   any of them -> lingering -> closed       (a refusal, or the last answer)
 *   any of them -> closed                    (the peer is gone, or is cut off)
 * ```
 *
 * One request is in flight at a time: the bytes of a pipelined one stay where
 * they are until the answer before it is written.
 *
 * @module
 */

import { HttpError } from "../http/error.ts";
import type { Dispatch, Exchange, WireResponse } from "../http/exchange.ts";
import {
  decideFraming,
  expectsContinue,
  isPersistent,
} from "../http/framing.ts";
import type { BodyBytes, RequestHead } from "../http/message.ts";
import type { ByteSource } from "./byte_reader.ts";
import { ConnectionClose } from "./connection_close.ts";
import { type ConnectionState, ConnectionStatus } from "./connection_state.ts";
import { ConnectionWriter, type WriterContext } from "./connection_writer.ts";
import type { HeadLines } from "./head_lines.ts";
import type { ReadScheduler } from "./read_scheduler.ts";
import {
  RequestBodies,
  type RequestBodyContext,
  tooSlow,
} from "./request_body.ts";
import type { StreamedBody } from "./request_body_source.ts";
import { PeerWatch, RequestReader } from "./request_reader.ts";
import type { Socket } from "./socket.ts";

/** What all connections of a server share. */
export interface ConnectionContext extends WriterContext, RequestBodyContext {
  /** Answers requests. */
  readonly dispatch: Dispatch;
  /** The line streams. */
  readonly lines: HeadLines;
  /** What reads go through. */
  readonly turns: ReadScheduler;
  /** When the server's clock last ticked, which is exact enough for deadlines and
   * read in no time: asking the runtime made 6 % of a request's cost. */
  readonly clock: { readonly now: number };
  /** Is told of bugs: an error that no peer can cause. */
  readonly onBug: (error: unknown) => void;
}

/** Serves the requests of one socket. */
export class Connection implements ByteSource {
  readonly #socket: Socket;
  readonly #peer: string;
  readonly #context: ConnectionContext;
  readonly #stage: ConnectionStatus;
  readonly #reader: RequestReader;
  readonly #outlet: ConnectionWriter;
  readonly #intake: RequestBodies;
  readonly #watch: PeerWatch;
  /** How it ends; a connection that is idle does without. */
  #farewell: ConnectionClose | null = null;
  #requests = 0;
  /** The request that is being read or answered, once its head is understood. */
  #head: RequestHead | null = null;
  #draining = false;
  #exchange: Exchange | null = null;

  /**
   * Makes one; `run` begins it.
   *
   * @param socket is this connection's alone
   * @param peer who is at the other end: an IP address, a space, a port
   * @param context what it shares with its server's others
   */
  constructor(socket: Socket, peer: string, context: ConnectionContext) {
    const { limits, lines, clock } = context;
    this.#socket = socket;
    this.#peer = peer;
    this.#context = context;
    // A client that connects wants something now; it gets what a head gets.
    this.#stage = new ConnectionStatus(clock, limits.headTimeoutMs);
    const stage = this.#stage;
    const reader = this.#reader = new RequestReader(this, lines, limits);
    const outlet = this.#outlet = new ConnectionWriter(socket, stage, context);
    this.#intake = new RequestBodies({ reader, outlet, stage }, context);
    this.#watch = new PeerWatch(reader);
  }

  /** Where it stands. */
  get state(): ConnectionState {
    return this.#stage.state;
  }

  /** Whether a request has begun to arrive that has no answer yet. */
  get owesAnswer(): boolean {
    return this.#stage.owesAnswer;
  }

  /** Reads from the socket when it is this connection's turn. */
  read(into: Uint8Array): Promise<number | null> {
    return this.#context.turns.read(this.#socket, into);
  }

  /** Serves until the connection ends, whoever ends it. Never rejects. */
  async run(): Promise<void> {
    try {
      await this.#serve();
    } catch (error) {
      await this.#fail(error);
    } finally {
      this.close();
    }
  }

  /** Answers 503 whatever is asked, and ends. Never rejects. */
  async turnAway(text: string): Promise<void> {
    await this.#fail(new HttpError(503, text, [["Retry-After", "1"]]));
    this.close();
  }

  async #fail(error: unknown): Promise<void> {
    if (this.state === "closed") return;
    const farewell = this.#takeLeave();
    await farewell.fail(error, this.#head).catch((error) =>
      farewell.report(error)
    );
  }

  #takeLeave(): ConnectionClose {
    const { limits, onBug } = this.#context;
    return this.#farewell ??= new ConnectionClose({
      socket: this.#socket,
      outlet: this.#outlet,
      pendingReads: async () => {
        await this.#intake.settled();
        return await this.#watch.over();
      },
      maxLingerBytes: limits.maxLingerBytes,
      onBug,
    });
  }

  async #serve(): Promise<void> {
    const { limits } = this.#context;
    while (this.#reader.hasBytes || await this.#watch.nextBytes() > 0) {
      this.#stage.enter("head", limits.headTimeoutMs);
      if (!await this.#serveOne()) return;
      this.#stage.enter("idle", this.#draining ? 0 : limits.idleTimeoutMs);
    }
  }

  /** In a frame of its own: that of the loop would keep a request, and all that hangs
   * on it, until the next one (at 1000 connections 13 full collections in 4 s, not 1).
   *
   * @returns whether the connection goes on */
  async #serveOne(): Promise<boolean> {
    const head = await this.#reader.readHead();
    if (head === null) return false;
    if (this.#farewell !== null) return await this.#linger();
    this.#head = head;
    this.#requests++;
    const framing = decideFraming(head, this.#intake.maxBodyBytes);
    const waits = expectsContinue(head);
    let body: BodyBytes | StreamedBody | null = null;
    if (framing.kind !== "none") {
      body = await this.#intake.take(head, framing, waits);
      if (body === null || this.#farewell !== null) return await this.#linger();
    }
    const persistent = isPersistent(head.version, head.fields);
    const exchange = this.#dispatch(head, body, persistent);
    const reply = await this.#intake.replyOf(exchange);
    const goesOn = await this.#send(reply, head, persistent);
    if (!this.#finish(exchange, goesOn)) return await this.#linger();
    this.#head = null;
    if (body !== null) this.#intake.clear();
    return true;
  }

  async #linger(): Promise<false> {
    await this.#takeLeave().linger();
    return false;
  }

  #dispatch(
    head: RequestHead,
    body: BodyBytes | StreamedBody | null,
    persistent: boolean,
  ): Exchange {
    // The pool has its own deadlines: this state ends by itself.
    this.#stage.enter("waiting", Infinity);
    const { text } = this.#reader;
    const peer = this.#peer;
    return this.#exchange = this.#context.dispatch(
      { head, text, body, peer, persistent },
    );
  }

  /** @returns whether the connection can go on */
  #send(
    reply: WireResponse,
    head: RequestHead,
    wished: boolean,
  ): Promise<boolean> {
    const persistent = wished && !this.#draining &&
      this.#requests < this.#context.limits.maxRequestsPerConnection &&
      this.#intake.mayBeOver(reply);
    return this.#outlet.send(reply, head, wished, persistent);
  }

  /** @returns whether the connection goes on */
  #finish(exchange: Exchange, canGoOn: boolean): boolean {
    const intake = this.#intake;
    this.#exchange = null;
    exchange.handedOver(true);
    intake.end("The request was answered before its content was read");
    return canGoOn && intake.isOver;
  }

  /** Looks at the deadline; called by the server's one clock. */
  sweep(now: number): void {
    switch (this.state) {
      case "idle":
      case "lingering":
        if (this.#stage.isOverdue(now)) this.close();
        break;
      case "head":
        if (this.#stage.isOverdue(now)) {
          this.#expire("The request took too long to arrive.");
        }
        break;
      case "body":
        if (this.#intake.isLate(now)) this.#expire(tooSlow);
        break;
      case "waiting":
        this.#intake.checkFeed(now);
        this.#watchPeer(now);
        break;
      case "writing":
        this.#intake.checkFeed(now);
        this.#watchPeer(now);
        if (this.#stage.isOverdue(now)) this.close();
        break;
    }
  }

  #expire(text: string): void {
    const error = new HttpError(408, text);
    this.#takeLeave().beginEarly(error, this.#head, () => this.close());
  }

  /** Hears of a client that leaves before its answer. The end of its input may be a
   * half-close only, so an answer is sent all the same; but its signal is aborted,
   * it is not begun if it waits still, and a stream is cut: one that is silent for
   * long would never be found out to have nobody at its other end. */
  #watchPeer(now: number): void {
    // An upload that is under way hears of it itself.
    if (this.#exchange === null || !this.#intake.isOver) return;
    if (now - this.#stage.since < this.#context.limits.watchAfterMs) return;
    this.#watch.begin(() => this.#exchange?.abandon());
  }

  /** Ends it with the request it is in; at once where it has none. A client that
   * was busy until now may have one under way to here, or unread: it has until the
   * sweep after next to arrive, and is answered. */
  drain(): void {
    this.#draining = true;
    if (this.state !== "idle") return;
    const { clock, limits } = this.#context;
    const idleMs = clock.now - this.#stage.since;
    if (this.#requests === 0 || idleMs > 2 * limits.sweepMs) this.close();
    else this.#stage.extend(limits.sweepMs);
  }

  /** Ends it now, whatever it does. */
  close(): void {
    if (this.state === "closed") return;
    this.#stage.enter("closed", Infinity);
    // In this order: a handler whose read fails finds its request aborted.
    this.#exchange?.abandon();
    this.#intake.end("Its client has left");
    this.#exchange?.handedOver(false);
    try {
      this.#socket.close();
    } catch {
      // The runtime closed it first.
    }
  }
}
