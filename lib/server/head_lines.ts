/**
 * Splits whole heads into lines with `TextLineStream`s, which are lent to one head after
 * another: a head that is written whole leaves its stream empty, so idle connections do
 * without. Must not know what the lines mean.
 *
 * A stream per connection costs 77 KiB and, at 1000 busy connections, a fifth of
 * the throughput.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

/** A stream with its two ends held. */
interface Splitter {
  readonly writer: WritableStreamDefaultWriter<string>;
  readonly reader: ReadableStreamDefaultReader<string>;
}

/** A head that waits to be split. */
interface Request {
  readonly head: string;
  readonly count: number;
  readonly done: (lines: string[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The line streams of one server. */
export class HeadLines {
  readonly #idle: Splitter[] = [];
  #requests: Request[] = [];

  /**
   * Splits a head.
   *
   * @param head whole lines, each with its CRLF; no bare CR or LF among them
   * @param count how many lines it has
   * @param parse receives the lines, in order
   */
  split<Head>(
    head: string,
    count: number,
    parse: (lines: string[]) => Head,
  ): Promise<Head> {
    return new Promise((resolve, reject) => {
      const done = (lines: string[]) => {
        try {
          resolve(parse(lines));
        } catch (error) {
          reject(error);
        }
      };
      const request = { head, count, done, reject };
      // Heads that arrive in the same turn of the event loop are written as one.
      if (this.#requests.push(request) === 1) {
        queueMicrotask(() => this.#splitAll());
      }
    });
  }

  async #splitAll(): Promise<void> {
    const requests = this.#requests;
    this.#requests = [];
    const splitter = this.#idle.pop() ?? newSplitter();
    try {
      await splitWith(splitter, requests);
      this.#idle.push(splitter);
    } catch (error) {
      for (const request of requests) request.reject(error);
    }
  }
}

async function splitWith(
  { writer, reader }: Splitter,
  requests: readonly Request[],
): Promise<void> {
  // Reads that wait resolve while the heads are written, without the queue of the
  // stream between (3.1 us against 4.6 us for six lines).
  const reads: Promise<ReadableStreamReadResult<string>>[] = [];
  let heads = "";
  for (const { head, count } of requests) {
    heads += head;
    for (let i = 0; i < count; i++) reads.push(reader.read());
  }
  // It resolves a little after its last line; the next head need not wait.
  writer.write(heads).catch(() => {});
  // All at once: their requests make one batch then, and not one each.
  const results = await Promise.all(reads);
  let next = 0;
  for (const { count, done } of requests) {
    const lines: string[] = [];
    while (lines.length < count) {
      const { value, done } = results[next++];
      if (done) throw new Error("Cannot split a head: its line stream ended");
      lines.push(value);
    }
    done(lines);
  }
}

function newSplitter(): Splitter {
  const stream = new TextLineStream();
  return {
    writer: stream.writable.getWriter(),
    reader: stream.readable.getReader(),
  };
}
