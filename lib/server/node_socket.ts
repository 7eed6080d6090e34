/**
 * A socket of `node:net` or `node:tls` that is read and written as one of Deno. Must not
 * know how it came about.
 *
 * @module
 */

import type { Socket as NetSocket } from "node:net";
import type { AcceptedSocket } from "./listen.ts";

/** One socket of the runtime's other kind. */
export class NodeSocket implements AcceptedSocket {
  readonly #socket: NetSocket;
  /** What was received and did not fit into the last read. */
  #rest: Uint8Array | null = null;
  #ended = false;
  #error: Error | null = null;
  #wake: (() => void) | null = null;

  /** @param socket is paused: it has to be read here first */
  constructor(socket: NetSocket) {
    this.#socket = socket;
    const wake = () => {
      this.#wake?.();
      this.#wake = null;
    };
    // With "data" events a request costs 29 us of a TLS connection, with these 26.
    socket.on("readable", wake);
    socket.on("end", () => (this.#ended = true, wake()));
    socket.on("error", (error) => (this.#error = error, wake()));
    socket.on("close", wake);
  }

  get remoteAddr(): Deno.NetAddr | Deno.UnixAddr {
    const { remoteAddress, remotePort } = this.#socket;
    return remoteAddress === undefined
      ? { transport: "unix", path: "" }
      : { transport: "tcp", hostname: remoteAddress, port: remotePort ?? 0 };
  }

  setNoDelay(on: boolean): void {
    this.#socket.setNoDelay(on);
  }

  async read(into: Uint8Array): Promise<number | null> {
    const bytes = await this.next();
    if (bytes === null) return null;
    const taken = bytes.subarray(0, into.length);
    into.set(taken);
    this.#rest = taken.length < bytes.length
      ? bytes.subarray(taken.length)
      : null;
    return taken.length;
  }

  /** What was received and not read yet, at least one byte; `null` at the end. */
  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const bytes = this.#rest ??
        this.#socket.read() as Uint8Array | null;
      this.#rest = null;
      if (bytes !== null) return bytes;
      if (this.#error !== null) throw asOfDeno(this.#error);
      if (this.#ended) return null;
      if (this.#socket.destroyed) {
        throw new Deno.errors.BadResource("The socket is closed");
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#socket.write(
        bytes,
        (error) => error ? reject(asOfDeno(error)) : resolve(bytes.length),
      )
    );
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(() => resolve()));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** The error that Deno's own sockets and listeners have for it. */
export function asOfDeno(error: Error & { code?: string }): Error {
  switch (error.code) {
    case "ECONNRESET":
      return new Deno.errors.ConnectionReset(error.message);
    case "EPIPE":
      return new Deno.errors.BrokenPipe(error.message);
    case "ETIMEDOUT":
      return new Deno.errors.TimedOut(error.message);
    case "EADDRINUSE":
      return new Deno.errors.AddrInUse(error.message);
    case "EADDRNOTAVAIL":
      return new Deno.errors.AddrNotAvailable(error.message);
    case "EACCES":
      return new Deno.errors.PermissionDenied(error.message);
    default:
      return new Deno.errors.BadResource(error.message);
  }
}
