/**
 * Reads and writes the frames of one socket with the library `ws`. Must not know the
 * states of a socket.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import process from "node:process";

/** What is used of `ws`, which has no types of its own. */
interface Library {
  readonly Receiver: new (options: object) => Receiver;
  readonly Sender: new (socket: object, extensions: object) => Sender;
  readonly PerMessageDeflate: new (options: object) => Deflate;
  readonly extension: {
    parse(header: string): Record<string, object[]>;
    format(extensions: Record<string, object[]>): string;
  };
}

interface Receiver {
  write(bytes: Uint8Array): void;
  // deno-lint-ignore no-explicit-any
  on(event: string, listener: (...values: any[]) => void): void;
  removeAllListeners(): void;
  /** Bytes that wait for those before them to be decompressed. */
  readonly writableLength: number;
  /** Bytes of a frame that is not whole. */
  readonly _bufferedBytes: number;
  /** Bytes of the frames of a message that is not whole. */
  readonly _messageLength: number;
}

interface Sender {
  send(data: unknown, options: object): void;
  ping(data: string, mask: boolean): void;
  pong(data: Uint8Array, mask: boolean): void;
  close(
    code: number | undefined,
    reason: string,
    mask: boolean,
    onSent: () => void,
  ): void;
  /** Bytes of blobs that are being read, and of what waits behind them. */
  readonly _bufferedBytes: number;
}

interface Deflate {
  accept(offers: readonly object[]): void;
  readonly params: object;
  cleanup(): void;
}

let loaded: Library | null = null;

/** Loads the library: 70 ms and 17 MB in a thread, which is why it waits for the first
 * socket. */
export async function loadLibrary(): Promise<Library> {
  return loaded ??= await (loading ??= importLibrary());
}

let loading: Promise<Library> | null = null;

/** It reads two variables, whether it may or not: whether to do without packages in
 * machine code, which nobody has here. */
async function importLibrary(): Promise<Library> {
  const { env } = process;
  // Not a proxy of `env` itself: it would be asked what it says of the variable.
  const told = new Proxy({}, {
    get: (_target, name) =>
      String(name).startsWith("WS_NO_") ? "1" : Reflect.get(env, name),
    set: (_target, name, value) => Reflect.set(env, name, value),
    has: (_target, name) => Reflect.has(env, name),
    deleteProperty: (_target, name) => Reflect.deleteProperty(env, name),
    ownKeys: () => Reflect.ownKeys(env),
    getOwnPropertyDescriptor: (_target, name) =>
      Reflect.getOwnPropertyDescriptor(env, name),
  });
  Object.defineProperty(process, "env", { ...replaceable, value: told });
  try {
    return await import("ws") as unknown as Library;
  } finally {
    Object.defineProperty(process, "env", { ...replaceable, value: env });
  }
}

const replaceable = { configurable: true, enumerable: true, writable: true };

/** The library, where it is loaded. */
export function library(): Library | null {
  return loaded;
}

/** Hears what a client has sent. */
export interface FrameListener {
  message(data: Buffer, isBinary: boolean): void;
  ping(data: Uint8Array): void;
  /** The client says goodbye, with 1005 where it gives no code. */
  concluded(code: number, reason: string): void;
  /** The client breaks a rule. Nothing is read any more. */
  broken(error: Error & { code?: string }): void;
}

// Frames of a message, and pieces of a frame. Each takes 300 bytes, however small it is:
// a message of the largest size may come in segments of 536 bytes.
const maxFragments = 4096;
const maxChunks = 32 * 1024;

/** What a client and this server may do besides the protocol's own. */
export interface Negotiated {
  readonly deflate: Deflate;
  /** The value of `Sec-WebSocket-Extensions`. */
  readonly header: string;
}

/**
 * Agrees to compress messages, where the client can. Each is compressed by itself, so
 * that a socket keeps no window of 300 KB.
 *
 * @param offers the value of `Sec-WebSocket-Extensions`
 * @returns `null` where the client cannot, or offers what nobody can read
 */
export function negotiate(
  { PerMessageDeflate, extension }: Library,
  offers: string,
  maxMessageBytes: number,
): Negotiated | null {
  try {
    const offered = extension.parse(offers)[deflateName];
    if (offered === undefined) return null;
    const deflate = new PerMessageDeflate({
      isServer: true,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      maxPayload: maxMessageBytes,
    });
    deflate.accept(offered);
    const header = extension.format({ [deflateName]: [deflate.params] });
    return { deflate, header };
  } catch {
    return null;
  }
}

const deflateName = "permessage-deflate";

/** The frames of one socket. */
export class Frames {
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  readonly #sink: FrameSink;
  readonly #deflate: Deflate | null;

  /** @param send gets frames, in one or more pieces each */
  constructor(
    { Receiver, Sender }: Library,
    maxMessageBytes: number,
    deflate: Deflate | null,
    listener: FrameListener,
    send: (bytes: Uint8Array) => void,
  ) {
    const extensions = deflate === null ? {} : { [deflateName]: deflate };
    this.#deflate = deflate;
    this.#receiver = new Receiver({
      isServer: true,
      extensions,
      maxPayload: maxMessageBytes,
      maxFragments,
      maxBufferedChunks: maxChunks,
    });
    this.#sink = new FrameSink(send);
    this.#sender = new Sender(this.#sink, extensions);
    this.#listen(listener);
  }

  #listen(listener: FrameListener): void {
    const receiver = this.#receiver;
    receiver.on("message", (data, binary) => listener.message(data, binary));
    receiver.on("ping", (data) => listener.ping(data));
    receiver.on(
      "conclude",
      (code, reason) => listener.concluded(code, `${reason}`),
    );
    receiver.on("error", (error) => listener.broken(error));
  }

  /** Bytes that are not framed yet. */
  get waitingBytes(): number {
    return this.#sender._bufferedBytes;
  }

  /** Bytes of what is not whole. */
  get partialBytes(): number {
    const { writableLength, _bufferedBytes, _messageLength } = this.#receiver;
    return writableLength + _bufferedBytes + _messageLength;
  }

  receive(bytes: Uint8Array): void {
    this.#receiver.write(bytes);
  }

  send(data: string | Uint8Array | ArrayBuffer | Blob): void {
    this.#sender.send(data, {
      fin: true,
      mask: false,
      binary: typeof data !== "string",
      compress: this.#deflate !== null,
    });
  }

  ping(): void {
    this.#sender.ping("", false);
  }

  pong(data: Uint8Array): void {
    this.#sender.pong(data, false);
  }

  /** @param onSent is called when it is sent: blobs, and what is being compressed, come
   * first */
  close(code: number | undefined, reason: string, onSent: () => void): void {
    this.#sender.close(code, reason, false, onSent);
  }

  /** Nothing is read any more. */
  end(): void {
    this.#receiver.removeAllListeners();
    this.#receiver.on("error", () => {});
    // Before the cleanup: what is being compressed would be sent without its content.
    this.#sink.destroyed = true;
    this.#deflate?.cleanup();
  }
}

/** What the library writes to instead of a socket. */
class FrameSink {
  readonly #send: (bytes: Uint8Array) => void;
  /** Looked at before what is asynchronous is sent. */
  destroyed = false;

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  cork(): void {}

  uncork(): void {}

  /** A text that is not masked comes as it is. */
  write(data: Uint8Array | string, onSent?: () => void): void {
    this.#send(typeof data === "string" ? encoder.encode(data) : data);
    onSent?.();
  }
}

const encoder = new TextEncoder();
