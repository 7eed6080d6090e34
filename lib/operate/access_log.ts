/**
 * The access log: a line for every request, written in batches beside the event loop. A
 * file that is slow, full or gone delays nothing: lines are dropped and counted. Must
 * not know the formats.
 *
 * @module
 */

import type { RequestEvent } from "../http/exchange.ts";
import { LineLimit } from "./line_limit.ts";
import type { LogFile } from "./log_file.ts";
import type { LineFormatter } from "./log_line.ts";

/** The parts of an access log, and its bounds. */
export interface AccessLogOptions {
  readonly file: LogFile;
  readonly formatter: LineFormatter;
  /** Receives one line for the operator, where lines are lost. */
  readonly warn: (line: string) => void;
  /** Lines in a second, for a reader who is a person; the others are counted. */
  readonly maxInSecond?: number;
  /** Characters that may wait to be written. */
  readonly maxWaiting?: number;
  /** How long a line waits for others. */
  readonly batchMs?: number;
}

// A second of 20 000 requests.
const defaultMaxWaiting = 4 * 1024 * 1024;
const defaultBatchMs = 50;

const encoder = new TextEncoder();

/** Writes a line for each request. */
export class AccessLog {
  readonly #options: AccessLogOptions;
  readonly #maxWaiting: number;
  readonly #limit: LineLimit | null;
  #waiting = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | null = null;
  /** Characters that are being written. */
  #beingWritten = 0;
  #dropped = 0;
  #isLosing = false;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? defaultMaxWaiting;
    const { maxInSecond } = options;
    this.#limit = maxInSecond === undefined
      ? null
      : new LineLimit(maxInSecond, (count) => this.#add(moreText(count)));
  }

  /** Lines that were lost so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds the line of a request. Never waits, never throws. */
  readonly add = (event: RequestEvent): void => {
    if (this.#limit !== null && !this.#limit.take()) return;
    if (this.#waiting.length + this.#beingWritten >= this.#maxWaiting) {
      return this.#lose(1, "it is written too slowly");
    }
    this.#add(this.#options.formatter.line(event));
  };

  #add(line: string): void {
    this.#waiting += line;
    this.#timer ??= setTimeout(
      () => this.#begin(),
      this.#options.batchMs ?? defaultBatchMs,
    );
  }

  #begin(): void {
    this.#timer = undefined;
    this.#writing ??= this.#write().finally(() => this.#writing = null);
  }

  async #write(): Promise<void> {
    while (this.#waiting !== "") {
      const text = this.#waiting;
      this.#waiting = "";
      this.#beingWritten = text.length;
      try {
        await this.#options.file.write(encoder.encode(text));
        this.#recovered();
      } catch (error) {
        const lines = text.split("\n").length - 1;
        this.#lose(lines, (error as Error).message);
      }
      this.#beingWritten = 0;
    }
  }

  #lose(lines: number, why: string): void {
    this.#dropped += lines;
    if (this.#isLosing) return;
    this.#isLosing = true;
    this.#options.warn(`Lines of the access log are lost: ${why}`);
  }

  #recovered(): void {
    if (!this.#isLosing) return;
    this.#isLosing = false;
    const lines = this.#dropped === 1
      ? "1 line was"
      : `${this.#dropped} lines were`;
    this.#options.warn(`The access log is written again; so far ${lines} lost`);
  }

  /** From the next batch on the path leads to another file (logrotate). */
  reopen(): void {
    this.#options.file.reopen();
  }

  /** Writes what waits, for so long at most. */
  async end(timeoutMs: number): Promise<void> {
    this.#limit?.end();
    clearTimeout(this.#timer);
    this.#begin();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#writing, timeout]);
    clearTimeout(timer);
    this.#options.file.close();
  }
}

function moreText(count: number): string {
  return count === 1
    ? "... and 1 more request in this second\n"
    : `... and ${count} more requests in this second\n`;
}
