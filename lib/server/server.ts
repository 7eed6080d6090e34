/**
 * The listener and the set of connections: accepts, limits their number, runs the one
 * clock, and drains. Must not know the syntax of HTTP, or threads.
 *
 * @module
 */

import { type ReadProxyHeader, unixClient } from "../http/exchange.ts";
import { IdMap } from "../id_map.ts";
import type { Limits } from "../limits.ts";
import { BodyBudget } from "./body_budget.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import type { ConnectionState } from "./connection_state.ts";
import { HeadLines } from "./head_lines.ts";
import { bodyLimitOf } from "./request_body.ts";
import { ReadScheduler } from "./read_scheduler.ts";
import { type AcceptedSocket, type Listener, stopListening } from "./listen.ts";
import { ProxiedSocket, unwrap } from "./proxied_socket.ts";
import { type Client, isPeerGone, type Socket } from "./socket.ts";

export type ServerOptions =
  & Pick<
    ConnectionContext,
    | "limits"
    | "dispatch"
    | "refuse"
    | "wantsBodies"
    | "maxStreamedBodyBytes"
    | "serverName"
    | "secureLines"
    | "onRequest"
    | "proxies"
    | "onBug"
  >
  & {
    /** Reads what every connection has to begin with; `null` where that is a request. */
    readonly readProxyHeader: ReadProxyHeader | null;
  };

/** Where clients connect. */
export interface Endpoint {
  /** Belongs to the server. */
  readonly listener: Listener;
  /** Responds to the requests that come there, instead of the server. */
  readonly responder?: Pick<ConnectionContext, "dispatch" | "refuse">;
}

/** A client of a socket file has no address: it is on this machine. */
const unixPeer = { hostname: unixClient, port: 0 };

// The pause after a failure to accept: it doubles from the first to the longest.
const firstBackoffMs = 10;
const maxBackoffMs = 1000;
// Descriptors that are kept for workers that start and for files.
const reservedDescriptors = 32;
// A connection that was idle for less than this may have a request under way.
const briefMs = 1000;

// With fewer connections the runtime polls the kernel often enough by itself, and turns
// cost 5 to 8 % (at 128 connections p99 is 5 ms with turns and without; at 200, 11 ms
// with turns and 70 ms without).
const crowdedFrom = 128;

export class Server {
  readonly #endpoints: readonly Endpoint[];
  readonly #context: ConnectionContext;
  readonly #limits: Limits;
  /** Fewer than the limit where the descriptors of the process are not enough. */
  #maxConnections: number;
  readonly #time = { now: performance.now() };
  readonly #connections = new IdMap<Connection>();
  #admitted = 0;
  #turnedAway = 0;
  /** Connections whose header or handshake is awaited, each with its deadline, those
   * first that came first. */
  readonly #greeting = new Map<AcceptedSocket, number>();
  readonly #readProxyHeader: ReadProxyHeader | null;
  readonly #perAddress = new Map<string, number>();
  readonly #clock: ReturnType<typeof setInterval>;
  readonly #accepting: Promise<unknown>;
  #closing = false;
  /** End the waits of the accept loops at the limit of connections. */
  #onRoom: (() => void)[] = [];
  /** Called when the last connection ends, and nobody is about to have one. */
  #onEmpty: (() => void) | null = null;

