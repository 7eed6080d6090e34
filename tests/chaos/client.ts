/**
 * A client of chaos: sends requests on connections that it keeps, and looks at
 * every byte of the answers.
 *
 * @module
 */

import type { RawClient } from "../support/test_server.ts";
import type { ChaosRequest } from "./requests.ts";

/** What came back. */
export interface ChaosAnswer {
  readonly status: number;
  readonly content: string;
  /** The connection ended before the content did. */
  readonly cut: boolean;
}

/** Sends requests, one after the other. */
export class ChaosClient implements Disposable {
  readonly #connect: () => Promise<RawClient>;
  #connection: RawClient | null = null;

  /** Makes one; it connects when it has something to send. */
  constructor(connect: () => Promise<RawClient>) {
    this.#connect = connect;
  }

  /** Sends one, and reads the answer. */
  async ask(
    { path, content }: Pick<ChaosRequest, "path" | "content">,
  ): Promise<ChaosAnswer> {
    const connection = this.#connection ??= await this.#connect();
    const head = content === null
      ? `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
      : `POST ${path} HTTP/1.1\r\nHost: localhost\r\n` +
        `Content-Length: ${content.length}\r\n\r\n`;
    await connection.send(head + (content ?? ""));
    const answer = await readAnswer(connection);
    if (answer.cut) this[Symbol.dispose]();
    return answer;
  }

  [Symbol.dispose](): void {
    this.#connection?.[Symbol.dispose]();
    this.#connection = null;
  }
}

async function readAnswer(connection: RawClient): Promise<ChaosAnswer> {
  const head = await connection.readUntil("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(head)?.[1]);
  const length = /^content-length: *([0-9]+)\r$/im.exec(head)?.[1];
  if (length !== undefined) {
    const content = await connection.readBytes(Number(length));
    return { status, content, cut: false };
  }
  let content = "";
  try {
    for (;;) {
      const size = parseInt(await connection.readUntil("\r\n"), 16);
      const chunk = await connection.readBytes(size + 2);
      if (size === 0) return { status, content, cut: false };
      content += chunk.slice(0, size);
    }
  } catch {
    return { status, content, cut: true };
  }
}

/** What is wrong with an answer, or `null`. */
export function complaint(
  request: ChaosRequest,
  { status, content, cut }: ChaosAnswer,
): string | null {
  if (status !== request.status) return `the status ${status}: ${content}`;
  if (cut !== request.cut) return cut ? "an answer cut off" : "no cut";
  const { wants } = request;
  if (wants === null) return null;
  const right = typeof wants === "string"
    ? content === wants
    : content.includes(wants.part);
  return right ? null : `the content ${content.slice(0, 200)}`;
}
