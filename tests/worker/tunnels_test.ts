/**
 * The worker's end of tunnels: what handlers are told and when, what they send, and what
 * becomes of it where one throws or is stopped.
 */

import { assertEquals } from "@std/assert";
import type { TunnelHandler, TunnelLink } from "../../lib/http/handler.ts";
import {
  tunnelEvent,
  TunnelPacker,
  type TunnelTraffic,
  unpackTraffic,
  type WorkerTraffic,
} from "../../lib/messages/tunnel_traffic.ts";
import { WorkerTunnels } from "../../lib/worker/tunnels.ts";
import { inTime, until } from "../support/in_time.ts";
import { bytesOf, textOf } from "../support/wire.ts";

const { data, taken, end, away } = tunnelEvent;

type Events = readonly (readonly [number, number, number | string])[];

function traffic(...events: Events): TunnelTraffic {
  const packer = new TunnelPacker();
  for (const [id, event, value] of events) {
    if (typeof value === "string") packer.addData(id, bytesOf(value));
    else packer.add(id, event, value);
  }
  return structuredClone(packer.take());
}

/** A handler that notes what it is told, and does what the test likes. */
class Handler implements TunnelHandler {
  readonly told: string[] = [];
  link!: TunnelLink;
  onBytes: (text: string) => void = () => {};

  opened(link: TunnelLink): void {
    this.link = link;
    this.told.push("opened");
  }

  received(bytes: Uint8Array): void {
    this.told.push(`received ${textOf(bytes)}`);
    this.onBytes(textOf(bytes));
  }

  taken(bytes: number): void {
    this.told.push(`taken ${bytes}`);
  }

  closed(): void {
    this.told.push("closed");
  }

  goAway(reason: string): void {
    this.told.push(`away ${reason}`);
  }

  failed(): void {
    this.told.push("failed");
    this.link.end();
  }
}

/** Tunnels whose pool is the test. */
class Bench {
  readonly posted: WorkerTraffic[] = [];
  /** What comes while the worker stays. */
  readonly next: TunnelTraffic[] = [];
  readonly tunnels: WorkerTunnels;

  constructor() {
    this.tunnels = new WorkerTunnels({
      post: (traffic) => this.posted.push(structuredClone(traffic)),
      // A call that throws is one that was stopped.
      guarded: (task) => {
        try {
          task();
          return true;
        } catch {
          return false;
        }
      },
      nextTraffic: () => this.next.shift() ?? null,
    });
  }

  async open(id: number): Promise<Handler> {
    const handler = new Handler();
    this.tunnels.open(id, handler);
    await until(() => handler.told.length > 0);
    return handler;
  }

  /** Hands that over, and resolves with what is said until it is run. */
  async hear(...events: Events): Promise<string[]> {
    this.posted.length = 0;
    this.tunnels.receive(traffic(...events));
    await until(() => this.posted.some(({ done }) => done));
    return this.said();
  }

  said(): string[] {
    return this.posted.splice(0).flatMap((traffic) => {
      const lines: string[] = [];
      unpackTraffic(traffic, (id, event, value, bytes) => {
        const [name] = Object.entries(tunnelEvent).find(([, it]) =>
          it === event
        )!;
        lines.push(`${id} ${name} ${bytes === null ? value : textOf(bytes)}`);
      });
      return lines;
    });
  }
}

const rows: {
  name: string;
  hears: Events;
  told: string[];
  said: string[];
}[] = [
  {
    name: "bytes, which it has taken then",
    hears: [[1, data, "abc"]],
    told: ["received abc"],
    said: ["1 taken 3"],
  },
  {
    name: "what was taken",
    hears: [[1, taken, 9]],
    told: ["taken 9"],
    said: [],
  },
  {
    name: "why it has to end",
    hears: [[1, away, 0], [1, away, 1], [1, away, 2]],
    told: ["away ending", "away restarting", "away failed"],
    said: [],
  },
  {
    name: "its end, and nothing behind it",
    hears: [[1, data, "a"], [1, end, 0], [1, data, "b"], [1, end, 0]],
    told: ["received a", "closed"],
    said: ["1 taken 1", "1 end 0"],
  },
  {
    name: "nothing of others",
    hears: [[2, data, "a"], [3, end, 0]],
    told: [],
    said: [],
  },
];

for (const { name, hears, told, said } of rows) {
  Deno.test(
    `a handler of a tunnel is told ${name}`,
    inTime(async () => {
      const bench = new Bench();
      const handler = await bench.open(1);
      assertEquals(await bench.hear(...hears), said);
      assertEquals(handler.told.slice(1), told);
    }),
  );
}

Deno.test(
  "what handlers send in one turn is one message",
  inTime(async () => {
    const bench = new Bench();
    const one = await bench.open(1);
    const other = await bench.open(2);
    one.link.send(bytesOf("a"));
    other.link.send(bytesOf("b"));
    other.link.end();
    // Nothing follows its end.
    other.link.send(bytesOf("c"));
    other.link.cut();
    await until(() => bench.posted.length > 0);
    assertEquals(bench.posted.length, 1);
    assertEquals(bench.posted[0].done, false);
    assertEquals(bench.said().slice(0, 3), ["1 data a", "2 data b", "2 end 0"]);
  }),
);

Deno.test(
  "a cut closes the connection at once",
  inTime(async () => {
    const bench = new Bench();
    const handler = await bench.open(1);
    handler.link.cut();
    await until(() => bench.posted.length > 0);
    assertEquals(bench.said(), ["1 end 1"]);
  }),
);

Deno.test(
  "a handler that is stopped has failed; the others hear what is left",
  inTime(async () => {
    const bench = new Bench();
    const one = await bench.open(1);
    const other = await bench.open(2);
    one.onBytes = () => {
      throw new Error("stopped");
    };
    const said = await bench.hear(
      [1, data, "a"],
      [2, data, "c"],
      [1, data, "b"],
    );
    assertEquals(one.told.slice(1), ["received a", "failed"]);
    assertEquals(other.told.slice(1), ["received c"]);
    assertEquals(said, ["1 end 0", "2 taken 1"]);
  }),
);

Deno.test(
  "bytes that a handler keeps are its own",
  inTime(async () => {
    const bench = new Bench();
    const kept: number[] = [];
    const handler = await bench.open(1);
    handler.received = (bytes) => kept.push(bytes.buffer.byteLength);
    await bench.hear([2, data, "x".repeat(1000)], [1, data, "abc"]);
    assertEquals(kept, [3]);
  }),
);

Deno.test(
  "on a busy worker what comes right behind is run with the rest",
  inTime(async () => {
    const bench = new Bench();
    const handler = await bench.open(1);
    bench.next.push(traffic([1, data, "e"]));
    await bench.hear(
      ...["a", "b", "c", "d"].map((
        text,
      ) => [1, taken, text.charCodeAt(0)]) as Events,
    );
    assertEquals(handler.told.length, 6);
    assertEquals(handler.told.at(-1), "received e");
    assertEquals(bench.next, []);
  }),
);
