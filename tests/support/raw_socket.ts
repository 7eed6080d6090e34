/**
 * A client of a WebSocket that sends whatever bytes a test likes, and reads frames.
 */

import { assertStringIncludes } from "@std/assert";
import { textOf } from "./wire.ts";
import {
  closeFrame,
  type Frame,
  joined,
  opcode,
  readFrame,
  told,
} from "./socket_frames.ts";

/** The key of RFC 6455 section 1.3. */
export const sampleKey = "dGhlIHNhbXBsZSBub25jZQ==";

/** The head of a request for a WebSocket. */
export function socketHead(path = "/", ...fields: string[]): string {
  return [
    ...[`GET ${path} HTTP/1.1`, "Host: localhost", "Upgrade: websocket"],
    ...["Connection: Upgrade", "Sec-WebSocket-Version: 13"],
    ...[`Sec-WebSocket-Key: ${sampleKey}`, ...fields, "", ""],
  ].join("\r\n");
}

/** A socket and the frames that come through it. */
export class RawSocket implements Disposable {
  readonly conn: Deno.TcpConn;
  #received: Uint8Array<ArrayBuffer> = new Uint8Array();
  readonly #buffer = new Uint8Array(256 * 1024);

  constructor(conn: Deno.TcpConn) {
    this.conn = conn;
    conn.setNoDelay();
  }

  /** Opens one to that path, with those field lines. */
  static async open(
    { port }: { readonly port: number },
    path = "/",
    ...fields: string[]
  ): Promise<RawSocket> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const socket = new RawSocket(conn);
    await socket.send(new TextEncoder().encode(socketHead(path, ...fields)));
    assertStringIncludes(
      await socket.readHead(),
      "HTTP/1.1 101 Switching Protocols\r\n",
    );
    return socket;
  }

  /** The head of a response. */
  async readHead(): Promise<string> {
    for (;;) {
      const text = textOf(this.#received.subarray(0, 8192));
      const end = text.indexOf("\r\n\r\n") + 4;
      if (end > 3) {
        this.#received = this.#received.slice(end);
        return text.slice(0, end);
      }
      if (!await this.#receive()) throw new Error(`No head, but ${text}`);
    }
  }

  /** Sends bytes, whole. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.conn.write(bytes.subarray(at));
    }
  }

  /** The same, where the server may have closed by now. */
  async trySend(bytes: Uint8Array): Promise<boolean> {
    try {
      await this.send(bytes);
      return true;
    } catch (error) {
      if (isClosed(error)) return false;
      throw error;
    }
  }

  /** The next frame; `null` where the server has ended the connection, or reset it. */
  async next(): Promise<Frame | null> {
    for (;;) {
      const read = readFrame(this.#received);
      if (read !== null) {
        this.#received = this.#received.slice(read.size);
        return read.frame;
      }
      if (!await this.#receive()) return null;
    }
  }

  /** The next frame in few words; `end` where there is none. */
  async nextTold(): Promise<string> {
    const frame = await this.next();
    return frame === null ? "end" : told(frame);
  }

  /** All frames until the server ends the connection, in few words. A close frame is
   * answered, as a client has to. */
  async rest(): Promise<string[]> {
    const all: string[] = [];
    for (let frame; (frame = await this.next()) !== null;) {
      all.push(told(frame));
      if (frame.code === opcode.close) await this.trySend(closeFrame(1000));
    }
    return all;
  }

  async #receive(): Promise<boolean> {
    try {
      const count = await this.conn.read(this.#buffer);
      if (count === null) return false;
      this.#received = joined(this.#received, this.#buffer.subarray(0, count));
      return true;
    } catch (error) {
      if (isClosed(error)) return false;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    try {
      this.conn.close();
    } catch {
      // The test closed it.
    }
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted;
}
