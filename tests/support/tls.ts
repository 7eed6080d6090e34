/**
 * Certificates of `tests/tls/fixtures`, and clients that do a handshake.
 */

import { Buffer } from "node:buffer";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { fromFileUrl } from "@std/path";
import type { KeyPairFiles } from "../../lib/tls/key_pair.ts";
import { RawClient } from "./test_server.ts";

/** The path of a fixture. */
export function fixture(name: string): string {
  return fromFileUrl(new URL(`../tls/fixtures/${name}`, import.meta.url));
}

/** What is in it. */
export function pem(name: string): string {
  return Deno.readTextFileSync(fixture(name));
}

/** The files of a pair. */
export function pairOf(name: string): KeyPairFiles {
  return { cert: fixture(`${name}.crt`), key: fixture(`${name}.key`) };
}

/** The authority of all servers. */
export const ca = pem("ca.crt");

/** Where a server is. */
export interface TlsTarget {
  readonly port: number;
}

/** Opens a connection with Deno's own client, which checks the certificate. */
export async function connectTls(
  { port }: TlsTarget,
  serverName = "localhost",
): Promise<RawClient> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  return await startTls(conn, serverName);
}

/** Does the handshake on a connection. */
export async function startTls(
  conn: Deno.TcpConn,
  serverName = "localhost",
): Promise<RawClient> {
  const secured = await Deno.startTls(conn, {
    hostname: serverName,
    caCerts: [ca],
  });
  try {
    await secured.handshake();
  } catch (error) {
    secured.close();
    throw error;
  }
  return new RawClient(secured as unknown as Deno.TcpConn);
}

/** Where clients of a server with a certificate connect. */
export function secured(server: TlsTarget, serverName?: string) {
  return { connect: () => connectTls(server, serverName) };
}

/** A client that shows more of its handshake, and can be told more. */
export class TlsClient implements Disposable {
  readonly socket: TLSSocket;
  /** The common name of the certificate that the server has shown. */
  readonly shown: string;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    this.shown = `${socket.getPeerCertificate().subject.CN}`;
  }

  /** Rejects where the handshake fails. */
  static async connect(
    { port }: TlsTarget,
    options: ConnectionOptions = {},
  ): Promise<TlsClient> {
    const socket = connect({
      host: "127.0.0.1",
      port,
      servername: "localhost",
      ca,
      ...options,
    });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("secureConnect", resolve);
        socket.once("error", reject);
        socket.once("close", () => reject(new Error("It was closed")));
      });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new TlsClient(socket);
  }

  /** Sends that text, and reads until the server closes. */
  async exchange(text: string): Promise<string> {
    const { socket } = this;
    const pieces: Uint8Array[] = [];
    const over = new Promise<void>((resolve, reject) => {
      socket.on("data", (piece) => pieces.push(piece));
      socket.once("end", () => resolve());
      socket.once("error", reject);
      socket.once("close", () => resolve());
    });
    socket.write(text);
    await over;
    return Buffer.concat(pieces).toString("latin1");
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
