/**
 * The tunnels of one worker, on the main thread: bytes of the clients on their way to
 * the worker, and its bytes on their way to them. Must not know what the bytes are.
 *
 * @module
 */

import type { Tunnel } from "../http/exchange.ts";
import type { AwayReason } from "../http/handler.ts";
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

/** The way to the worker. */
export interface TunnelsOptions {
  readonly post: (traffic: TunnelTraffic) => void;
  /** A tunnel is over. */
  readonly onEnd: () => void;
  /** Bytes of a client that may be ahead of the worker. */
  readonly windowBytes: number;
}

/** The tunnels of one worker. */
export class Tunnels {
  readonly #options: TunnelsOptions;
  readonly #tunnels = new IdMap<TunnelEnd>();
  readonly #packer = new TunnelPacker();
  #posting = false;
  #lastWords: BodyBytes = new Uint8Array();
  /** Why all of them have to end, once they have to. */
  #away: AwayReason | null = null;
  /** Whether the worker has what it was sent last, and has not run it. */
  #isBusy = false;

  constructor(options: TunnelsOptions) {
    this.#options = options;
  }

  /** Number of open tunnels. */
  get size(): number {
    return this.#tunnels.size;
  }

  /** The worker has agreed to that tunnel.
   *
   * @param lastWords for the client, where the worker is lost */
  open(id: number, lastWords: BodyBytes): Tunnel {
    const tunnel = new TunnelEnd(id, this, this.#interned(lastWords));
    this.#tunnels.add(id, tunnel);
    if (this.#away !== null) tunnel.goAway(this.#away);
    return tunnel;
  }

  /** Most are the same: a copy for each would be 300 bytes. */
  #interned(lastWords: BodyBytes): BodyBytes {
    const last = this.#lastWords;
    const isSame = last.length === lastWords.length &&
      last.every((byte, at) => byte === lastWords[at]);
    return isSame ? last : this.#lastWords = lastWords;
  }

  get windowBytes(): number {
    return this.#options.windowBytes;
  }

  /** Nobody is there for that tunnel: its client has left. */
  refuse(id: number): void {
    this.tell(id, tunnelEvent.end, 0);
  }

  /** For a tunnel: tells the worker of an event. */
  tell(id: number, event: number, value: number): void {
    this.#packer.add(id, event, value);
    this.#postSoon();
  }

  /** For a tunnel: sends the worker a copy of those bytes. */
  send(id: number, bytes: Uint8Array): void {
    this.#packer.addData(id, bytes.slice());
    this.#postSoon();
  }

  /** For a tunnel: it is over. */
  ended(id: number): void {
    if (this.#tunnels.take(id) !== undefined) this.#options.onEnd();
  }

  /** With what other connections read in this turn of the event loop. */
  #postSoon(): void {
    if (this.#posting) return;
    this.#posting = true;
    queueMicrotask(() => {
      this.#posting = false;
      this.#post();
    });
  }

  /** It waits for the worker, so that what comes meanwhile is one message. */
  #post(): void {
    if (this.#isBusy || this.#packer.isEmpty) return;
    this.#isBusy = true;
    this.#options.post(this.#packer.take());
  }

  receive(traffic: WorkerTraffic): void {
    if (traffic.done) {
      this.#isBusy = false;
      this.#postSoon();
    }
    unpackTraffic(traffic, (id, event, value, bytes) => {
      const tunnel = this.#tunnels.get(id);
      if (event === tunnelEvent.data) tunnel?.push(owned(bytes!));
      else if (event === tunnelEvent.taken) tunnel?.taken(value);
      else if (event === tunnelEvent.end && value === 1) tunnel?.cut();
      else if (event === tunnelEvent.end) tunnel?.finish();
    });
  }

  /** All of them have to end soon, and those that are still to begin. */
  goAway(reason: AwayReason): void {
    this.#away = reason;
    for (const tunnel of this.#tunnels.values()) tunnel.goAway(reason);
  }

  /** The worker is gone. */
  fail(): void {
    const tunnels = this.#tunnels.values();
    this.#tunnels.clear();
    for (const tunnel of tunnels) tunnel.fail();
  }
}

/** A client that does not read must not hold what others were sent. */
function owned(bytes: BodyBytes): BodyBytes {
  return bytes.length * 2 < bytes.buffer.byteLength ? bytes.slice() : bytes;
}

/** `open`; `ended`: the worker sends nothing more; `over`: nobody reads on. */
type State = "open" | "ended" | "over";

const nothing = () => {};
const noPieces: Uint8Array[] = [];

/** The main thread's end of one tunnel. */
class TunnelEnd implements Tunnel {
  readonly #id: number;
  readonly #tunnels: Tunnels;
  readonly #lastWords: BodyBytes;
  #state: State = "open";
  #pieces: Uint8Array[] = noPieces;
  #reader: ((piece: Uint8Array | null) => void) | null = null;
  /** Bytes that were read and not told of yet. */
  #untold = 0;
  /** Bytes of the client that the worker has not taken. */
  #ahead = 0;
  #wakeWriter: (() => void) | null = null;
  onCut: () => void = nothing;

  constructor(id: number, tunnels: Tunnels, lastWords: BodyBytes) {
    this.#id = id;
    this.#tunnels = tunnels;
    this.#lastWords = lastWords;
  }

  #tell(event: number, value: number): void {
    this.#tunnels.tell(this.#id, event, value);
  }

  /** Returning asks for the next: the bytes before are sent then. */
  read(): Promise<Uint8Array | null> {
    this.#tellTaken();
    if (this.#pieces.length > 0 || this.#state !== "open") {
      return Promise.resolve(this.#next());
    }
    // Not an async function: each idle tunnel would keep its frame.
    return new Promise((resolve) => this.#reader = resolve);
  }

  /** What there is, or the end. */
  #next(): Uint8Array | null {
    const piece = this.#pieces.shift() ?? null;
    this.#untold += piece?.length ?? 0;
    return piece;
  }

  #tellTaken(): void {
    if (this.#untold === 0 || this.#state !== "open") return;
    this.#tell(tunnelEvent.taken, this.#untold);
    this.#untold = 0;
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#ahead += bytes.length;
    this.#tunnels.send(this.#id, bytes);
  }

  room(): Promise<void> | null {
    if (this.#ahead < this.#tunnels.windowBytes || this.#state !== "open") {
      return null;
    }
    return new Promise((resolve) => this.#wakeWriter = resolve);
  }

  /** The worker has taken so many bytes of the client. */
  taken(bytes: number): void {
    this.#ahead -= bytes;
    this.#wakeWriter?.();
    this.#wakeWriter = null;
  }

  push(bytes: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#append(bytes);
    this.#wake();
  }

  #append(bytes: Uint8Array): void {
    // Most have none at most times.
    if (this.#pieces === noPieces) this.#pieces = [];
    this.#pieces.push(bytes);
  }

  end(): void {
    if (this.#state === "open") this.#tell(tunnelEvent.end, 0);
  }

  goAway(reason: AwayReason = "ending"): void {
    if (this.#state !== "open") return;
    this.#tell(tunnelEvent.away, awayReasons.indexOf(reason));
  }

  /** The worker sends nothing more. */
  finish(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#tunnels.ended(this.#id);
    this.#wake();
  }

  /** The worker wants no more of it. */
  cut(): void {
    this.#pieces = noPieces;
    this.finish();
    this.onCut();
  }

  /** The worker is gone: the client is told so behind what it was sent. */
  fail(): void {
    if (this.#state !== "open") return;
    this.#append(this.#lastWords);
    this.finish();
  }

  cancel(): void {
    if (this.#state === "open") {
      this.#tell(tunnelEvent.end, 0);
      this.#state = "over";
      this.#tunnels.ended(this.#id);
    }
    this.#state = "over";
    this.#pieces = noPieces;
    this.#wake();
  }

  #wake(): void {
    this.#reader?.(this.#next());
    this.#reader = null;
    this.#wakeWriter?.();
    this.#wakeWriter = null;
  }
}
