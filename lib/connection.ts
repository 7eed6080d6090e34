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
  type Reply,
} from "./dispatch.ts";
import { encodeFieldLines } from "./field_lines.ts";
import { decideFraming, expectsContinue, isPersistent } from "./framing.ts";
import type { HeadLines } from "./head_lines.ts";
import { errorResponse, HttpError } from "./http_error.ts";
import type { Limits } from "./limits.ts";
import type { Fields, HttpResponse, RequestHead } from "./message.ts";
import type { ReadTurns } from "./read_turns.ts";
import {
  type BodyBytes,
  IncompleteRequestError,
  RequestReader,
} from "./request_reader.ts";
import { writeReply } from "./response_writer.ts";

/** Where a connection stands; each has one deadline. */
export type ConnectionState =
  | "idle"
  | "head"
  | "body"
  | "waiting"
  | "writing"
  | "lingering"
  | "closed";

/** What a connection needs of a socket: `Deno.Conn`, or a test's own. */
export interface Socket {
  /** Reads at least one byte; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes at least one byte. */
  write(bytes: Uint8Array): Promise<number>;
  /** Sends the end of the output; the input goes on. */
  closeWrite(): Promise<void>;
  /** Ends both; what is pending rejects. */
  close(): void;
}

/** What all connections of a server share. */
export interface ConnectionContext {
  /** Sizes and times. */
  readonly limits: Limits;
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
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
  /** Is told of bugs: an error that no peer can cause. */
  readonly onBug: (error: unknown) => void;
}

const continueBytes: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  "HTTP/1.1 100 Continue\r\n\r\n",
);