  /** @param endpoints their listeners belong to the server from now on */
  constructor(endpoints: readonly Endpoint[], options: ServerOptions) {
    this.#endpoints = endpoints;
    this.#limits = options.limits;
    this.#readProxyHeader = options.readProxyHeader;
    this.#maxConnections = options.limits.maxConnections;
    this.#context = {
      ...options,
      bodyLimit: bodyLimitOf(options),
      lines: new HeadLines(),
      bodyBudget: new BodyBudget(options.limits.maxBodyMemoryBytes),
      reads: new ReadScheduler(
        options.limits,
        ({ message }: Error) =>
          options.onBug(
            `Many connections may get uneven response times: ${message}`,
          ),
      ),
      clock: this.#time,
    };
    this.#clock = setInterval(() => this.#sweep(), this.#limits.sweepMs);
    this.#accepting = Promise.all(
      endpoints.map((endpoint) => this.#accept(endpoint)),
    );
  }

  /** Connections that were turned away: their address had too many. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** How many connections are in each state. */
  get states(): Partial<Record<ConnectionState, number>> {
    const states: Partial<Record<ConnectionState, number>> = {};
    for (const { state } of this.#connections.values()) {
      states[state] = (states[state] ?? 0) + 1;
    }
    return states;
  }

  get connections(): number {
    return this.#connections.size;
  }

  async #accept({ listener, responder }: Endpoint): Promise<void> {
    const context = { ...this.#context, ...responder };
    let backoffMs = firstBackoffMs;
    while (!this.#closing) {
      // New clients wait in the kernel's backlog then.
      const open = this.#connections.size + this.#greeting.size;
      if (open >= this.#maxConnections) {
        await new Promise<void>((resolve) => this.#onRoom.push(resolve));
      }
      if (this.#closing) return;
      try {
        this.#admit(await listener.accept(), context);
        backoffMs = firstBackoffMs;
      } catch (error) {
        if (this.#closing) return;
        // The client has reset its connection already. Other clients wait behind it.
        if (isPeerGone(error)) continue;
        // This machine lacks something (EMFILE, ENFILE, ENOBUFS, ENOMEM): trying again
        // at once would fail too. The server goes on all the same.
        if (backoffMs === firstBackoffMs) this.#context.onBug(error);
        this.#reserveDescriptors();
        await new Promise((resolve) => setTimeout(resolve, backoffMs));
        backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
      }
    }
  }

  /** From now on so many connections fewer than there are: starting a worker without a
   * descriptor to spare ends the process, and a download needs one for its file. */
  #reserveDescriptors(): void {
    const { size } = this.#connections;
    const reserve = Math.min(reservedDescriptors, Math.ceil(size / 4));
    this.#maxConnections = Math.min(this.#maxConnections, size - reserve);
  }

  /** Makes room for new clients where descriptors are lacking: closes connections that
   * are idle, first those that never had a request, then the longest idle. */
  #closeIdle(now: number): void {
    const isLacking = this.#maxConnections < this.#limits.maxConnections;
    const excess = this.#connections.size - this.#maxConnections;
    if (!isLacking || excess < 0) return;
    const idle = this.#connections.values()
      .filter(({ state, since }) => state === "idle" && now - since > briefMs)
      .sort((a, b) =>
        Number(a.hasServed) - Number(b.hasServed) || a.since - b.since
      );
    const count = excess + reservedDescriptors / 4;
    for (const connection of idle.slice(0, count)) connection.close();
  }

  #admit(socket: AcceptedSocket, context: ConnectionContext): void {
    const { hostname, port } = peerOf(socket);
    const peer = `${hostname} ${port}`;
    if (this.#readProxyHeader === null && socket.secure === undefined) {
      this.#serve({ socket, peer, channel: null }, context);
    } else this.#greet(socket, peer, context);
  }

  /** Serves a client once its proxy has said who it is, and its handshake is done. */
  async #greet(
    accepted: AcceptedSocket,
    peer: string,
    context: ConnectionContext,
  ): Promise<void> {
    const { handshakeTimeoutMs, headTimeoutMs, maxHandshakes } = this.#limits;
    const timeoutMs = accepted.secure ? handshakeTimeoutMs : headTimeoutMs;
    // Those that say nothing must not keep others from coming.
    if (this.#greeting.size >= maxHandshakes) {
      const [oldest] = this.#greeting.keys();
      this.#endGreeting(oldest);
    }
    this.#greeting.set(accepted, this.#time.now + timeoutMs);
    const client = await greet(accepted, peer, this.#readProxyHeader)
      .catch(() => null);
    if (!this.#greeting.has(accepted)) return;
    if (client === null) return this.#endGreeting(accepted);
    this.#greeting.delete(accepted);
    this.#serve(client, context);
  }

  #endGreeting(socket: AcceptedSocket): void {
    this.#greeting.delete(socket);
    closeSocket(socket);
    this.#makeRoom();
    this.#tellWhereEmpty();
  }

  /** Closes connections that have not said who they are by then. */
  #endGreetings(now: number): void {
    for (const [socket, deadline] of this.#greeting) {
      if (now > deadline) this.#endGreeting(socket);
    }
  }

  /** Those who are about to say who they are have as long for it as a client that has
   * just come has for its request. */
  #hurryGreetings(): void {
    const soon = this.#time.now + 2 * this.#limits.sweepMs;
    for (const [socket, deadline] of this.#greeting) {
      this.#greeting.set(socket, Math.min(deadline, soon));
    }
  }

  #serve(client: Client, context: ConnectionContext): void {
    const [hostname] = client.peer.split(" ", 1);
    const connection = new Connection(client, context);
    const number = ++this.#admitted;
    this.#connections.add(number, connection);
    this.#updateReads();
    this.#count(hostname, 1);
    // Behind a proxy all clients have one address.
    const tooMany =
      this.#perAddress.get(hostname)! > this.#limits.maxConnectionsPerAddress &&
      !this.#context.proxies?.isTrusted(hostname);
    if (tooMany) this.#turnedAway++;
    const served = tooMany
      ? connection.turnAway("There are too many connections from this address.")
      : connection.run();
    if (this.#closing) connection.drain();
    served.then(() => this.#remove(number, hostname));
  }

  #updateReads(): void {
    const { size } = this.#connections;
    this.#context.reads.setCrowded(size > crowdedFrom);
  }

  #count(hostname: string, by: number): void {
    const count = (this.#perAddress.get(hostname) ?? 0) + by;
    if (count === 0) this.#perAddress.delete(hostname);
    else this.#perAddress.set(hostname, count);
  }

  #remove(number: number, hostname: string): void {
    this.#connections.take(number);
    this.#updateReads();
    this.#count(hostname, -1);
    this.#makeRoom();
    this.#tellWhereEmpty();
  }

  #tellWhereEmpty(): void {
    if (this.#connections.size + this.#greeting.size === 0) this.#onEmpty?.();
  }

  #sweep(): void {
    const now = performance.now();
    this.#time.now = now;
    this.#closeIdle(now);
    if (this.#greeting.size > 0) this.#endGreetings(now);
    for (const connection of this.#connections.values()) connection.sweep(now);
  }

  /**
   * Stops accepting, completes the responses to all requests that were read, and ends.
   *
   * @param deadline connections that are left when it resolves are cut off
   * @returns how many were cut off before their response was complete
   */
  async drain(deadline: Promise<unknown>): Promise<number> {
    this.#stopAccepting();
    this.#hurryGreetings();
    for (const connection of this.#connections.values()) connection.drain();
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      this.#tellWhereEmpty();
    });
    const cut = await Promise.race([
      empty.then(() => 0),
      deadline.then(() => this.#countOwing()),
    ]);
    this.#endGreetings(Infinity);
    for (const connection of this.#connections.values()) connection.close();
    await this.#accepting;
    clearInterval(this.#clock);
    await this.#context.reads.close();
    return cut;
  }

  #countOwing(): number {
    let count = 0;
    for (const connection of this.#connections.values()) {
      if (connection.owesResponse) count++;
    }
    return count;
  }

  #stopAccepting(): void {
    if (this.#closing) return;
    this.#closing = true;
    for (const { listener } of this.#endpoints) stopListening(listener);
    this.#makeRoom();
  }

  #makeRoom(): void {
    const waiting = this.#onRoom;
    this.#onRoom = [];
    for (const wake of waiting) wake();
  }
}

/** Reads what a connection begins with before its requests. */
async function greet(
  accepted: AcceptedSocket,
  peer: string,
  readHeader: ReadProxyHeader | null,
): Promise<Client | null> {
  const unwrapped = readHeader === null
    ? null
    : await unwrap(accepted, readHeader);
  if (unwrapped === null && readHeader !== null) return null;
  const { peer: told = null, rest = nothing } = unwrapped ?? {};
  const client = { peer: told ?? peer };
  if (accepted.secure === undefined) {
    const socket = new ProxiedSocket(accepted, rest);
    return { ...client, socket, channel: null };
  }
  const secured = await accepted.secure(rest);
  return secured === null ? null : { ...client, ...secured };
}

const nothing = new Uint8Array();

function closeSocket(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // The runtime closed it first.
  }
}

/** Who is at the other end. */
function peerOf(socket: AcceptedSocket): {
  readonly hostname: string;
  readonly port: number;
} {
  try {
    // Nagle's algorithm would delay small pieces of a stream.
    socket.setNoDelay?.(true);
  } catch {
    // The client has reset it already: the first read will fail.
  }
  const { remoteAddr } = socket;
  return "hostname" in remoteAddr ? remoteAddr : unixPeer;
}
