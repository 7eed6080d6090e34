/**
 * What has happened on the tunnels of one worker, packed: a message for each turn of the
 * event loop and not one for each piece. Must not know what the bytes are.
 *
 * @module
 */

import type { BodyBytes } from "../http/message.ts";

/** As it crosses. */
export interface TunnelTraffic {
  /** Three values each: the id of the tunnel's job, an event, its value. */
  readonly events: readonly number[];
  /** The bytes of all `data`, one behind the other. */
  readonly bytes: BodyBytes | null;
}

/** From a worker. The pool sends it nothing more before it has run what it was sent: what
 * happens meanwhile becomes one message. */
export interface WorkerTraffic extends TunnelTraffic {
  /** Whether the worker has run what it was sent. */
  readonly done: boolean;
}

/** The events of a tunnel. */
export const tunnelEvent = {
  /** So many bytes for the other side. */
  data: 0,
  /** So many bytes of the other side were taken. */
  taken: 1,
  /** This side is over: nothing follows. From a worker with 1 as its value: the
   * connection is to be closed at once. */
  end: 2,
  /** To a worker: the tunnel has to end, for a reason of `awayReasons`. */
  away: 3,
} as const;

/** Why, by its number. */
export const awayReasons = ["ending", "restarting", "failed"] as const;

/** Gathers events. */
export class TunnelPacker {
  #events: number[] = [];
  #pieces: Uint8Array[] = [];
  #size = 0;

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  add(id: number, event: number, value: number): void {
    this.#events.push(id, event, value);
  }

  /** @param bytes must not change until they are taken */
  addData(id: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const events = this.#events;
    const last = events.length - 3;
    // A frame comes as its head and its content.
    if (last >= 0 && events[last] === id && events[last + 1] === 0) {
      events[last + 2] += bytes.length;
    } else this.add(id, tunnelEvent.data, bytes.length);
    this.#pieces.push(bytes);
    this.#size += bytes.length;
  }

  /** All of it; nothing is left. */
  take(): TunnelTraffic {
    const traffic = { events: this.#events, bytes: this.#join() };
    this.#events = [];
    this.#pieces = [];
    this.#size = 0;
    return traffic;
  }

  #join(): BodyBytes | null {
    if (this.#size === 0) return null;
    const joined = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}

/** Calls a function with each event; `bytes` are those of `data`, a part of the
 * message. */
export function unpackTraffic(
  { events, bytes }: TunnelTraffic,
  visit: (
    id: number,
    event: number,
    value: number,
    bytes: BodyBytes | null,
  ) => void,
): void {
  let at = 0;
  for (let i = 0; i < events.length; i += 3) {
    const value = events[i + 2];
    const isData = events[i + 1] === tunnelEvent.data;
    const part = isData ? bytes!.subarray(at, at + value) : null;
    if (isData) at += value;
    visit(events[i], events[i + 1], value, part);
  }
}
