/**
 * A mixed load: what chaos asks, and beside it uploads, clients that read slowly,
 * clients that reset, and files that are swapped while they are served.
 *
 * @module
 */

import { join } from "@std/path";
import { ChaosClient, complaint } from "../chaos/client.ts";
import { contentOf } from "../chaos/content.ts";
import { ChaosLog } from "../chaos/log.ts";
import { anyRequest } from "../chaos/requests.ts";
import { type ChaosServer, startChaosServer } from "../chaos/server.ts";
import { Random } from "../fuzz/random.ts";
import { repository } from "../support/command.ts";

export interface SoakOptions {
  readonly ms: number;
  readonly seed: number;
  readonly isolation: string;
}

/** What was seen at one moment. */
export interface Sample {
  /** Since the beginning. */
  readonly seconds: number;
  readonly rssBytes: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Requests a second since the last sample. */
  readonly perSecond: number;
}

export interface SoakResult {
  readonly samples: readonly Sample[];
  readonly counts: ReadonlyMap<string, number>;
  readonly complaints: readonly string[];
  /** Lines of the log that nothing explains. */
  readonly unexpected: readonly string[];
}

const args = [
  ...["--workers", "2", "--timeout", "0.5", "--max-heap", "96"],
  ...["--limit", "sweepMs=50", "--limit", "workerSilenceMs=100"],
  ...["--limit", "workerGraceMs=400"],
];
const sampleMs = 5000;
// Other work of this machine has to go on meanwhile.
const restMs = 4;

/** Runs it. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const root = await Deno.makeTempDir();
  try {
    await copy(join(repository, "static"), root);
    await Deno.writeTextFile(join(root, "swapped.txt"), page(0));
    const log = new ChaosLog();
    const more = ["--isolation", options.isolation, root];
    await using server = await startChaosServer([...args, ...more], log.read);
    return await new Soak(server, root, options, log).run();
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

class Soak {
  readonly #server: ChaosServer;
  readonly #root: string;
  readonly #seed: number;
  readonly #begin = performance.now();
  readonly #end: number;
  readonly #log: ChaosLog;
  readonly #counts = new Map<string, number>();
  readonly #complaints: string[] = [];
  readonly #samples: Sample[] = [];
  #words = 0;
  #requests = 0;

  constructor(
    server: ChaosServer,
    root: string,
    { ms, seed }: SoakOptions,
    log: ChaosLog,
  ) {
    this.#server = server;
    this.#root = root;
    this.#seed = seed;
    this.#log = log;
    this.#end = this.#begin + ms;
  }

  get #seconds(): number {
    return Math.round(performance.now() - this.#begin) / 1000;
  }

  get #goesOn(): boolean {
    return performance.now() < this.#end;
  }

  async run(): Promise<SoakResult> {
    const numbered = (count: number, run: (index: number) => Promise<void>) =>
      Array.from({ length: count }, (_, index) => run(index));
    await Promise.all([
      this.#sample(),
      ...numbered(8, (index) => this.#chaos(index)),
      ...numbered(2, (index) => this.#uploads(index)),
      ...numbered(4, () => this.#slowReader()),
      ...numbered(2, () => this.#resets()),
      ...numbered(2, () => this.#swapReader()),
      this.#swaps(),
    ]);
    return {
      samples: this.#samples,
      counts: this.#counts,
      complaints: this.#complaints,
      unexpected: this.#log.unexpected,
    };
  }

  #count(kind: string): void {
    this.#requests++;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** Runs one thing again and again; what it throws is told of. */
  async #again(kind: string, once: () => Promise<unknown>): Promise<void> {
    while (this.#goesOn) {
      try {
        await once();
      } catch (error) {
        this.#complaints.push(`${this.#seconds} s: ${kind}: ${error}`);
      }
      this.#count(kind);
      await rest(restMs);
    }
  }

  async #chaos(index: number): Promise<void> {
    const random = new Random(this.#seed + index);
    using client = new ChaosClient(() => this.#server.connect());
    await this.#again("chaos", async () => {
      const word = `w${this.#seed}-${index}-${this.#words++}`;
      const request = anyRequest(random, word);
      try {
        const wrong = complaint(request, await client.ask(request));
        if (wrong !== null) throw new Error(`${request.path}: ${wrong}`);
      } catch (error) {
        client[Symbol.dispose]();
        throw error;
      }
    });
  }

  async #uploads(index: number): Promise<void> {
    const content = contentOf(`upload ${index}`, 3_000_000);
    const bytes = new TextEncoder().encode(content);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const want = new Uint8Array(digest).toHex();
    await this.#again("upload", async () => {
      using client = await this.#server.connect();
      await client.send(
        `POST /digest HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes.length}\r\n\r\n`,
      );
      for (let at = 0; at < bytes.length;) {
        at += await client.conn.write(bytes.subarray(at));
      }
      const { head, body } = await client.readResponse();
      // A worker that dies takes the requests with it that it had begun.
      if (body === want || /^HTTP\/1\.1 50[034] /.test(head)) return;
      throw new Error(head + body);
    });
  }

  async #slowReader(): Promise<void> {
    await this.#again("slow reader", async () => {
      using client = await this.#server.connect();
      await client.send(
        "GET /large?word=slow&length=2000000 HTTP/1.1\r\nHost: h\r\n\r\n",
      );
      for (let read = 0; read < 1_900_000 && this.#goesOn; read += 64 * 1024) {
        await client.skip(64 * 1024);
        await rest(100);
      }
    });
  }

  async #resets(): Promise<void> {
    await this.#again("reset", async () => {
      using client = await this.#server.connect();
      // What is not read when a socket is closed makes it a reset.
      await client.send(
        "GET /large?word=a&length=300000 HTTP/1.1\r\nHost: h\r\n\r\n",
      );
      await client.skip(100);
      await rest(20);
    });
  }

  async #swaps(): Promise<void> {
    let number = 0;
    await this.#again("swap", async () => {
      const next = join(this.#root, ".next");
      await Deno.writeTextFile(next, page(++number));
      await Deno.rename(next, join(this.#root, "swapped.txt"));
      await rest(20);
    });
  }

  async #swapReader(): Promise<void> {
    await this.#again("swapped file", async () => {
      using client = await this.#server.connect();
      const { head, body } = await client.get("/swapped.txt");
      if (/^HTTP\/1\.1 50[034] /.test(head)) return;
      if (!/^HTTP\/1\.1 200 /.test(head) || body !== page(parseInt(body))) {
        throw new Error(`${head}${body.slice(0, 100)}`);
      }
    });
  }

  async #sample(): Promise<void> {
    let before = 0;
    while (this.#goesOn) {
      await rest(Math.min(sampleMs, this.#end - performance.now()));
      const seconds = (performance.now() - this.#begin) / 1000;
      const perSecond = Math.round((this.#requests - before) / sampleMs * 1000);
      before = this.#requests;
      const seen = look(this.#server.pid);
      this.#samples.push({ seconds: Math.round(seconds), ...seen, perSecond });
    }
  }
}

/** A page of which each line says the same. */
function page(number: number): string {
  return `${number}\n`.repeat(3000);
}

function look(pid: number): Omit<Sample, "seconds" | "perSecond"> {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+([0-9]+)`, "m").exec(status)![1]);
  return {
    rssBytes: field("VmRSS") * 1024,
    threads: field("Threads"),
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  };
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
}

async function copy(from: string, to: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.copyFile(join(from, name), join(to, name));
  }
}
