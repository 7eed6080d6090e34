/**
 * The fuzzer: bursts of mutated traffic against a real server of this process, and
 * what must hold of every answer and after every burst. Must not know how the
 * traffic is made.
 *
 * @module
 */

import { appUrl } from "../support/apps.ts";
import {
  type RawClient,
  startTestServer,
  type TestServer,
  untilEmpty,
} from "../support/test_server.ts";
import { Random } from "./random.ts";
import { nextInput, split } from "./traffic.ts";
import {
  finalStatuses,
  type ReceivedResponse,
  splitResponses,
} from "./transcript.ts";

/** When to stop, and where to begin. */
export interface FuzzOptions {
  /** Chooses all inputs. */
  readonly seed: number;
  /** Whether to go on, asked before each burst. */
  readonly goOn: (inputs: number) => boolean;
}

/** What was tried. */
export interface FuzzResult {
  /** Inputs; each is sent whole, in pieces, or to be left alone. */
  readonly inputs: number;
  /** How often each final status came. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** Something that must hold did not. */
export class FuzzError extends Error {
  /**
   * Makes one.
   *
   * @param what did not hold
   * @param wires the bytes that were sent: one input, or those of a burst
   */
  constructor(what: string, wires: readonly string[]) {
    super(
      `${what}\n${wires.map((wire) => `  ${JSON.stringify(wire)}`).join("\n")}`,
    );
    this.name = "FuzzError";
  }
}

const workers = 2;
const burst = 24;
const patienceMs = 20_000;

// Small, so that mutation comes upon them.
const limits = {
  maxRequestLineBytes: 200,
  maxHeadBytes: 1000,
  maxFields: 20,
  maxBodyBytes: 2000,
  maxChunkLineBytes: 40,
  maxChunkExtensionBytes: 80,
  maxTrailerBytes: 80,
  maxRequestsPerConnection: 50,
  sweepMs: 20,
  // A loaded machine is no reason for a handler to be abandoned: see `exchange`.
  watchAfterMs: 60_000,
};

// Whatever the bytes are: never 500, 503 or 504.
const expected = new Set([200, 400, 411, 413, 414, 417, 431, 501, 505]);

/**
 * Runs until it is told to stop.
 *
 * @throws {FuzzError} where something did not hold
 */
export async function fuzz(
  { seed, goOn }: FuzzOptions,
): Promise<FuzzResult> {
  await using server = await startTestServer({
    workers,
    app: appUrl("echo").href,
    limits,
  });
  const random = new Random(seed);
  const statuses = new Map<number, number>();
  let inputs = 0;
  while (goOn(inputs)) {
    const wires = Array.from({ length: burst }, () => nextInput(random));
    const answers = await Promise.all(
      wires.map((wire) => tryOne(server, wire, random)),
    );
    for (const status of answers.flat()) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    await checkServer(server, wires);
    inputs += burst;
  }
  return { inputs, statuses };
}

/** Sends one input whole and in pieces, which must come to the same; or leaves
 * before the answer. */
async function tryOne(
  server: TestServer,
  wire: string,
  random: Random,
): Promise<number[]> {
  const pieces = split(wire, random);
  if (random.chance(0.1)) {
    using client = await server.connect();
    await sendAll(client, pieces);
    return [];
  }
  const whole = await exchange(server, [wire], wire);
  const inPieces = await exchange(server, pieces, wire);
  const one = JSON.stringify(summary(whole));
  const other = JSON.stringify(summary(inPieces));
  if (one !== other) {
    throw new FuzzError(`Whole it is ${one}, in pieces ${other}`, pieces);
  }
  return finalStatuses(whole);
}

/** All but interim responses: whether one is sent depends on what has come. */
function summary(responses: readonly ReceivedResponse[]) {
  return responses.filter(({ status }) => status >= 200)
    .map(({ status, body }) => [status, body]);
}

async function exchange(
  server: TestServer,
  pieces: readonly string[],
  wire: string,
): Promise<ReceivedResponse[]> {
  using client = await server.connect();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new FuzzError("The connection does not end", [wire])),
      patienceMs,
    );
  });
  try {
    return await Promise.race([converse(client, pieces, wire), patience]);
  } finally {
    clearTimeout(timer);
  }
}

async function converse(
  client: RawClient,
  pieces: readonly string[],
  wire: string,
): Promise<ReceivedResponse[]> {
  await sendAll(client, pieces);
  // Ends whatever the server would wait for.
  await client.conn.closeWrite().catch(() => {});
  const transcript = await client.readAll();
  try {
    const responses = splitResponses(transcript);
    checkResponses(responses);
    return responses;
  } catch (error) {
    throw new FuzzError((error as Error).message, [wire]);
  }
}

/** In a turn of the event loop each, so that the server sees them one by one. */
async function sendAll(
  client: RawClient,
  pieces: readonly string[],
): Promise<void> {
  try {
    client.conn.setNoDelay(true);
    for (const piece of pieces) {
      await client.send(piece);
      if (pieces.length > 1) {
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
  } catch {
    // Who was refused need not be able to send on.
  }
}

function checkResponses(responses: readonly ReceivedResponse[]): void {
  responses.forEach(({ status, head }, i) => {
    if (status !== 100 && !expected.has(status)) {
      throw new Error(`A status of ${status}`);
    }
    const isLast = i === responses.length - 1;
    if (status === 100 && isLast) return;
    const says = /^connection: close\r$/im.test(head);
    if (says && !isLast) throw new Error("An answer after the last one");
    // RFC 9112 section 6.3: framing that is in doubt ends the connection.
    const refused = status >= 400 && status !== 501 && status !== 400;
    if (refused && !says) throw new Error(`${status}, and it goes on`);
  });
}

/** What must hold when a burst is over. */
async function checkServer(
  server: TestServer,
  wires: readonly string[],
): Promise<void> {
  const fail = (what: string) => {
    throw new FuzzError(what, wires);
  };
  await untilEmpty(server).catch(() => fail("A connection is left over"));
  const { ready, lost, queued } = server.skein.pool;
  if (ready !== workers) fail(`There are ${ready} workers`);
  if (lost !== 0) fail(`A worker is lost`);
  if (queued !== 0) fail("A job is left over");
  if (server.log.length > 0) fail(`It logged ${server.log.join("\n")}`);
  const answer = await server.exchange(
    "POST /alive HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
  );
  if (!answer.endsWith("\r\n\r\nPOST /alive hello")) {
    fail(`It answers ${answer}`);
  }
  await untilEmpty(server).catch(() => fail("A connection is left over"));
}
