/**
 * Which worker uses too much memory: tables of what workers say and how the process
 * grows.
 */

import { assertEquals } from "@std/assert";
import { MemoryWatch } from "../../lib/pool/memory_watch.ts";

const mb = 1024 * 1024;

/** A worker as a watch sees it. */
interface Seen {
  readonly name: string;
  /** When it last said something. */
  readonly heardAt: number;
  readonly heap?: number;
  readonly idle?: boolean;
  /** Whether its jobs are known to be light. */
  readonly light?: boolean;
}

/** At one look. */
interface Look {
  /** MiB of the process. */
  readonly process: number;
  readonly workers: readonly Seen[];
  /** Who uses too much, and whether it computes. */
  readonly want?: [name: string, computes: boolean];
}

const rows: { title: string; looks: readonly Look[] }[] = [
  {
    title: "takes a worker at its word",
    looks: [
      { process: 0, workers: [{ name: "a", heardAt: 1, heap: 512 }] },
      {
        process: 0,
        workers: [{ name: "a", heardAt: 2, heap: 513 }],
        want: ["a", false],
      },
    ],
  },
  {
    title: "leaves alone one that has nothing to do",
    looks: [{
      process: 0,
      workers: [{ name: "a", heardAt: 1, heap: 600, idle: true }],
    }],
  },
  {
    title: "suspects one that is silent while the process grows",
    looks: [
      { process: 100, workers: [{ name: "a", heardAt: 1, heap: 12 }] },
      { process: 600, workers: [{ name: "a", heardAt: 1, heap: 12 }] },
      {
        process: 601,
        workers: [{ name: "a", heardAt: 1, heap: 12 }],
        want: ["a", true],
      },
    ],
  },
  {
    title: "counts growth from when a worker was last heard",
    looks: [
      { process: 100, workers: [{ name: "a", heardAt: 1 }] },
      { process: 600, workers: [{ name: "a", heardAt: 2 }] },
      { process: 1100, workers: [{ name: "a", heardAt: 2 }] },
      {
        process: 1113,
        workers: [{ name: "a", heardAt: 2 }],
        want: ["a", true],
      },
    ],
  },
  {
    title: "does not blame a full worker for a little growth",
    looks: [
      { process: 100, workers: [{ name: "a", heardAt: 1, heap: 500 }] },
      { process: 356, workers: [{ name: "a", heardAt: 1, heap: 500 }] },
      {
        process: 357,
        workers: [{ name: "a", heardAt: 1, heap: 500 }],
        want: ["a", true],
      },
    ],
  },
  {
    title: "suspects of two the one that began last",
    looks: [
      { process: 0, workers: [{ name: "old", heardAt: 1 }] },
      {
        process: 0,
        workers: [
          { name: "old", heardAt: 1 },
          { name: "new", heardAt: 2 },
        ],
      },
      {
        process: 600,
        workers: [
          { name: "old", heardAt: 1 },
          { name: "new", heardAt: 2 },
        ],
        want: ["new", true],
      },
      // The growth is not held against the other one.
      { process: 600, workers: [{ name: "old", heardAt: 1 }] },
      { process: 1000, workers: [{ name: "old", heardAt: 1 }] },
      {
        process: 1113,
        workers: [{ name: "old", heardAt: 1 }],
        want: ["old", true],
      },
    ],
  },
  {
    title:
      "suspects no worker with light jobs where another one has a heavy one",
    looks: [
      { process: 0, workers: [{ name: "heavy", heardAt: 1 }] },
      {
        process: 400,
        workers: [
          { name: "heavy", heardAt: 1 },
          { name: "light", heardAt: 2, light: true },
        ],
      },
      {
        process: 1000,
        workers: [
          { name: "heavy", heardAt: 1 },
          { name: "light", heardAt: 2, light: true },
        ],
        want: ["heavy", true],
      },
    ],
  },
];

for (const { title, looks } of rows) {
  Deno.test(`MemoryWatch ${title}`, () => {
    let process = 0;
    const watch = new MemoryWatch<ReturnType<typeof worker>>({
      maxBytes: 512 * mb,
      processBytes: () => process * mb,
    });
    const known = new Map<string, ReturnType<typeof worker>>();
    for (const [index, look] of looks.entries()) {
      process = look.process;
      const workers = look.workers.map((seen) => {
        const it = known.get(seen.name) ?? worker();
        known.set(seen.name, it);
        return Object.assign(it, state(seen));
      });
      const excess = watch.look(workers);
      assertEquals(
        excess && [excess.worker.name, excess.computes],
        look.want ?? null,
        `look ${index + 1}`,
      );
    }
  });
}

function worker() {
  return state({ name: "", heardAt: 0 });
}

function state({ name, heardAt, heap = 0, idle = false, light }: Seen) {
  const inFlight = { isEmpty: idle, hasHeavy: !light } as never;
  return { name, heardAt, heapBytes: heap * mb, inFlight };
}
