/**
 * A listener of `node:net`, which can do what Deno's own cannot: take a socket that
 * another process has made, such as systemd, and hand its connections to `node:tls`.
 * Its sockets look like Deno's. Must not know who has passed a socket, or what TLS is.
 *
 * @module
 */

import { createServer, type Server, type Socket as NetSocket } from "node:net";
import type { AcceptedSocket, Listener, ListenTarget } from "./listen.ts";
import { asOfDeno, NodeSocket } from "./node_socket.ts";

// As many as wait in the kernel's backlog: those that come while the server is full.
const maxWaiting = 511;

/** Makes the socket of a connection. */
export type MakeSocket = (socket: NetSocket) => AcceptedSocket;

/** Listens with `node:net`. */
export class NodeListener implements Listener {
  readonly #server: Server;
  readonly #sockets: AcceptedSocket[] = [];
  #waiting: PromiseWithResolvers<AcceptedSocket> | null = null;
  #closed = false;
  readonly isPassed: boolean;

  private constructor(server: Server, isPassed: boolean, make: MakeSocket) {
    this.#server = server;
    this.isPassed = isPassed;
    server.on("connection", (socket) => this.#accepted(make(socket)));
  }

  /**
   * Begins to listen.
   *
   * @throws {Deno.errors.AddrInUse} and the like
   */
  static async open(
    target: ListenTarget,
    make: MakeSocket = (socket) => new NodeSocket(socket),
  ): Promise<NodeListener> {
    // What a socket has received stays in the kernel until somebody reads it.
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(asOfDeno(error)));
      server.listen(
        "port" in target ? { ...target, host: target.hostname } : target,
        resolve,
      );
    });
    return new NodeListener(server, "fd" in target, make);
  }

  #accepted(socket: AcceptedSocket): void {
    if (this.#closed) return socket.close();
    if (this.#waiting !== null) {
      this.#waiting.resolve(socket);
      this.#waiting = null;
    } else if (this.#sockets.length < maxWaiting) this.#sockets.push(socket);
    else socket.close();
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
