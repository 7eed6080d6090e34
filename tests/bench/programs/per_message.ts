/**
 * A baseline: the pool that one writes first. Requests are parsed by hand, with no line stream, and
 * each goes to a worker in a message of its own. Run as `per_message.ts FILE MEDIA-TYPE`.
 *
 * It does what the load needs, as fast as it can in this shape, and no more: no bodies, no timeouts,
 * and a client whose head is too large is sent away without a word.
 *
 * @module
 */

import type { Answer, Boot, Job } from "./per_message_worker.ts";

const maxHeadBytes = 8192;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface PoolWorker {
  thread: Worker;
  inFlight: number;
}

interface Request extends Job {
  keepAlive: boolean;
}

const waiting = new Map<number, (answer: Answer) => void>();
let lastId = 0;
let dateText = "";
let dateSecond = 0;

const [file, type] = Deno.args;
const boot: Boot = { body: await Deno.readFile(file), type };
const workers = Array.from(
  { length: navigator.hardwareConcurrency },
  () => startWorker(boot),
);

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(
  `per-message is listening on http://127.0.0.1:${listener.addr.port}/`,
);
for await (const conn of listener) void serve(conn);

function startWorker(boot: Boot): PoolWorker {
  const url = new URL("./per_message_worker.ts", import.meta.url);
  const worker = { thread: new Worker(url, { type: "module" }), inFlight: 0 };
  worker.thread.onmessage = ({ data }: MessageEvent<Answer>) => {
    worker.inFlight--;
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  worker.thread.postMessage(boot);
  return worker;
}

/** Gives the job to the worker that has the least to do. */
function ask(job: Job): Promise<Answer> {
  const worker = workers.reduce((best, each) =>
    each.inFlight < best.inFlight ? each : best
  );
  worker.inFlight++;
  worker.thread.postMessage({
    id: job.id,
    method: job.method,
    target: job.target,
  });
  return new Promise((resolve) => waiting.set(job.id, resolve));
}

async function serve(conn: Deno.TcpConn): Promise<void> {
  try {
    conn.setNoDelay();
    await answerAll(conn);
  } catch (error) {
    if (!isGone(error)) console.error(error);
  } finally {
    conn.close();
  }
}

/** The load ends by closing its connections in the middle of requests. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe;
}

async function answerAll(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(maxHeadBytes);
  let filled = 0;
  while (true) {
    const end = endOfHead(buffer.subarray(0, filled));
    if (end === -1) {
      // A full buffer leaves no room, and a read into no room returns 0.
      const count = await conn.read(buffer.subarray(filled));
      if (count === null || count === 0) return;
      filled += count;
      continue;
    }
    const request = parse(decoder.decode(buffer.subarray(0, end)));
    buffer.copyWithin(0, end, filled);
    filled -= end;
    await writeAll(conn, encode(await ask(request), request.keepAlive));
    if (!request.keepAlive) return;
  }
}

/** Where the first head in `bytes` ends, or -1. */
function endOfHead(bytes: Uint8Array): number {
  let at = bytes.indexOf(13);
  while (at !== -1) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) {
      return at + 4;
    }
    at = bytes.indexOf(13, at + 1);
  }
  return -1;
}

function parse(head: string): Request {
  const [requestLine, ...lines] = head.trimEnd().split("\r\n");
  const [method, target, version] = requestLine.split(" ");
  const fields = new Map(lines.map(parseField));
  const wish = fields.get("connection")?.toLowerCase();
  const keepAlive = version === "HTTP/1.1"
    ? wish !== "close"
    : wish === "keep-alive";
  return { id: ++lastId, method, target, keepAlive };
}

function parseField(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function encode(
  { status, fields, body }: Answer,
  keepAlive: boolean,
): Uint8Array {
  let head = `HTTP/1.1 ${status}\r\n`;
  for (const [name, value] of fields) head += `${name}: ${value}\r\n`;
  if (!keepAlive) head += "connection: close\r\n";
  head += `content-length: ${body.length}\r\ndate: ${date()}\r\n\r\n`;
  // One write for the head and the body: two would be two system calls and two packets.
  const bytes = new Uint8Array(head.length + body.length);
  encoder.encodeInto(head, bytes);
  bytes.set(body, head.length);
  return bytes;
}

/** The date, formatted anew only when the second has changed. */
function date(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await conn.write(bytes.subarray(written));
  }
}
