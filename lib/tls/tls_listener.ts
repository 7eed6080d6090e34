/**
 * A listener whose connections begin with a handshake. Must not know what comes after
 * that.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Socket as NetSocket } from "node:net";
import {
  createSecureContext,
  type SecureContext,
  Server,
  type TLSSocket,
} from "node:tls";
import { encodeResponseHead } from "../http/response_head.ts";
import type {
  Listener,
  ListenTarget,
  SecuredSocket,
} from "../server/listen.ts";
import { NodeListener } from "../server/node_listener.ts";
import { NodeSocket } from "../server/node_socket.ts";
import type { Certificates } from "./certificates.ts";
import { type ClientCheck, describeClient } from "./client_certificate.ts";
import type { KeyPair } from "./key_pair.ts";

/** The first byte of a handshake (RFC 8446 section 5.1). */
const handshakeRecord = 0x16;

const plainText = "This port expects HTTPS, not plain HTTP.";

function plainResponse(): string {
  return encodeResponseHead({
    status: 400,
    fieldLines: "Content-Type: text/plain; charset=utf-8\r\n",
    framing: plainText.length,
    version: "1.1",
    persistent: false,
    serverName: null,
  }) + plainText;
}

/** What handshakes need. */
export interface HandshakeOptions {
  readonly certificates: Certificates;
  /** How clients are asked for certificates; `null` for not at all. */
  readonly clients: ClientCheck | null;
  /** How long one may take. */
  readonly timeoutMs: number;
}

/** Does the handshakes of one server. */
export class Handshakes {
  readonly #certificates: Certificates;
  readonly #clients: ClientCheck | null;
  readonly #timeoutMs: number;
  /** Handshakes under way, by the sockets below them. */
  readonly #pending = new Map<NetSocket, (socket: TLSSocket | null) => void>();
  readonly #contexts = new WeakMap<KeyPair, SecureContext>();
  /** The last server, and the one pair that it shows. */
  #server: { readonly server: Server; readonly pair: KeyPair | null } | null =
    null;

  constructor({ certificates, clients, timeoutMs }: HandshakeOptions) {
    this.#certificates = certificates;
    this.#clients = clients;
    this.#timeoutMs = timeoutMs;
  }

  /** Opens a listener whose sockets can be secured. */
  readonly listen = (target: ListenTarget): Promise<Listener> =>
    NodeListener.open(target, (socket) => new TlsSocket(socket, this));

  /** Resolves with the socket above that one, or `null` where the handshake fails. */
  run(socket: NetSocket): Promise<TLSSocket | null> {
    // Its client has reset it, and no event will come any more.
    if (socket.destroyed) return Promise.resolve(null);
    return new Promise((resolve) => {
      const done = (secured: TLSSocket | null) => {
        if (this.#pending.delete(socket)) resolve(secured);
      };
      this.#pending.set(socket, done);
      socket.once("close", () => done(null));
      // The documented way to have a server do the handshake of a connection that it
      // has not accepted itself.
      this.#currentServer().emit("connection", socket);
    });
  }

  /** Ends the handshake of a socket that was closed. The runtime tells nobody of that,
   * not even the socket above, which would keep all that it has. */
  abandon(socket: NetSocket): void {
    const done = this.#pending.get(socket);
    if (done === undefined) return;
    done(null);
    socket.emit("close");
  }

  #currentServer(): Server {
    const pair = this.#certificates.only;
    if (this.#server === null || this.#server.pair !== pair) {
      this.#server = { server: this.#newServer(pair), pair };
    }
    return this.#server.server;
  }

  #newServer(pair: KeyPair | null): Server {
    const server = new Server({
      ...this.#clients?.options,
      // Of a client that resets its connection meanwhile the runtime tells nothing, and
      // keeps 35 KB until then.
      handshakeTimeout: this.#timeoutMs,
      // RFC 7301 section 3.2: a client that offers other protocols only is refused.
      ALPNProtocols: ["http/1.1"],
      // To choose by name takes 0.1 ms more of a handshake.
      ...(pair === null
        ? { SNICallback: this.#choose }
        : { cert: pair.cert, key: pair.key }),
    });
    server.on("secureConnection", (secured) => {
      // The socket below; there is no other way to tell which one is done.
      const { _parent: socket } = secured as unknown as { _parent: NetSocket };
      this.#pending.get(socket)?.(secured);
    });
    server.on("tlsClientError", (_error, secured) => secured.destroy());
    return server;
  }

  readonly #choose = (
    serverName: string,
    callback: (error: null, context: SecureContext) => void,
  ): void => {
    const pair = this.#certificates.pairFor(serverName);
    let context = this.#contexts.get(pair);
    if (context === undefined) {
      const { cert, key } = pair;
      const ca = this.#clients?.options.ca;
      context = createSecureContext({ cert, key, ca });
      this.#contexts.set(pair, context);
    }
    callback(null, context);
  };
}

/** A connection after its handshake. */
class SecureSocket extends NodeSocket {
  readonly #socket: TLSSocket;

  constructor(socket: TLSSocket) {
    super(socket);
    this.#socket = socket;
  }

  /** RFC 9112 section 9.8: a client is told of the end, so that it knows of a response
   * without a length whether it is whole. */
  override close(complete = false): void {
    if (complete) this.#socket.end();
    super.close();
  }
}

/** A connection before and during its handshake. */
class TlsSocket extends NodeSocket {
  readonly #socket: NetSocket;
  readonly #handshakes: Handshakes;

  constructor(socket: NetSocket, handshakes: Handshakes) {
    super(socket);
    this.#socket = socket;
    this.#handshakes = handshakes;
  }

  override close(): void {
    super.close();
    this.#handshakes.abandon(this.#socket);
  }

  async secure(received: Uint8Array): Promise<SecuredSocket | null> {
    // A client that says nothing costs no more than its socket.
    const first = received.length > 0 ? received : await this.next();
    if (first === null) return null;
    if (first[0] !== handshakeRecord) return await this.#refuse(first[0]);
    this.#socket.unshift(Buffer.from(first));
    const secured = await this.#handshakes.run(this.#socket);
    if (secured === null) return null;
    return {
      socket: new SecureSocket(secured),
      channel: { certificate: describeClient(secured) },
    };
  }

  /** Tells a client that speaks plain HTTP what is wrong; all others nothing. */
  async #refuse(first: number): Promise<null> {
    const isLetter = first >= 0x41 && first <= 0x5a;
    if (!isLetter) return null;
    this.#socket.end(plainResponse());
    // What the client still sends is dropped: unread, it would keep the client from
    // reading, and make the system reset the connection before it has.
    while (await this.next() !== null);
    return null;
  }
}