/** Serves the requests of one socket. */
export class Connection implements ByteSource {
  readonly #socket: Socket;
  readonly #peer: string;
  readonly #context: ConnectionContext;
  readonly #limits: Limits;
  readonly #reader: RequestReader;
  #state: ConnectionState = "idle";
  /** When the state has lasted too long; `performance.now()` milliseconds. */
  #deadline: number;
  /** When the state began. */
  #since: number;
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
    this.#socket = socket;
    this.#peer = peer;
    this.#context = context;
    this.#limits = context.limits;
    this.#since = context.clock.now;
    // A client that connects wants something now; it gets what a head gets.
    this.#deadline = this.#since + this.#limits.headTimeoutMs;
    this.#reader = new RequestReader(this, context.lines, context.limits);
  }

  /** Where it stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether a request has begun to arrive that has no answer yet. */
  get owesAnswer(): boolean {
    return this.#state === "head" || this.#state === "body" ||
      this.#state === "waiting" || this.#state === "writing";
  }

  /** Reads from the socket when it is this connection's turn. */
  read(into: Uint8Array): Promise<number | null> {
    return this.#context.turns.read(this.#socket, into);
  }

  #enter(state: ConnectionState, timeoutMs: number): void {
    // A connection that was cut off stays cut off.
    if (this.#state === "closed") return;
    this.#state = state;
    this.#since = this.#context.clock.now;
    this.#deadline = this.#since + timeoutMs;
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
    while (this.#reader.hasBytes || await this.#nextBytes() > 0) {
      this.#enter("head", this.#limits.headTimeoutMs);
      const head = await this.#reader.readHead();
      if (head === null) return;
      if (this.#farewell !== null) return await this.#endFarewell();
      this.#head = head;
      this.#requests++;
      const framing = decideFraming(head, this.#limits.maxBodyBytes);
      const waits = expectsContinue(head);
      let body: BodyBytes | null = null;
      if (framing.kind !== "none") {
        if (waits && !await this.#invite(head)) return await this.#linger();
        this.#enter("body", this.#limits.bodyGraceMs);
        body = await this.#reader.readBody(framing);
        if (this.#farewell !== null) return await this.#endFarewell();
      }
      if (!await this.#answer(head, body)) return await this.#linger();
      this.#head = null;
      this.#enter("idle", this.#draining ? 0 : this.#limits.idleTimeoutMs);
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
      await this.#write(errorReply(refusal), head, true, false);
      return false;
    }
    if (!this.#reader.hasBytes) await this.#writeRaw(continueBytes);
    return true;
  }

  /** @returns whether the connection goes on */
  async #answer(head: RequestHead, body: BodyBytes | null): Promise<boolean> {
    // The pool has its own deadlines: this state ends by itself.
    this.#enter("waiting", Infinity);
    const { text } = this.#reader;
    this.#exchange = this.#context.dispatch({
      head,
      text,
      body,
      peer: this.#peer,
    });
    const reply = await this.#exchange.reply;
    const wished = isPersistent(head.version, head.fields);
    const persistent = wished && !this.#draining &&
      this.#requests < this.#limits.maxRequestsPerConnection;
    const goesOn = await this.#write(reply, head, wished, persistent);
    this.#exchange = null;
    return goesOn;
  }

  #write(
    reply: Reply,
    { method, version }: Pick<RequestHead, "method" | "version">,
    wished: boolean,
    persistent: boolean,
  ): Promise<boolean> {
    this.#enter("writing", this.#limits.writeStallMs);
    const { serverName } = this.#context;
    const onProgress = this.#onProgress;
    const onWaiting = this.#onWaiting;
    return writeReply(this.#socket, reply, {
      method,
      version,
      wished,
      persistent,
      serverName,
      onProgress,
      onWaiting,
    });
  }

  readonly #onProgress = (): void => {
    this.#deadline = this.#context.clock.now + this.#limits.writeStallMs;
  };

  /** A client cannot stall over what it was not sent. */
  readonly #onWaiting = (waiting: boolean): void => {
    if (waiting) this.#deadline = Infinity;
    else this.#onProgress();
  };

  async #writeRaw(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#socket.write(bytes.subarray(at));
    }
  }

  /** Turns an error into an answer, or into silence. */
  async #fail(error: unknown): Promise<void> {
    if (this.#state === "closed") return;
    if (this.#farewell !== null) return await this.#endFarewell();
    if (error instanceof HttpError) {
      await this.#sayGoodbye(error.status, error.message, error.fields);
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
    if (error instanceof BodyCutError || isPeerGone(error)) return;
    this.#context.onBug(error);
  }

  async #sayGoodbye(
    status: number,
    text: string,
    fields: Fields = [],
  ): Promise<void> {
    // RFC 9110 section 9.3.2: no content for a HEAD, however it fails. Where the
    // head is not understood nothing is known of the method.
    const head = this.#head ?? { method: "GET", version: "1.1" } as const;
    await this.#write(
      errorReply(errorResponse(status, text, fields)),
      head,
      true,
      false,
    );
  }

  /**
   * Ends the output and listens on for a while. Closing over unread input would
   * send RST, and the client's kernel would throw away the answer it has not
   * read yet (RFC 9112 section 9.6).
   */
  async #linger(): Promise<void> {
    if (this.#state !== "lingering") await this.#endOutput();
    const sink = new Uint8Array(16 * 1024);
    if (this.#watch !== null && await this.#watch === 0) return;
    let discarded = 0;
    while (discarded < this.#limits.maxLingerBytes) {
      const count = await this.#socket.read(sink);
      if (count === null) return;
      discarded += count;
    }
  }

  async #endOutput(): Promise<void> {
    this.#enter("lingering", this.#limits.lingerMs);
    await this.#socket.closeWrite();
  }

  /** Looks at the deadline; called by the server's one clock. */
  sweep(now: number): void {
    switch (this.#state) {
      case "idle":
      case "lingering":
        if (now > this.#deadline) this.close();
        break;
      case "head":
        if (now > this.#deadline) {
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
        if (now > this.#deadline) this.close();
        break;
    }
  }

  /** A body is slow when it brings less than its rate, after the grace. */
  #sweepBody(now: number): void {
    const { minBodyBytesPerSecond } = this.#limits;
    const earned = this.#reader.bodyBytes / minBodyBytesPerSecond * 1000;
    if (now > this.#deadline + earned) {
      this.#expire("The content arrives too slowly.");
    }
  }

  /** Answers 408 while a read is pending, which ends with the connection. */
  #expire(text: string): void {
    this.#farewell = this.#sayGoodbye(408, text)
      .then(() => this.#endOutput())
      .catch(() => this.close());
  }

  /** Hears of a client that leaves before its answer. The end of its input may be a
   * half-close only, so an answer is sent all the same; but its signal is aborted,
   * it is not begun if it waits still, and a stream is cut: one that is silent for
   * long would never be found out to have nobody at its other end. */
  #watchPeer(now: number): void {
    if (this.#watch !== null || this.#exchange === null) return;
    if (now - this.#since < this.#limits.watchAfterMs) return;
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
    if (this.#state !== "idle") return;
    const { now } = this.#context.clock;
    if (this.#requests === 0 || now - this.#since > 2 * this.#limits.sweepMs) {
      this.close();
    } else this.#deadline = now + this.#limits.sweepMs;
  }

  /** Ends it now, whatever it does. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#exchange?.abandon();
    try {
      this.#socket.close();
    } catch {
      // The runtime closed it first.
    }
  }
}

/** A response of the server's own, which has no fields but its own. */
export function errorReply(response: HttpResponse): Reply {
  const { status, fields, body } = response;
  return {
    kind: "open",
    status,
    fieldLines: encodeFieldLines(fields),
    body: body.kind === "bytes" ? body.bytes : null,
  };
}

/** The ways in which an operation on a socket says that it is over. */
function isPeerGone(error: unknown): boolean {
  return error instanceof IncompleteRequestError ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.TimedOut ||
    error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted;
}
