/**
 * A socket that a proxy has opened for its client: its first bytes are a header that
 * says who the client is. Must not know how such a header is written.
 *
 * @module
 */

import type { ReadProxyHeader } from "../http/exchange.ts";
import type { Socket } from "./socket.ts";

// More than any header has.
const maxBytes = 4096;

/** What stands at the start of a connection. */
export interface Unwrapped {
  /** What was received after the header. */
  readonly rest: Uint8Array;
  /** `null`: the peer itself is the client. */
  readonly peer: string | null;
}

/**
 * Reads the header.
 *
 * @returns `null` where the peer has sent no header, or has left
 * @throws what reading throws
 */
export async function unwrap(
  socket: Pick<Socket, "read">,
  readHeader: ReadProxyHeader,
): Promise<Unwrapped | null> {
  const buffer = new Uint8Array(maxBytes);
  for (let received = 0; received < maxBytes;) {
    const count = await socket.read(buffer.subarray(received));
    if (count === null) return null;
    received += count;
    const header = readHeader(buffer.subarray(0, received));
    if (header.kind === "bad") return null;
    if (header.kind === "more") continue;
    return {
      rest: buffer.slice(header.length, received),
      peer: header.peer,
    };
  }
  return null;
}

/** The rest of what was received comes first. */
export class ProxiedSocket implements Socket {
  readonly #socket: Socket;
  #rest: Uint8Array;

  constructor(socket: Socket, rest: Uint8Array) {
    this.#socket = socket;
    this.#rest = rest;
  }

  read(into: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) return this.#socket.read(into);
    const taken = this.#rest.subarray(0, into.length);
    into.set(taken);
    this.#rest = this.#rest.subarray(taken.length);
    return Promise.resolve(taken.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#socket.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#socket.closeWrite();
  }

  close(): void {
    this.#socket.close();
  }
}
