/**
 * Reads the body of one request, by its framing: whole, or piece by piece. Must not
 * know connections, workers or time.
 *
 * @module
 */

import { ChunkedDecoder } from "../http/chunked.ts";
import { type BodyLimit, type Framing, tooLarge } from "../http/framing.ts";
import type { BodyBytes } from "../http/message.ts";
import type { Limits } from "../limits.ts";
import type { ByteReader } from "./byte_reader.ts";

export class IncompleteRequestError extends Error {
  constructor() {
    super("The client has left in the middle of a request");
    this.name = "IncompleteRequestError";
  }
}

/** The memory that a body grows into. */
export interface BodyMemory {
  /** Resolves when there is memory; `null` where there is some already. */
  room(): Promise<void> | null;
  /** Counts bytes that are in use from now on. */
  add(bytes: number): void;
}

export interface BodyReader {
  /** In bytes, or `null` where the client does not say it. */
  readonly length: number | null;
  /** In bytes. */
  readonly received: number;
  /** Whether the body was read to its last byte. */
  readonly ended: boolean;
  /**
   * Reads the whole body into memory.
   *
   * @param memory is waited for before the body grows, and then counts the bytes
   * @throws {HttpError} where the body is broken or too large
   * @throws {IncompleteRequestError} where the input ends inside the body
   */
  whole(memory?: BodyMemory): Promise<BodyBytes>;
  /**
   * Reads as far as the client has sent by now.
   *
   * @returns the whole body, where that is all of it; `null` otherwise: `next` begins
   * with the bytes that were read
   * @throws {HttpError} where the body is broken or too large
   */
  arrived(): Promise<BodyBytes | null>;
  /**
   * Reads the next piece: at least one byte, in a buffer of its own; `null` at the end.
   * A piece that `arrived` has read may be longer than `maxBytes`.
   *
   * @throws as `whole` does
   */
  next(maxBytes: number): Promise<BodyBytes | null>;
}

/**
 * @param bytes must not be read elsewhere until the end of the body
 * @param most past it a chunked body is refused
 */
export function openBody(
  bytes: ByteReader,
  framing: Exclude<Framing, { kind: "none" }>,
  limits: Limits,
  most: BodyLimit,
): BodyReader {
  return framing.kind === "length"
    ? new LengthBody(bytes, framing.length)
    : new ChunkedBody(bytes, limits, most);
}

// Small, so that a client that sends few bytes at a time holds little memory.
const leastRoomBytes = 4 * 1024;

class LengthBody implements BodyReader {
  readonly length: number;
  readonly #bytes: ByteReader;
  received = 0;
  #roomBytes = leastRoomBytes;

  constructor(bytes: ByteReader, length: number) {
    this.#bytes = bytes;
    this.length = length;
  }

  get ended(): boolean {
    return this.received === this.length;
  }

  /** What has come stays unread: it is read in one go with the rest. */
  arrived(): Promise<null> {
    return Promise.resolve(null);
  }

  async whole(memory?: BodyMemory): Promise<BodyBytes> {
    const { length } = this;
    await memory?.room();
    // It grows as bytes arrive: a length without its bytes costs no memory.
    let body = new Uint8Array(Math.min(length, 64 * 1024));
    memory?.add(body.length);
    while (this.received < length) {
      if (this.received === body.length) {
        await memory?.room();
        memory?.add(Math.min(body.length, length - body.length));
        body = grown(body, length);
      }
      await this.#takeInto(body.subarray(this.received));
    }
    return body;
  }

  async next(maxBytes: number): Promise<BodyBytes | null> {
    if (this.ended) return null;
    const room = new Uint8Array(
      Math.min(this.#roomBytes, maxBytes, this.length - this.received),
    );
    const count = await this.#takeInto(room);
    if (count === this.#roomBytes) this.#roomBytes *= 2;
    else if (count < room.length / 4) {
      this.#roomBytes = Math.max(leastRoomBytes, room.length / 2);
    }
    return fitted(room, count);
  }

  async #takeInto(room: BodyBytes): Promise<number> {
    const count = await this.#bytes.takeInto(room);
    if (count === 0) throw new IncompleteRequestError();
    this.received += count;
    return count;
  }
}

class ChunkedBody implements BodyReader {
  readonly length = null;
  readonly #bytes: ByteReader;
  readonly #decoder: ChunkedDecoder;
  readonly #most: BodyLimit;
  received = 0;
  /** Its first `#count` bytes are decoded and not handed out yet. */
  #decoded: BodyBytes = new Uint8Array(leastRoomBytes);
  #count = 0;

  constructor(bytes: ByteReader, limits: Limits, most: BodyLimit) {
    this.#bytes = bytes;
    this.#most = most;
    this.#decoder = new ChunkedDecoder(limits, (data) => this.#append(data));
  }

  get ended(): boolean {
    return this.#decoder.done && this.#count === 0;
  }

  #append(data: Uint8Array): void {
    if (this.received + data.length > this.#most.bytes) {
      throw tooLarge(this.#most);
    }
    const count = this.#count + data.length;
    while (count > this.#decoded.length) {
      this.#decoded = grown(this.#decoded, this.#most.bytes);
    }
    this.#decoded.set(data, this.#count);
    this.#count = count;
    this.received += data.length;
  }

  async arrived(): Promise<BodyBytes | null> {
    while (!this.#decoder.done) {
      if (this.#bytes.buffered === 0) return null;
      await this.#decode(Infinity);
    }
    return this.#take().slice();
  }

  async whole(memory?: BodyMemory): Promise<BodyBytes> {
    while (!this.#decoder.done) {
      await memory?.room();
      const before = this.#decoded.length;
      await this.#decode(Infinity);
      memory?.add(this.#decoded.length - before);
    }
    return this.#take().slice();
  }

  async next(maxBytes: number): Promise<BodyBytes | null> {
    while (this.#count === 0) {
      if (this.#decoder.done) return null;
      await this.#decode(maxBytes);
    }
    const piece = this.#take();
    // The next piece is likely to be as long.
    this.#decoded = new Uint8Array(Math.max(leastRoomBytes, piece.length));
    return fitted(piece, piece.length);
  }

  async #decode(maxBytes: number): Promise<void> {
    const some = await this.#bytes.offer((bytes) =>
      this.#decoder.push(bytes.subarray(0, maxBytes))
    );
    if (!some) throw new IncompleteRequestError();
  }

  #take(): BodyBytes {
    const bytes = this.#decoded.subarray(0, this.#count);
    this.#count = 0;
    return bytes;
  }
}

/** A copy that is twice as long, but at most `maxBytes`. */
function grown(body: BodyBytes, maxBytes: number): BodyBytes {
  const larger = new Uint8Array(Math.min(body.length * 2, maxBytes));
  larger.set(body);
  return larger;
}

/** The first bytes of a buffer, copied where most of it is not used. */
function fitted(buffer: BodyBytes, count: number): BodyBytes {
  const bytes = buffer.subarray(0, count);
  return bytes.length < bytes.buffer.byteLength / 2 ? bytes.slice() : bytes;
}
