/**
 * The listener and the set of connections: accepting, the limit of connections, the
 * one clock, the drain. Must not know the syntax of HTTP, or threads.
 *
 * @module
 */

import { IdMap } from "../id_map.ts";
import type { Limits } from "../limits.ts";
import { BodyBudget } from "./body_budget.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import { HeadLines } from "./head_lines.ts";
import { ReadScheduler } from "./read_scheduler.ts";
import { isPeerGone } from "./socket.ts";

/** How a server responds. */
export type ServerOptions = Pick<
  ConnectionContext,
  | "limits"
  | "dispatch"
  | "refuse"
  | "wantsBodies"
  | "maxStreamedBodyBytes"
  | "serverName"
  | "onRequest"
  | "onBug"
>;

// From the first failure to accept to the longest wait between two tries.
const firstBackoffMs = 10;
const maxBackoffMs = 1000;

// Below it the runtime polls the kernel often enough by itself, and turns cost 5 to 8 %
// (at 128 connections p99 is 5 ms with them and without; at 200, 11 and 70).
const crowdedFrom = 128;

/** A listening server. */
export class Server {
  readonly #listener: Deno.TcpListener;
  readonly #context: ConnectionContext;
  readonly #limits: Limits;
  readonly #time = { now: performance.now() };
  readonly #connections = new IdMap<Connection>();
  #admitted = 0;
  readonly #perAddress = new Map<string, number>();
  readonly #clock: ReturnType<typeof setInterval>;
  readonly #accepting: Promise<void>;
  #closing = false;
  /** Called when a connection ends, while the accept loop waits at the limit. */
  #onRoom: (() => void) | null = null;
  /** Called when the last connection ends. */
  #onEmpty: (() => void) | null = null;

  /** @param listener belongs to the server from now on */
  constructor(listener: Deno.TcpListener, options: ServerOptions) {
    this.#listener = listener;
    this.#limits = options.limits;
    this.#context = {
      ...options,
      lines: new HeadLines(),
      bodyBudget: new BodyBudget(options.limits.maxBodyMemoryBytes),
      reads: new ReadScheduler(
        options.limits,
        ({ message }: Error) =>
          options.onBug(`Many connections are not served in turns: ${message}`),
      ),
      clock: this.#time,
    };
    this.#clock = setInterval(() => this.#sweep(), this.#limits.sweepMs);
    this.#accepting = this.#accept();
  }

  /** Where it listens. */
  get address(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** How many are open. */
  get connections(): number {
    return this.#connections.size;
  }

  async #accept(): Promise<void> {
    let backoffMs = firstBackoffMs;
    while (!this.#closing) {
      // At the limit the kernel's backlog waits; open connections are not affected.
      if (this.#connections.size >= this.#limits.maxConnections) {
        await this.#room();
      }
      if (this.#closing) return;
      try {
        this.#admit(await this.#listener.accept());
        backoffMs = firstBackoffMs;
      } catch (error) {
        if (this.#closing) return;
        // A client that has reset its connection already is no reason to pause: others
        // wait behind it.
        if (isPeerGone(error)) continue;
        // A shortage of this machine (EMFILE, ENFILE, ENOBUFS, ENOMEM): the next try
        // would fail as well. It never ends a server.
        if (backoffMs === firstBackoffMs) this.#context.onBug(error);
        await new Promise((resolve) => setTimeout(resolve, backoffMs));
        backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
      }
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => this.#onRoom = resolve);
  }

  #admit(socket: Deno.TcpConn): void {
    const { hostname, port } = socket.remoteAddr;
    try {
      // Responses are written whole; Nagle would hold back small pieces of a stream.
      socket.setNoDelay(true);
    } catch {
      // The peer has reset it already; its first read says so.
    }
    const connection = new Connection(
      socket,
      `${hostname} ${port}`,
      this.#context,
    );
    const number = ++this.#admitted;
    this.#connections.add(number, connection);
    this.#updateReads();
    this.#count(hostname, 1);
    const crowded =
      this.#perAddress.get(hostname)! > this.#limits.maxConnectionsPerAddress;
    const served = crowded
      ? connection.turnAway("There are too many connections from this address.")
      : connection.run();
    served.then(() => this.#left(number, hostname));
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

  #left(number: number, hostname: string): void {
    this.#connections.take(number);
    this.#updateReads();
    this.#count(hostname, -1);
    this.#onRoom?.();
    this.#onRoom = null;
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  #sweep(): void {
    const now = performance.now();
    this.#time.now = now;
    for (const connection of this.#connections.values()) connection.sweep(now);
  }

  /**
   * Stops accepting, lets every request that was read have its response, and ends.
   *
   * @param deadline cuts off what is left when it resolves
   * @returns how many connections were cut off
   */
  async drain(deadline: Promise<unknown>): Promise<number> {
    this.#stopAccepting();
    for (const connection of this.#connections.values()) connection.drain();
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      if (this.#connections.size === 0) resolve();
    });
    const cut = await Promise.race([
      empty.then(() => 0),
      deadline.then(() => this.#countOwing()),
    ]);
    for (const connection of this.#connections.values()) connection.close();
    await this.#accepting;
    clearInterval(this.#clock);
    await this.#context.reads.close();
    return cut;
  }

  /** Those that would be cut off before their response is complete. */
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
    this.#listener.close();
    this.#onRoom?.();
  }
}
