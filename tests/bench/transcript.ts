/**
 * What a child process has said so far. It reads the pipe to its end whatever happens: a child whose
 * pipe is full would stop in the middle of a measurement.
 *
 * @module
 */

/** Enough for every line that is waited for; a chatty server must not fill the memory. */
const maxKeptChars = 65_536;

interface Waiting {
  pattern: RegExp;
  resolve(match: RegExpExecArray): void;
  reject(error: Error): void;
}

/** The text of a stream, and a way to wait for a part of it. */
export class Transcript {
  /** Resolves at the end of the stream. */
  readonly ended: Promise<void>;
  #text = "";
  #isOver = false;
  #waiting: Waiting[] = [];

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = this.#read(stream);
  }

  /** The last part of what was said. */
  get text(): string {
    return this.#text;
  }

  /** The last line that says something. */
  get lastWords(): string {
    return this.#text.trimEnd().split("\n").at(-1)?.trim() ?? "";
  }

  /**
   * Waits for `pattern`, which should match up to the white space after what it looks for: the text
   * comes in arbitrary pieces.
   */
  waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<
      RegExpExecArray
    >();
    this.#waiting.push({ pattern, resolve, reject });
    this.#settle();
    return promise;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#text = (this.#text + text).slice(-maxKeptChars);
      this.#settle();
    }
    this.#isOver = true;
    this.#settle();
  }

  #settle(): void {
    this.#waiting = this.#waiting.filter(({ pattern, resolve, reject }) => {
      const match = pattern.exec(this.#text);
      if (match !== null) resolve(match);
      else if (this.#isOver) {
        reject(new Error("The process ended before it said what was awaited"));
      }
      return match === null && !this.#isOver;
    });
  }
}
