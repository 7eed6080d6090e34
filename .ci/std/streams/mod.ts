/**
 * A stand-in for `@std/streams`, written for this project and used only where JSR
 * cannot be reached: `.ci/std.ts` then puts it into `vendor/` under the real
 * package's name and version. It holds the one export that the server uses and
 * behaves as the real one is documented to; `tests/std_test.ts` holds both to that.
 * It must not know the server.
 *
 * @module
 */

/** Options of {@linkcode TextLineStream}. */
export interface TextLineStreamOptions {
  /**
   * Whether a CR that no LF follows ends a line too.
   *
   * @default {false}
   */
  allowCR?: boolean;
}

/**
 * Turns chunks of text into its lines, without their ends (LF or CRLF). Text after
 * the last line end is a line of its own, once the writer closes.
 *
 * @example
 * ```ts
 * import { TextLineStream } from "@std/streams";
 * import { assertEquals } from "@std/assert";
 *
 * const text = ReadableStream.from(["one\r\ntw", "o\nthree"]);
 * const lines = await Array.fromAsync(text.pipeThrough(new TextLineStream()));
 * assertEquals(lines, ["one", "two", "three"]);
 * ```
 */
export class TextLineStream extends TransformStream<string, string> {
  /** Makes a stream with nothing in it. */
  constructor(options: TextLineStreamOptions = {}) {
    super(
      options.allowCR ? new CrOrLfSplitter() : new LfSplitter(),
    );
  }
}

type Controller = TransformStreamDefaultController<string>;

class LfSplitter implements Transformer<string, string> {
  /**
   * The line that no LF has ended yet. A chunk without LF is only added to it and
   * never searched again, so a line that comes in n pieces costs n, not n squared.
   */
  #open = "";

  transform(chunk: string, controller: Controller): void {
    let end = chunk.indexOf("\n");
    if (end === -1) {
      this.#open += chunk;
      return;
    }
    let start = 0;
    if (this.#open !== "") {
      // The CR of a CRLF may have come with the chunk before.
      const line = this.#open + chunk.slice(0, end);
      this.#open = "";
      controller.enqueue(line.endsWith("\r") ? line.slice(0, -1) : line);
      start = end + 1;
      end = chunk.indexOf("\n", start);
    }
    while (end !== -1) {
      const hasCR = end > start && chunk.charCodeAt(end - 1) === 0x0d;
      controller.enqueue(chunk.slice(start, hasCR ? end - 1 : end));
      start = end + 1;
      end = chunk.indexOf("\n", start);
    }
    if (start < chunk.length) this.#open = chunk.slice(start);
  }

  /** Here a CR ends no line without its LF, so a CR at the very end is text. */
  flush(controller: Controller): void {
    if (this.#open !== "") controller.enqueue(this.#open);
  }
}

class CrOrLfSplitter implements Transformer<string, string> {
  #open = "";

  /** Whether the open line ends in a CR: the next character says what that CR is. */
  #openEndsInCR = false;

  transform(chunk: string, controller: Controller): void {
    if (chunk === "") return;
    if (!this.#openEndsInCR && !/[\r\n]/.test(chunk)) {
      this.#open += chunk;
      return;
    }
    // The last character is left alone if it is a CR: its LF may still come.
    const lines = (this.#open + chunk).split(/\r\n|\n|\r(?=[^])/);
    this.#open = lines.pop()!;
    this.#openEndsInCR = this.#open.endsWith("\r");
    for (const line of lines) controller.enqueue(line);
  }

  flush(controller: Controller): void {
    if (this.#open === "") return;
    controller.enqueue(
      this.#openEndsInCR ? this.#open.slice(0, -1) : this.#open,
    );
  }
}
