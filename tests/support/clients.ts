/**
 * Clients of a server under test: one that asks once, and a crowd that asks all
 * the time and counts on every answer.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { until } from "./in_time.ts";
import type { RawClient } from "./test_server.ts";
import { get } from "./wire.ts";

/** What clients need of a server. */
export interface Reachable {
  /** Opens a connection to it. */
  connect(): Promise<RawClient>;
}

/** An answer, its body as it was on the wire. */
export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Asks once, on a connection of its own. */
export async function ask(
  server: Reachable,
  path: string,
  body?: string,
): Promise<Answer> {
  using client = await server.connect();
  const content = body === undefined
    ? "\r\n"
    : `Content-Length: ${body.length}\r\n\r\n${body}`;
  await client.send(
    `${body === undefined ? "GET" : "POST"} ${path} HTTP/1.1\r\n` +
      `Host: localhost\r\nConnection: close\r\n${content}`,
  );
  return parse(await client.readAll());
}

function parse(text: string): Answer {
  const end = text.indexOf("\r\n\r\n") + 4;
  const status = Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(text)?.[1]);
  return { status, head: text.slice(0, end), body: text.slice(end) };
}

/**
 * So many workers that answer, each by its name. Whoever was met is held by an
 * answer that has no end, so that the next one who asks meets another; what many
 * ask at the same time may all be one batch.
 *
 * @param path of an app's route that answers with `heldInstance`
 */
export async function instances(
  server: Reachable,
  count = 2,
  path = "/instance-held",
): Promise<Set<string>> {
  const met = new Set<string>();
  using held = new DisposableStack();
  await until(async () => {
    const client = held.use(await server.connect());
    await client.send(get(path));
    const head = await client.readUntil("\r\n\r\n");
    assertStringIncludes(head, "HTTP/1.1 200 OK\r\n");
    // A chunk's size, and the chunk.
    await client.readUntil("\r\n");
    met.add((await client.readUntil("\r\n")).trim());
    return met.size >= count;
  });
  return met;
}

/**
 * Clients that ask `/echo?WORD` again and again, each on a connection that is
 * kept, and want `WORD` back every time. Leaving its scope ends the crowd, and
 * fails the test where one of its requests was hurt.
 */
export class Crowd implements AsyncDisposable {
  readonly #clients: readonly Promise<void>[];
  readonly #answered: number[];
  #going = true;
  #failure: unknown = null;

  constructor(server: Reachable, size = 6) {
    this.#answered = Array.from({ length: size }, () => 0);
    this.#clients = this.#answered.map((_, index) =>
      this.#run(server, index).catch((error) => {
        this.#failure ??= error;
      })
    );
  }

  /** Resolves when each client has had so many more answers. */
  async answers(count: number): Promise<void> {
    const goals = this.#answered.map((answered) => answered + count);
    while (goals.some((goal, index) => this.#answered[index] < goal)) {
      if (this.#failure !== null) throw this.#failure;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async #run(server: Reachable, index: number): Promise<void> {
    using client = await server.connect();
    while (this.#going) {
      const word = `${index}-${this.#answered[index]}`;
      await client.send(
        `GET /echo?${word} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      );
      const { head, body } = await client.readResponse();
      assertStringIncludes(head, "HTTP/1.1 200 OK\r\n");
      assertEquals(body, word);
      this.#answered[index]++;
    }
  }

  /** Ends it. */
  async ends(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#clients);
    if (this.#failure !== null) throw this.#failure;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.ends();
  }
}
