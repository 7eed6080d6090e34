/**
 * One connection: its states, its deadlines, and the one place where an error
 * becomes a response. Must not know the pool or files.
 *
 * ```text
 * idle -> head -> body -> waiting -> writing -> idle
 *   waiting -> upgraded -> lingering         (it speaks another protocol)
 *   any of them -> lingering -> closed       (a refusal, or the last response)
 *   any of them -> closed                    (the client is gone, or is cut off)
 * ```
 *
 * One request is in flight at a time: the bytes of a pipelined one stay where
 * they are until the response before it is written.
 *
 * @module
 */

import { busy, HttpError } from "../http/error.ts";
import type {
  ClientOrigin,
  Dispatch,
  Exchange,
  Proxies,
  Tunnel,
  UpgradeResponse,
  WireResponse,
} from "../http/exchange.ts";
import { decideFraming, expectsContinue } from "../http/framing.ts";
import type { BodyBytes, RequestHead } from "../http/message.ts";
import { wantsUpgrade } from "../http/upgrade.ts";
import { staysOpen, wantsToStay } from "../http/persistence.ts";
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
import { readTunnel } from "./tunnel.ts";
import { PeerWatch, RequestReader } from "./request_reader.ts";
import type { Client, Socket } from "./socket.ts";

/** What all connections of a server share. */
export interface ConnectionContext extends WriterContext, RequestBodyContext {
  /** Responds to requests. */
  readonly dispatch: Dispatch;
  readonly lines: HeadLines;
  /** All reads go through it. */
  readonly reads: ReadScheduler;
  /** When the server's clock last ticked, which is exact enough for deadlines and
   * read in no time: asking the runtime made 6 % of a request's cost. */
  readonly clock: { readonly now: number };
  /** Proxies whose word counts; `null` for none. */
  readonly proxies: Proxies | null;
  /** Hears of bugs: errors that no peer can cause. */
  readonly onBug: (error: unknown) => void;
}

/** Serves the requests of one socket. */
export class Connection implements ByteSource {
  readonly #socket: Socket;
  readonly #peer: string;
  /** What is known of each request of a client that no proxy speaks for. */
  readonly #origin: ClientOrigin | null;
  readonly #context: ConnectionContext;
  readonly #status: ConnectionStatus;
  readonly #reader: RequestReader;
  readonly #writer: ConnectionWriter;
  readonly #bodies: RequestBodies;
  readonly #watch: PeerWatch;
  /** How it ends; an idle connection does without. */
  #end: ConnectionClose | null = null;
  #requests = 0;
  /** The request that is being read or responded to, once its head is understood. */
  #head: RequestHead | null = null;
  #draining = false;
  #exchange: Exchange | null = null;
  /** What the connection has become, if it has. */
  #tunnel: Tunnel | null = null;

