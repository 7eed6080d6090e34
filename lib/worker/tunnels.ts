/**
 * The worker's end of its tunnels: hands what comes from the pool on to their handlers,
 * under the watchdog, and gathers what they send. Must not know what the bytes are.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { TunnelHandler, TunnelLink } from "../http/handler.ts";
import type { BodyBytes } from "../http/message.ts";
import { IdMap } from "../id_map.ts";
import {
  awayReasons,
  tunnelEvent,
  TunnelPacker,
  type TunnelTraffic,
  unpackTraffic,
  type WorkerTraffic,
} from "../messages/tunnel_traffic.ts";
import { natives } from "../natives.ts";
import { runMicrotasks } from "./watchdog.ts";

/** The way to the pool, and the watchdog. */
export interface WorkerTunnelsOptions {
  readonly post: (traffic: WorkerTraffic) => void;
  /** Runs a task under the watchdog.
   *
   * @returns whether it came to its end */
  readonly guarded: (task: () => void) => boolean;
  /** Sleeps until more comes, for so many milliseconds at most; `null` where nothing
   * does, or another message before it. */
  readonly nextTraffic: (waitMs: number) => TunnelTraffic | null;
}

/** Something that a handler has to be told. */
interface Event {
  readonly id: number;
  readonly handler: TunnelHandler;
  readonly tell: (handler: TunnelHandler) => void;
}

// Requests and timers have their turn after so long.
const sliceMs = 25;
// A guarded call wakes another thread twice. On a busy server one does for all that
// comes within this time.
const stayMs = 10;
// How long it sleeps for more. The event loop stands still meanwhile.
const nextTrafficMs = 0.5;
// So many events at once are a sign that more will come at once.
const busyEvents = 4;

/** The tunnels of one worker. */
export class WorkerTunnels {
  readonly #options: WorkerTunnelsOptions;
  readonly #handlers = new IdMap<TunnelHandler>();
  readonly #packer = new TunnelPacker();
  #posting = false;
  /** Whether the pool waits until what it has sent is run. */
  #owesDone = false;
  /** Those from `#next` on are still to be told. */
  #events: Event[] = [];
  #next = 0;
  #running = false;
  /** Who is being told something. */
  #current: TunnelHandler | null = null;

  constructor(options: WorkerTunnelsOptions) {
    this.#options = options;
  }

  /** The response of that job was sent. */
  open(id: number, handler: TunnelHandler): void {
    this.#handlers.add(id, handler);
    const link = this.#linkOf(id);
    this.#events.push({ id, handler, tell: () => handler.opened(link) });
    this.#runSoon();
  }

  #linkOf(id: number): TunnelLink {
    const end = (atOnce: number) => {
      if (this.#handlers.take(id) === undefined) return;
      this.#packer.add(id, tunnelEvent.end, atOnce);
      this.#postSoon();
    };
    return {
      send: (bytes) => {
        this.#packer.addData(id, bytes);
        this.#postSoon();
      },
      end: () => end(0),
      cut: () => end(1),
    };
  }

  #postSoon(): void {
    if (this.#posting) return;
    this.#posting = true;
    natives.queueMicrotask(() => {
      this.#posting = false;
      this.#post();
    });
  }

  #post(): void {
    // Behind what was received nothing is left to run.
    const done = this.#owesDone && this.#next === this.#events.length;
    if (this.#packer.isEmpty && !done) return;
    if (done) this.#owesDone = false;
    this.#options.post({ ...this.#packer.take(), done });
  }

  /** A handler was stopped, and with it the microtasks that were to come. */
  stopped(): void {
    this.#posting = false;
    this.#postSoon();
  }

  receive(traffic: TunnelTraffic): void {
    this.#unpack(traffic);
    // Perhaps it was about tunnels that are over.
    if (this.#events.length === 0) this.#postSoon();
    this.#runSoon();
  }

  #unpack(traffic: TunnelTraffic): void {
    this.#owesDone = true;
    unpackTraffic(traffic, (id, event, value, bytes) => {
      const handler = this.#handlers.get(id);
      if (handler === undefined) return;
      const tell = this.#callOf(id, event, value, bytes);
      this.#events.push({ id, handler, tell });
    });
  }

  #callOf(
    id: number,
    event: number,
    value: number,
    bytes: BodyBytes | null,
  ): Event["tell"] {
    switch (event) {
      case tunnelEvent.data: {
        // A copy: a handler that keeps a part must not keep what others were sent.
        const own = bytes!.slice();
        return (handler) => {
          handler.received(own);
          this.#packer.add(id, tunnelEvent.taken, value);
          this.#postSoon();
        };
      }
      case tunnelEvent.taken:
        return (handler) => handler.taken(value);
      case tunnelEvent.away:
        return (handler) => handler.goAway(awayReasons[value]);
      default:
        return (handler) => {
          this.#handlers.take(id);
          handler.closed();
          this.#packer.add(id, tunnelEvent.end, 0);
          this.#postSoon();
        };
    }
  }

  /** A message arrives within a microtask; handlers run in a task of their own, as
   * batches do. */
  #runSoon(): void {
    if (this.#running || this.#events.length === 0) return;
    this.#running = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    try {
      if (!this.#options.guarded(() => this.#stay())) this.failCurrent();
    } finally {
      // Also where a handler throws, which is an event of the thread: the others go on.
      this.#events.splice(0, this.#next);
      this.#next = 0;
      this.#postSoon();
      if (this.#events.length > 0) setImmediate(() => this.#run());
      else this.#running = false;
    }
  }

  /** The guarded part: all that is there, and on a busy server what comes right behind
   * it. */
  #stay(): void {
    const now = natives.now();
    let isBusy = this.#events.length >= busyEvents;
    for (;;) {
      this.#runEvents(now + sliceMs);
      const isDone = this.#next === this.#events.length;
      if (!isBusy || !isDone || natives.now() > now + stayMs) return;
      this.#post();
      const traffic = this.#options.nextTraffic(nextTrafficMs);
      isBusy = traffic !== null;
      if (traffic !== null) this.#unpack(traffic);
    }
  }

  #runEvents(end: number): void {
    // Where a call is stopped, nothing is run behind it here, no `finally` either.
    while (this.#next < this.#events.length && natives.now() < end) {
      const { id, handler, tell } = this.#events[this.#next++];
      // It may be over by now.
      if (this.#handlers.get(id) !== handler) continue;
      this.#current = handler;
      tell(handler);
      // What the handler left behind is to be stopped as well.
      runMicrotasks();
      this.#current = null;
    }
  }

  /** The call that is under way was stopped, or has thrown. */
  failCurrent(): void {
    const handler = this.#current;
    this.#current = null;
    handler?.failed();
  }
}
