/**
 * A whole Skein on a free port, ended when its scope is left; and raw clients for
 * it. What it logs is kept, so that a test can say what must and must not be there.
 */

import { Skein, type SkeinOptions } from "../../lib/skein.ts";
import { until } from "./in_time.ts";
import { get } from "./wire.ts";

/** A running Skein and what it wrote to its log. */
export interface TestServer extends AsyncDisposable {
  readonly skein: Skein;
  readonly port: number;
  readonly url: string;
  readonly log: string[];
  /** Opens a connection to it, closed with its scope. */
  connect(): Promise<RawClient>;
  /** Sends that text and reads until the server closes. */
  exchange(text: string): Promise<string>;
  /** Resolves with the first line of the log that has that text in it. */
  logged(text: string): Promise<string>;
}

/** Starts a Skein of the bundled site, or of what the options say. */
export async function startTestServer(
  options: Partial<SkeinOptions> = {},
): Promise<TestServer> {
  const log: string[] = [];
  const skein = await Skein.start({
    root: new URL("../../static", import.meta.url).pathname,
    workers: 2,
    ...options,
    log: (line) => log.push(line),
  });
  await until(() => skein.pool.ready === skein.pool.size);
  const { port } = skein.server.address;
  const connect = async () =>
    new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  return {
    skein,
    port,
    url: `http://127.0.0.1:${port}`,
    log,
    connect,
    async exchange(text) {
      using client = await connect();
      await client.send(text);
      return await client.readAll();
    },
    async logged(text) {
      const find = () => log.find((line) => line.includes(text));
      await until(() => find() !== undefined);
      return find()!;
    },
    async [Symbol.asyncDispose]() {
      const soon = new Promise((resolve) => setTimeout(resolve, 0));
      await skein.drain(soon);
      // A timer that outlives its test is a leak to the sanitizer.
      await soon;
    },
  };
}

/** Resolves when the last client's connection has ended. */
export function untilEmpty({ skein }: TestServer): Promise<void> {
  return until(() => skein.server.connections === 0);
}

/** A socket, and what came through it as text of one character per byte. */
export class RawClient implements Disposable {
  readonly conn: Deno.TcpConn;
  #received = "";

  constructor(conn: Deno.TcpConn) {
    this.conn = conn;
  }

  /** Sends text of one byte per character, whole. */
  async send(text: string): Promise<void> {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    for (let at = 0; at < bytes.length;) {
      at += await this.conn.write(bytes.subarray(at));
    }
  }

  /** Everything until the server ends the connection, or resets it. */
  async readAll(): Promise<string> {
    while (await this.#receive());
    const all = this.#received;
    this.#received = "";
    return all;
  }

  /** Everything up to and with that text. */
  async readUntil(text: string): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(text);
      if (at >= 0) return this.#take(at + text.length);
      if (!await this.#receive()) {
        throw new Error(
          `The server closed before "${text}" came: ${this.#received}`,
        );
      }
    }
  }

  /** One response whose length is told by Content-Length. */
  async readResponse(): Promise<{ head: string; body: string }> {
    const head = await this.readUntil("\r\n\r\n");
    const length = Number(
      /^content-length: *([0-9]+)\r$/im.exec(head)?.[1] ?? 0,
    );
    return { head, body: await this.readBytes(length) };
  }

  /** Asks for a path, and takes the response. */
  async get(path?: string): Promise<{ head: string; body: string }> {
    await this.send(get(path));
    return await this.readResponse();
  }

  /** So many bytes. */
  async readBytes(count: number): Promise<string> {
    while (this.#received.length < count) {
      if (!await this.#receive()) {
        throw new Error("The server closed within a body");
      }
    }
    return this.#take(count);
  }

  /** Reads over so many bytes. */
  async skip(count: number): Promise<void> {
    const buffer = new Uint8Array(256 * 1024);
    for (let left = count - this.#take(count).length; left > 0;) {
      const read = await this.conn.read(buffer.subarray(0, left));
      if (read === null) throw new Error(`It ended ${left} bytes too early`);
      left -= read;
    }
  }

  /** How many bytes come until the server ends the connection, or resets it; those
   * count that are here. */
  async countRest(): Promise<number> {
    const buffer = new Uint8Array(1024 * 1024);
    let bytes = this.#received.length;
    this.#received = "";
    try {
      for (let read; (read = await this.conn.read(buffer)) !== null;) {
        bytes += read;
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
    return bytes;
  }

  #take(length: number): string {
    const taken = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return taken;
  }

  async #receive(): Promise<boolean> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      const count = await this.conn.read(buffer);
      if (count === null) return false;
      for (const byte of buffer.subarray(0, count)) {
        this.#received += String.fromCharCode(byte);
      }
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return false;
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
