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

import type { ByteSource } from "./byte_reader.ts";
import {
  BodyCutError,
  type Dispatch,
  type Exchange,
  type Refuse,
} from "./dispatch.ts";
import { decideFraming, expectsContinue, isPersistent } from "./framing.ts";
import type { HeadLines } from "./head_lines.ts";
import { errorResponse, HttpError } from "./http_error.ts";
import type { RequestHead } from "./message.ts";
import { Outlet, type OutletContext } from "./outlet.ts";
import type { ReadTurns } from "./read_turns.ts";
import {
  type BodyBytes,
  IncompleteRequestError,
  RequestReader,
} from "./request_reader.ts";
import { discard, isPeerGone, type Socket } from "./socket.ts";
import { type ConnectionState, Stage } from "./stage.ts";

/** What all connections of a server share. */
export interface ConnectionContext extends OutletContext {
  /** Answers requests. */
  readonly dispatch: Dispatch;
  /** Asked before a body is waited for. */
  readonly refuse: Refuse;
  /** The line streams. */
  readonly lines: HeadLines;
  /** What reads go through. */
  readonly turns: ReadTurns;
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
  readonly #stage: Stage;
  readonly #reader: RequestReader;
  readonly #outlet: Outlet;
  #requests = 0;
  /** The request that is being read or answered, once its head is understood. */
  #head: RequestHead | null = null;
  #draining = false;
  /** A read that was begun while an answer was awaited; never a second one. */
  #watch: Promise<number> | null = null;
  #exchange: Exchange | null = null;
  /** The answer that a sweep is writing, where it found a deadline passed. */
  #farewell: Promise<void> | null = null;

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
    this.#stage = new Stage(clock, limits.headTimeoutMs);
    this.#outlet = new Outlet(socket, this.#stage, context);
    this.#reader = new RequestReader(this, lines, limits);
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
      await this.#fail(error).catch((error) => this.#report(error));
    } finally {
      this.close();
    }
  }

  /** Answers 503 whatever is asked, and ends. Never rejects. */
  async turnAway(text: string): Promise<void> {
    try {
      await this.#fail(new HttpError(503, text, [["Retry-After", "1"]]));
    } catch (error) {
      this.#report(error);
    } finally {
      this.close();
    }
  }

  async #serve(): Promise<void> {
    const { limits } = this.#context;
    while (this.#reader.hasBytes || await this.#nextBytes() > 0) {
      this.#stage.enter("head", limits.headTimeoutMs);
      const head = await this.#reader.readHead();
      if (head === null) return;
      if (this.#farewell !== null) return await this.#endFarewell();
      this.#head = head;
      this.#requests++;
      const framing = decideFraming(head, limits.maxBodyBytes);
      const waits = expectsContinue(head);
      let body: BodyBytes | null = null;
      if (framing.kind !== "none") {
        if (waits && !await this.#invite(head)) return await this.#linger();
        this.#stage.enter("body", limits.bodyGraceMs);
        body = await this.#reader.readBody(framing);
        if (this.#farewell !== null) return await this.#endFarewell();
      }
      if (!await this.#answer(head, body)) return await this.#linger();
      this.#head = null;
      this.#stage.enter("idle", this.#draining ? 0 : limits.idleTimeoutMs);
    }
  }

  #nextBytes(): Promise<number> {
    const watch = this.#watch ?? this.#reader.fill();
    this.#watch = null;
    return watch;
  }

  /** Says to a client that waits for a word whether its content is wanted (RFC
   * 9110 section 10.1.1).
   *
   * @returns whether it is
   */
  async #invite(head: RequestHead): Promise<boolean> {
    const refusal = this.#context.refuse(head);
    if (refusal !== null) {
      await this.#outlet.refuse(refusal, head);
      return false;
    }
    if (!this.#reader.hasBytes) await this.#outlet.sendContinue();
    return true;
  }

  /** @returns whether the connection goes on */
  async #answer(head: RequestHead, body: BodyBytes | null): Promise<boolean> {
    // The pool has its own deadlines: this state ends by itself.
    this.#stage.enter("waiting", Infinity);
    const { text } = this.#reader;
    const peer = this.#peer;
    this.#exchange = this.#context.dispatch({ head, text, body, peer });
    const reply = await this.#exchange.reply;
    const wished = isPersistent(head.version, head.fields);
    const persistent = wished && !this.#draining &&
      this.#requests < this.#context.limits.maxRequestsPerConnection;
    const goesOn = await this.#outlet.send(reply, head, wished, persistent);
    this.#exchange = null;
    return goesOn;
  }

  /** Turns an error into an answer, or into silence. */
  async #fail(error: unknown): Promise<void> {
    if (this.state === "closed") return;
    if (this.#farewell !== null) return await this.#endFarewell();
    if (error instanceof HttpError) {
      await this.#sayGoodbye(error);
      return await this.#linger();
    }
    this.#report(error);
  }

  async #endFarewell(): Promise<void> {
    await this.#farewell;
    await this.#linger();
  }

  /** Peers that go away are daily life and nobody's bug; whoever cut content off
   * has told of it. */
  #report(error: unknown): void {
    if (
      error instanceof BodyCutError ||
      error instanceof IncompleteRequestError || isPeerGone(error)
    ) return;
    this.#context.onBug(error);
  }

  async #sayGoodbye({ status, message, fields }: HttpError): Promise<void> {
    const response = errorResponse(status, message, fields);
    await this.#outlet.refuse(response, this.#head);
  }

  /**
   * Ends the output and listens on for a while. Closing over unread input would
   * send RST, and the client's kernel would throw away the answer it has not
   * read yet (RFC 9112 section 9.6).
   */
  async #linger(): Promise<void> {
    await this.#outlet.end();
    if (this.#watch !== null && await this.#watch === 0) return;
    await discard(this.#socket, this.#context.limits.maxLingerBytes);
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
        this.#sweepBody(now);
        break;
      case "waiting":
        this.#watchPeer(now);
        break;
      case "writing":
        this.#watchPeer(now);
        if (this.#stage.isOverdue(now)) this.close();
        break;
    }
  }

  /** A body is slow when it brings less than its rate, after the grace. */
  #sweepBody(now: number): void {
    const { minBodyBytesPerSecond } = this.#context.limits;
    const earned = this.#reader.bodyBytes / minBodyBytesPerSecond * 1000;
    if (this.#stage.isOverdue(now - earned)) {
      this.#expire("The content arrives too slowly.");
    }
  }

  /** Answers 408 while a read is pending, which ends with the connection. */
  #expire(text: string): void {
    this.#farewell = this.#sayGoodbye(new HttpError(408, text))
      .then(() => this.#outlet.end())
      .catch(() => this.close());
  }

  /** Hears of a client that leaves before its answer. The end of its input may be a
   * half-close only, so an answer is sent all the same; but its signal is aborted,
   * it is not begun if it waits still, and a stream is cut: one that is silent for
   * long would never be found out to have nobody at its other end. */
  #watchPeer(now: number): void {
    if (this.#watch !== null || this.#exchange === null) return;
    if (now - this.#stage.since < this.#context.limits.watchAfterMs) return;
    this.#watch = this.#reader.fill().catch(() => 0).then((count) => {
      if (count === 0) this.#exchange?.abandon();
      return count;
    });
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
    this.#exchange?.abandon();
    try {
      this.#socket.close();
    } catch {
      // The runtime closed it first.
    }
  }
}
