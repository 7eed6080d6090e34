/**
 * The log of the program: lines on their way to stderr. A log that is read slowly, or
 * not at all, must not delay a request: lines are written beside the event loop, what
 * does not fit is dropped and counted, and one kind of line cannot fill it. Must not
 * know what is logged.
 *
 * @module
 */

/** Receives bytes, not on this thread. */
export interface LogSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** The bounds of a log. */
export interface LogOptions {
  /** Bytes that may wait to be written. */
  readonly maxWaitingBytes: number;
  /** Entries of one kind in `spanMs`; further ones are counted. */
  readonly maxOfKind: number;
  readonly spanMs: number;
  /** The time in front of an entry; `null` for none. */
  readonly time: (() => string) | null;
}

export const defaultLogOptions: LogOptions = {
  // Four pipes full.
  maxWaitingBytes: 256 * 1024,
  // More of the same tell nothing new, and 20 000 rejections are 200 000 lines.
  maxOfKind: 50,
  spanMs: 1000,
  time: null,
};

/** The present time, in UTC (RFC 3339), for a log that others gather. */
export function logTime(): string {
  return `${new Date().toISOString()} `;
}

const encoder = new TextEncoder();

/** Writes entries to a sink. */
export class Log {
  readonly #sink: LogSink;
  readonly #options: LogOptions;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Entries that did not fit, since it was last said. */
  #dropped = 0;
  #writing: Promise<void> | null = null;
  /** How many of each kind there were in the present span. */
  readonly #kinds = new Map<string, number>();
  #span: ReturnType<typeof setTimeout> | undefined;

  constructor(sink: LogSink, options: Partial<LogOptions> = {}) {
    this.#sink = sink;
    this.#options = { ...defaultLogOptions, ...options };
  }

  /** Entries that did not fit, and were not told of yet. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds an entry of one or more lines. Never waits, never throws. */
  add(entry: string): void {
    const kind = kindOf(entry);
    const count = (this.#kinds.get(kind) ?? 0) + 1;
    this.#kinds.set(kind, count);
    if (count > this.#options.maxOfKind) return;
    this.#span ??= setTimeout(() => this.#endSpan(), this.#options.spanMs);
    this.#putEntry(entry);
  }

  /** Adds a text with its own line breaks, of whatever kind. */
  print(text: string): void {
    this.#put(text);
  }

  #endSpan(): void {
    this.#span = undefined;
    for (const [kind, count] of this.#kinds) {
      const more = count - this.#options.maxOfKind;
      if (more > 0) this.#putEntry(`${more} more entries like "${kind}"`);
    }
    this.#kinds.clear();
  }

  #putEntry(entry: string): void {
    // A message of an error may contain what a client sent: no line of it may pass for
    // an entry of its own.
    const text = entry.replace(/\n(?=\S)/g, "\n  ");
    this.#put(`${this.#options.time?.() ?? ""}${text}\n`);
  }

  #put(text: string): void {
    const bytes = encoder.encode(text);
    if (this.#waitingBytes + bytes.length > this.#options.maxWaitingBytes) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#write().finally(() => this.#writing = null);
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const bytes = this.#waiting.shift()!;
        for (let at = 0; at < bytes.length;) {
          at += await this.#sink.write(bytes.subarray(at));
        }
        this.#waitingBytes -= bytes.length;
        this.#tellOfDropped();
      }
    } catch {
      // The disk is full, or the reader is gone: there is nobody to tell.
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
  }

  #tellOfDropped(): void {
    const dropped = this.#dropped;
    if (dropped === 0) return;
    this.#dropped = 0;
    const entries = dropped === 1 ? "1 entry" : `${dropped} entries`;
    const bytes = encoder.encode(`${entries} of the log did not fit\n`);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Resolves when everything is written, or after that time. */
  async flush(timeoutMs: number): Promise<void> {
    clearTimeout(this.#span);
    if (this.#span !== undefined) this.#endSpan();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#writing, timeout]);
    clearTimeout(timer);
  }
}

/** What entries of one kind have in common: their first words, up to one that has a
 * digit, a bracket or a colon in it. */
function kindOf(entry: string): string {
  return /^(?:[^\s0-9(:]+ ){0,6}/.exec(entry)![0].trim();
}
