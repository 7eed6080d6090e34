/**
 * A listener whose socket was made by another process, such as systemd, and passed on
 * as a file descriptor. Only `node:net` takes one on this runtime: its sockets are made
 * to look like Deno's. Must not know who has passed it.
 *
 * @module
 */

import { createServer, type Server, type Socket as NodeSocket } from "node:net";
import type { AcceptedSocket, Listener } from "./listen.ts";

/** Listens on a descriptor. */
export class FdListener implements Listener {
  readonly #server: Server;
  readonly #sockets: AcceptedSocket[] = [];
  #waiting: PromiseWithResolvers<AcceptedSocket> | null = null;
  #closed = false;
  readonly isPassed = true;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => this.#accepted(new FdSocket(socket)));
  }

  /** @throws where the descriptor is no socket that listens */
  static async open(fd: number): Promise<FdListener> {
    // What a socket has received stays in the kernel until somebody reads it.
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ fd }, resolve);
    });
    return new FdListener(server);
  }

  #accepted(socket: AcceptedSocket): void {
    if (this.#closed) return socket.close();
    if (this.#waiting === null) this.#sockets.push(socket);
    else {
      this.#waiting.resolve(socket);
      this.#waiting = null;
    }
  }

  get addr(): Deno.NetAddr | Deno.UnixAddr {
    const address = this.#server.address();
    if (address === null || typeof address === "string") {
      return { transport: "unix", path: address ?? "" };
    }
    const { address: hostname, port } = address;
    return { transport: "tcp", hostname, port };
  }

  async accept(): Promise<AcceptedSocket> {
    const socket = this.#sockets.shift();
    if (socket !== undefined) return socket;
    if (this.#closed) throw new Deno.errors.BadResource("It is closed");
    this.#waiting = Promise.withResolvers();
    return await this.#waiting.promise;
  }

  close(): void {
    this.#closed = true;
    this.#server.close();
    for (const socket of this.#sockets.splice(0)) socket.close();
    this.#waiting?.reject(new Deno.errors.BadResource("It is closed"));
    this.#waiting = null;
  }
}

/** A socket of `node:net` that is read and written as one of Deno. */
class FdSocket implements AcceptedSocket {
  readonly #socket: NodeSocket;
  /** What was received and did not fit into the last read. */
  #rest: Uint8Array | null = null;
  #ended = false;
  #error: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(socket: NodeSocket) {
    this.#socket = socket;
    const wake = () => {
      this.#wake?.();
      this.#wake = null;
    };
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
    for (;;) {
      const bytes = this.#rest ??
        this.#socket.read() as Uint8Array | null;
      if (bytes !== null) {
        const taken = bytes.subarray(0, into.length);
        into.set(taken);
        this.#rest = taken.length < bytes.length
          ? bytes.subarray(taken.length)
          : null;
        return taken.length;
      }
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

/** The error that Deno's own sockets throw. */
function asOfDeno(error: Error & { code?: string }): Error {
  switch (error.code) {
    case "ECONNRESET":
      return new Deno.errors.ConnectionReset(error.message);
    case "EPIPE":
      return new Deno.errors.BrokenPipe(error.message);
    case "ETIMEDOUT":
      return new Deno.errors.TimedOut(error.message);
    default:
      return new Deno.errors.BadResource(error.message);
  }
}
