/**
 * The pairs of certificate and key that are in force: which one a client is shown, and
 * how a renewed one takes the place of the old one. Connections go on with the one that
 * they began with. Must not know connections.
 *
 * @module
 */

import { type KeyPair, type KeyPairFiles, readKeyPair } from "./key_pair.ts";

/** Which pairs, and who hears of them. */
export interface CertificateOptions {
  /** Clients that name no server, or one that no pair is for, are shown the first. */
  readonly pairs: readonly KeyPairFiles[];
  /** How often the files are looked at. */
  readonly checkMs: number;
  /** Receives one line for the log. */
  readonly log: (line: string) => void;
}

/** A pair in force. */
interface Entry {
  readonly files: KeyPairFiles;
  pair: KeyPair;
  /** The state of its files when they were last read, well or not. */
  readState: string;
  /** Their state at the last look. */
  seenState: string;
}

/** The certificates of one server. */
export class Certificates {
  readonly #entries: readonly Entry[];
  readonly #log: (line: string) => void;
  readonly #warned = new WeakSet<KeyPair>();
  readonly #timer: ReturnType<typeof setInterval>;
  /** One look at a time, or one reload: of two the later might keep the older. */
  #work: Promise<void> | null = null;

  private constructor(
    entries: readonly Entry[],
    { checkMs, log }: CertificateOptions,
  ) {
    this.#entries = entries;
    this.#log = log;
    this.#timer = setInterval(() => this.#checkSoon(), checkMs);
    for (const entry of entries) this.#warn(entry);
  }

  /**
   * Reads all pairs.
   *
   * @throws {import("./key_pair.ts").KeyPairError} where one cannot be used
   */
  static async open(options: CertificateOptions): Promise<Certificates> {
    const entries: Entry[] = [];
    for (const files of options.pairs) {
      const state = await stateOf(files);
      const pair = await readKeyPair(files);
      entries.push({ files, pair, readState: state, seenState: state });
    }
    return new Certificates(entries, options);
  }

  /** What a client is shown that asks for that name; `""` for none. A whole name goes
   * before a wildcard, which stands for one label (RFC 6125 section 6.4.3). */
  pairFor(serverName: string): KeyPair {
    const name = serverName.toLowerCase();
    const dot = name.indexOf(".");
    const entry = this.#find(name) ??
      (dot > 0 ? this.#find(`*${name.slice(dot)}`) : undefined);
    return (entry ?? this.#entries[0]).pair;
  }

  #find(name: string): Entry | undefined {
    return this.#entries.find(({ pair }) => pair.names.includes(name));
  }

  /** The only one, where there is only one. */
  get only(): KeyPair | null {
    return this.#entries.length === 1 ? this.#entries[0].pair : null;
  }

  /** Reads all files anew. A pair that cannot be used leaves the old one in force. */
  async reload(): Promise<void> {
    while (this.#work !== null) await this.#work;
    await this.#each(async (entry) => {
      entry.seenState = await stateOf(entry.files);
      await this.#renew(entry);
    });
  }

  #checkSoon(): void {
    if (this.#work === null) this.#each((entry) => this.#check(entry));
  }

  #each(work: (entry: Entry) => Promise<void>): Promise<void> {
    return this.#work = Promise.all(this.#entries.map(work))
      .then(() => void (this.#work = null));
  }

  /** A renewal writes one file after the other, so two looks have to find the same. */
  async #check(entry: Entry): Promise<void> {
    const state = await stateOf(entry.files);
    const isSettled = state === entry.seenState;
    entry.seenState = state;
    if (isSettled && state !== entry.readState) await this.#renew(entry);
    // It may end while the server runs.
    else this.#warn(entry);
  }

  async #renew(entry: Entry): Promise<void> {
    entry.readState = entry.seenState;
    try {
      const pair = await readKeyPair(entry.files);
      const isNew = pair.cert !== entry.pair.cert;
      entry.pair = pair;
      if (isNew) {
        this.#log(
          `The certificate "${entry.files.cert}" is renewed until ${pair.validTo.toISOString()}`,
        );
      }
      this.#warn(entry);
    } catch (error) {
      this.#log(
        `${(error as Error).message}; the old certificate stays in force`,
      );
    }
  }

  /** Once for each pair. */
  #warn({ files, pair }: Entry): void {
    const now = Date.now();
    if (this.#warned.has(pair)) return;
    if (pair.validTo.getTime() < now || pair.validFrom.getTime() > now) {
      this.#warned.add(pair);
    }
    if (pair.validTo.getTime() < now) {
      const end = pair.validTo.toISOString();
      this.#log(`The certificate "${files.cert}" has expired on ${end}`);
    } else if (pair.validFrom.getTime() > now) {
      const start = pair.validFrom.toISOString();
      this.#log(`The certificate "${files.cert}" is not valid before ${start}`);
    }
  }

  /** Looks at no file any more. Resolves when nothing is being read. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }
}

/** Differs where one of the files was changed or replaced, links followed. */
async function stateOf({ cert, key }: KeyPairFiles): Promise<string> {
  const states = await Promise.all([cert, key].map(async (path) => {
    try {
      const { ino, size, mtime, ctime } = await Deno.stat(path);
      return `${ino} ${size} ${mtime?.getTime()} ${ctime?.getTime()}`;
    } catch (error) {
      return (error as Error).name;
    }
  }));
  return states.join(", ");
}