  /** `run` begins it. */
  constructor({ socket, peer, channel }: Client, context: ConnectionContext) {
    const { limits, lines, clock } = context;
    this.#origin = channel === null
      ? null
      : { peer, scheme: "https", host: null, ...channel };
    this.#socket = socket;
    this.#peer = peer;
    this.#context = context;
    // A client that connects wants something now; it gets what a head gets.
    this.#status = new ConnectionStatus(clock, limits.headTimeoutMs);
    const status = this.#status;
    const reader = this.#reader = new RequestReader(this, lines, limits);
    const writer = this.#writer = new ConnectionWriter(
      { socket, peer, channel },
      status,
      context,
    );
    this.#bodies = new RequestBodies({ reader, writer, status }, context);
    this.#watch = new PeerWatch(reader);
  }

  get state(): ConnectionState {
    return this.#status.state;
  }

  /** Whether it has had a request. */
  get hasServed(): boolean {
    return this.#requests > 0;
  }

  /** When that state began. */
  get since(): number {
    return this.#status.since;
  }

  /** Whether a request has begun to arrive that has no response yet. */
  get owesResponse(): boolean {
    return this.#status.owesResponse;
  }

  /** Reads from the socket when it is this connection's turn. */
  read(into: Uint8Array): Promise<number | null> {
    return this.#context.reads.read(this.#socket, into);
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

  /** Responds with 503 whatever is asked, and ends. Never rejects. */
  async turnAway(text: string): Promise<void> {
    this.#writer.beginRequest();
    await this.#fail(new HttpError(...busy(text)));
    this.close();
  }

  async #fail(error: unknown): Promise<void> {
    if (this.state === "closed") return;
    const end = this.#beginEnd();
    await end.fail(error, this.#head).catch((error) => end.report(error));
  }

  #beginEnd(): ConnectionClose {
    const { onBug } = this.#context;
    return this.#end ??= new ConnectionClose({
      socket: this.#socket,
      writer: this.#writer,
      pendingReads: async () => {
        await this.#bodies.settled();
        return await this.#watch.over();
      },
      onBug,
    });
  }

  async #serve(): Promise<void> {
    const { limits } = this.#context;
    while (this.#reader.hasBytes || await this.#watch.nextBytes() > 0) {
      this.#status.enter("head", limits.headTimeoutMs);
      this.#writer.beginRequest();
      if (!await this.#serveOne()) break;
      this.#status.enter("idle", this.#draining ? 0 : limits.idleTimeoutMs);
    }
    if (this.#tunnel !== null) return this.#carry(this.#tunnel);
  }

  /** In a frame of its own: that of the loop would keep a request, and all that hangs
   * on it, until the next one (at 1000 connections 13 full collections in 4 s, not 1).
   *
   * @returns whether the connection goes on */
  async #serveOne(): Promise<boolean> {
    const head = await this.#reader.readHead();
    if (head === null) return false;
    if (this.#end !== null) return await this.#linger();
    this.#head = head;
    const origin = this.#originOf(head);
    const peer = origin?.peer ?? this.#peer;
    this.#writer.headRead(head, peer);
    this.#requests++;
    const framing = decideFraming(head, this.#context.bodyLimit);
    const waits = expectsContinue(head);
    let body: BodyBytes | StreamedBody | null = null;
    if (framing.kind !== "none") {
      body = await this.#bodies.read(head, peer, framing, waits);
      if (body === null || this.#end !== null) return await this.#linger();
    }
    const wanted = wantsToStay(head.version, head.fields);
    const exchange = this.#dispatch(head, body, wanted, origin);
    const response = await this.#bodies.responseOf(exchange);
    if (response.kind === "upgrade") {
      await this.#upgrade(response, exchange);
      return false;
    }
    const said = await this.#send(response, head, wanted);
    this.#writer.requestSent();
    if (!this.#finish(exchange, said)) return await this.#linger();
    this.#head = null;
    if (body !== null) this.#bodies.clear();
    return true;
  }

  #originOf(head: RequestHead): ClientOrigin | null {
    const own = this.#origin;
    const told = this.#context.proxies?.originOf(this.#peer, head) ?? own;
    return told === null || told.scheme !== null || own === null
      ? told
      : { ...told, scheme: own.scheme };
  }

  async #linger(): Promise<false> {
    await this.#beginEnd().linger();
    return false;
  }

  #dispatch(
    head: RequestHead,
    body: BodyBytes | StreamedBody | null,
    persistent: boolean,
    origin: ClientOrigin | null,
  ): Exchange {
    // The pool has its own deadlines: this state ends by itself.
    this.#status.enter("waiting", Infinity);
    const { text } = this.#reader;
    const peer = origin?.peer ?? this.#peer;
    const upgradable = body === null && this.#context.wantsBodies &&
      wantsUpgrade(head);
    const exchange = this.#context.dispatch(
      { head, text, body, peer, persistent, origin, upgradable },
    );
    this.#writer.dispatched(exchange);
    return this.#exchange = exchange;
  }

  /** From now on the connection is a tunnel, and keeps nothing of the request. */
  async #upgrade(response: UpgradeResponse, exchange: Exchange): Promise<void> {
    const { tunnel } = response;
    this.#tunnel = tunnel;
    tunnel.onCut = () => this.close();
    await this.#writer.upgrade(response);
    this.#finish(exchange, false);
    this.#head = null;
    this.#reader.text = "";
    if (this.#draining) tunnel.goAway();
  }

  /** Carries bytes of another protocol, until one side ends. In a frame of its own: that
   * of a request is kept by none of ten thousand idle tunnels. */
  async #carry(tunnel: Tunnel): Promise<void> {
    const input = this.#readTunnel(tunnel);
    for (
      let bytes = await tunnel.read();
      bytes !== null;
      bytes = await tunnel.read()
    ) await this.#writer.tunnel(bytes);
    this.#writer.requestSent();
    await this.#writer.end();
    await input;
  }

  /** Never rejects: where reading fails, the tunnel ends. */
  #readTunnel(tunnel: Tunnel): Promise<void> {
    return this.#watch.bytesAfterHead()
      .then((first) => {
        if (first === null) return tunnel.end();
        // Not in the frame of what follows: that would keep a kilobyte.
        if (first.length > 0) tunnel.write(first);
        return readTunnel(this, tunnel, this.#writer);
      })
      .catch(() => tunnel.cancel());
  }

  /** @returns whether the connection goes on, as the head of the response says */
  #send(
    response: Exclude<WireResponse, UpgradeResponse>,
    head: RequestHead,
    wanted: boolean,
  ): Promise<boolean> {
    const { maxRequestsPerConnection } = this.#context.limits;
    return this.#writer.send(response, head, {
      wanted,
      closing: this.#draining || this.#requests >= maxRequestsPerConnection,
      body: this.#bodies.progressDuring(response),
    });
  }

  /** @returns whether the connection goes on */
  #finish(exchange: Exchange, said: boolean): boolean {
    this.#exchange = null;
    exchange.handedOver(true);
    this.#bodies.end("The request was answered before its content was read");
    const body = this.#bodies.isComplete ? "complete" : "abandoned";
    return staysOpen({ wanted: said, closing: false, body }, "none");
  }

  /** Looks at the deadline; called by the server's one clock. */
  sweep(now: number): void {
    switch (this.state) {
      case "idle":
      case "lingering":
        if (this.#status.isOverdue(now)) this.close();
        break;
      case "head":
        if (this.#status.isOverdue(now)) {
          this.#expire("The request took too long to arrive.");
        }
        break;
      case "body":
        if (this.#bodies.isLate(now)) this.#expire(tooSlow);
        break;
      case "waiting":
        this.#bodies.checkRate(now);
        this.#watchPeer(now);
        break;
      case "upgraded":
        if (this.#status.isOverdue(now)) this.close();
        break;
      case "writing":
        this.#bodies.checkRate(now);
        this.#watchPeer(now);
        if (this.#status.isOverdue(now)) this.close();
        break;
    }
  }

  #expire(text: string): void {
    const error = new HttpError(408, text);
    this.#beginEnd().beginEarly(error, this.#head, () => this.close());
  }

  /** Watches for a client that leaves before it has its response. The end of its input
   * may be a half-close only, so a response is sent all the same; but its signal is
   * aborted, a request that still waits is not begun, and a stream is cut: one that is
   * silent for long would never find out that it has no reader. */
  #watchPeer(now: number): void {
    // Reading a streamed body tells as well.
    if (this.#exchange === null || !this.#bodies.isComplete) return;
    if (now - this.#status.since < this.#context.limits.watchAfterMs) return;
    this.#watch.begin(() => {
      if (this.state === "waiting") this.#writer.clientLeft();
      this.#exchange?.abandon();
    });
  }

  /** Ends it with the request it is in; at once where it has none. A client that was
   * busy until now, or has just come, may have one under way to here, or unread: it has
   * until the sweep after next to arrive, and gets its response. */
  drain(): void {
    this.#draining = true;
    if (this.state === "upgraded") return this.#tunnel!.goAway();
    if (this.state !== "idle") return;
    const { clock, limits } = this.#context;
    const idleMs = clock.now - this.#status.since;
    if (idleMs > 2 * limits.sweepMs) this.close();
    else this.#status.extend(limits.sweepMs);
  }

  /** Ends it now, whatever it does. */
  close(): void {
    if (this.state === "closed") return;
    const isComplete = this.state === "idle";
    this.#status.enter("closed", Infinity);
    // In this order: a handler whose read fails finds its request aborted.
    this.#exchange?.abandon();
    this.#tunnel?.cancel();
    this.#bodies.end("Its client has left");
    this.#exchange?.handedOver(false);
    this.#writer.connectionClosed();
    this.#bodies.release();
    try {
      this.#socket.close(isComplete);
    } catch {
      // The runtime closed it first.
    }
  }
}
