/**
 * Reads the body of one request, by its framing: whole, or piece by piece. Must not
 * know connections, workers or time.
 *
 * @module
 */

import { ChunkedDecoder } from "../http/chunked.ts";
import { type Framing, tooLarge } from "../http/framing.ts";
import type { BodyBytes } from "../http/message.ts";
import type { Limits } from "../limits.ts";
import type { ByteReader } from "./byte_reader.ts";

/** The client has left in the middle of a request. */
export class IncompleteRequestError extends Error {
  constructor() {
    super("The client has left in the middle of a request");
    this.name = "IncompleteRequestError";
  }
}

/** The memory that a body grows into. */
export interface BodyMemory {
  /** Resolves when there is some; `null` where there is. */
  room(): Promise<void> | null;
  /** So many bytes more are in use. */
  add(bytes: number): void;
}

/** Reads one body. */
export interface BodyReader {
  /** Its number of bytes, or `null` where the client does not say it. */
  readonly length: number | null;
  /** Bytes that were read. */
  readonly received: number;
  /** Whether it was read to the last byte of its framing. */
  readonly ended: boolean;
  /**
   * Reads all of it into memory.
   *
   * @param memory is asked before the body grows, and hears by how much it does
   * @returns `null` where it has more bytes than that; those that were read are the
   * first piece of `next` then
   * @throws {HttpError} where it is broken or too large
   * @throws {IncompleteRequestError} where the input ends inside it
   */
  whole(maxBytes: number, memory?: BodyMemory): Promise<BodyBytes | null>;
  /**
   * Reads the next piece, at least one byte and with a buffer of its own; `null` at the
   * end. It is at most so long, except the piece that `whole` has left.
   *
   * @throws as `whole` does
   */
  next(maxBytes: number): Promise<BodyBytes | null>;
}

/**
 * @param bytes is not read by anybody else until the end of the body
 * @param maxBodyBytes past it a chunked body is refused
 */
export function openBody(
  bytes: ByteReader,
  framing: Exclude<Framing, { kind: "none" }>,
  limits: Limits,
  maxBodyBytes: number,
): BodyReader {
  return framing.kind === "length"
    ? new LengthBody(bytes, framing.length)
    : new ChunkedBody(bytes, limits, maxBodyBytes);
}

// A client that sends little at a time holds little.
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

  async whole(
    maxBytes: number,
    memory?: BodyMemory,
  ): Promise<BodyBytes | null> {
    const { length } = this;
    if (length > maxBytes) return null;
    await memory?.room();
    // It grows as bytes arrive: a length that is only announced costs nothing.
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
  readonly #maxBytes: number;
  received = 0;
  /** Decoded bytes that were not handed out: the first `#count` of this buffer. */
  #content: BodyBytes = new Uint8Array(4 * 1024);
  #count = 0;

  constructor(bytes: ByteReader, limits: Limits, maxBytes: number) {
    this.#bytes = bytes;
    this.#maxBytes = maxBytes;
    this.#decoder = new ChunkedDecoder(limits, (data) => this.#append(data));
  }

  get ended(): boolean {
    return this.#decoder.done && this.#count === 0;
  }

  #append(data: Uint8Array): void {
    if (this.received + data.length > this.#maxBytes) {
      throw tooLarge(this.#maxBytes);
    }
    const count = this.#count + data.length;
    while (count > this.#content.length) {
      this.#content = grown(this.#content, this.#maxBytes);
    }
    this.#content.set(data, this.#count);
    this.#count = count;
    this.received += data.length;
  }

  async whole(
    maxBytes: number,
    memory?: BodyMemory,
  ): Promise<BodyBytes | null> {
    while (!this.#decoder.done) {
      await memory?.room();
      const before = this.#content.length;
      await this.#decode(Infinity);
      memory?.add(this.#content.length - before);
      if (this.#count > maxBytes) return null;
    }
    return this.#take().slice();
  }

  async next(maxBytes: number): Promise<BodyBytes | null> {
    while (this.#count === 0) {
      if (this.#decoder.done) return null;
      await this.#decode(maxBytes);
    }
    const content = this.#take();
    // The next piece is likely to be as long.
    this.#content = new Uint8Array(Math.max(leastRoomBytes, content.length));
    return fitted(content, content.length);
  }

  async #decode(maxBytes: number): Promise<void> {
    const some = await this.#bytes.offer((bytes) =>
      this.#decoder.push(bytes.subarray(0, maxBytes))
    );
    if (!some) throw new IncompleteRequestError();
  }

  #take(): BodyBytes {
    const content = this.#content.subarray(0, this.#count);
    this.#count = 0;
    return content;
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
