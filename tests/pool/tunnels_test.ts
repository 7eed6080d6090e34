/**
 * The main thread's end of tunnels: what is sent to the worker and when, how far a client
 * may be ahead of it, and what is read in the end.
 */

import { assertEquals } from "@std/assert";
import type { Tunnel } from "../../lib/http/exchange.ts";
import {
  tunnelEvent,
  TunnelPacker,
  type TunnelTraffic,
  unpackTraffic,
} from "../../lib/messages/tunnel_traffic.ts";
import { Tunnels } from "../../lib/pool/tunnels.ts";
import { inTime } from "../support/in_time.ts";
import { bytesOf, textOf } from "../support/wire.ts";

const { data, taken, end, away } = tunnelEvent;

const windowBytes = 10;

/** Tunnels whose worker is the test. */
class Bench {
  readonly posted: TunnelTraffic[] = [];
  ended = 0;
  readonly tunnels = new Tunnels({
    post: (traffic) => this.posted.push(structuredClone(traffic)),
    onEnd: () => this.ended++,
    windowBytes,
  });

  open(id: number): Tunnel {
    return this.tunnels.open(id, bytesOf("last words"));
  }

  /** What was posted since the last call, a line an event. */
  async said(): Promise<string[]> {
    await Promise.resolve();
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

  /** The worker says so. */
  hear(
    done: boolean,
    ...events: readonly (readonly [number, number, number | string])[]
  ): void {
    const packer = new TunnelPacker();
    for (const [id, event, value] of events) {
      if (typeof value === "string") packer.addData(id, bytesOf(value));
      else packer.add(id, event, value);
    }
    this.tunnels.receive(structuredClone({ ...packer.take(), done }));
  }
}

async function read(tunnel: Tunnel): Promise<string | null> {
  const bytes = await tunnel.read();
  return bytes === null ? null : textOf(bytes);
}

Deno.test("what comes in one turn is one message, and then nothing until it is run", async () => {
  const bench = new Bench();
  const one = bench.open(1);
  const other = bench.open(2);
  one.write(bytesOf("a"));
  other.write(bytesOf("b"));
  await Promise.resolve();
  assertEquals(bench.posted.length, 1);
  assertEquals(await bench.said(), ["1 data a", "2 data b"]);
  one.write(bytesOf("c"));
  other.goAway();
  assertEquals(await bench.said(), []);
  // What the worker sends meanwhile says nothing of it.
  bench.hear(false, [1, data, "x"]);
  assertEquals(await bench.said(), []);
  bench.hear(true);
  assertEquals(await bench.said(), ["1 data c", "2 away 0"]);
});

Deno.test("bytes that are written may be changed at once", async () => {
  const bench = new Bench();
  const bytes = bytesOf("a");
  bench.open(1).write(bytes);
  bytes.fill(0);
  assertEquals(await bench.said(), ["1 data a"]);
});

Deno.test(
  "a client that is a window ahead waits until the worker has taken some",
  inTime(async () => {
    const bench = new Bench();
    const tunnel = bench.open(1);
    assertEquals(tunnel.room(), null);
    tunnel.write(bytesOf("a".repeat(windowBytes - 1)));
    assertEquals(tunnel.room(), null);
    tunnel.write(bytesOf("a"));
    const room = tunnel.room();
    bench.hear(true, [1, taken, 1]);
    await room;
    assertEquals(tunnel.room(), null);
  }),
);

const freeing: Record<string, (bench: Bench, tunnel: Tunnel) => void> = {
  "the worker ends it": (bench) => bench.hear(false, [1, end, 0]),
  "the worker cuts it": (bench) => bench.hear(false, [1, end, 1]),
  "the worker is gone": ({ tunnels }) => tunnels.fail(),
  "the connection is closed": (_, tunnel) => tunnel.cancel(),
};

for (const [name, free] of Object.entries(freeing)) {
  Deno.test(
    `${name}: who waits for room or for bytes waits no more, and it is over`,
    inTime(async () => {
      const bench = new Bench();
      const tunnel = bench.open(1);
      tunnel.write(bytesOf("a".repeat(windowBytes)));
      const room = tunnel.room();
      const reading = read(tunnel);
      free(bench, tunnel);
      await room;
      assertEquals(
        await reading,
        name === "the worker is gone" ? "last words" : null,
      );
      assertEquals(await read(tunnel), null);
      assertEquals(tunnel.room(), null);
      // Who ends all of them at once knows.
      const told = name === "the worker is gone" ? 0 : 1;
      assertEquals([bench.ended, bench.tunnels.size], [told, 0]);
      // Nobody is told of what comes now.
      await bench.said();
      bench.hear(true, [1, data, "late"], [1, taken, 5], [1, end, 0]);
      tunnel.write(bytesOf("a"));
      tunnel.end();
      tunnel.goAway();
      tunnel.cancel();
      assertEquals(await bench.said(), []);
      assertEquals(bench.ended, told);
    }),
  );
}

Deno.test(
  "what was read is told with the next read, and its end behind all of it",
  inTime(async () => {
    const bench = new Bench();
    const tunnel = bench.open(1);
    bench.hear(false, [1, data, "abc"], [2, data, "nobody's"], [1, data, "de"]);
    assertEquals(await read(tunnel), "abc");
    assertEquals(await bench.said(), []);
    assertEquals(await read(tunnel), "de");
    assertEquals(await bench.said(), ["1 taken 3"]);
    const next = read(tunnel);
    bench.hear(true, [1, data, "f"], [1, end, 0]);
    assertEquals(await next, "f");
    assertEquals(await read(tunnel), null);
  }),
);

Deno.test(
  "a worker that is gone: its last words are behind what it has sent",
  inTime(async () => {
    const bench = new Bench();
    const tunnel = bench.open(1);
    const over = bench.open(2);
    bench.hear(false, [1, data, "abc"], [2, data, "bye"], [2, end, 0]);
    bench.tunnels.fail();
    assertEquals(await read(tunnel), "abc");
    assertEquals(await read(tunnel), "last words");
    assertEquals(await read(tunnel), null);
    // That one had said goodbye itself.
    assertEquals(await read(over), "bye");
    assertEquals(await read(over), null);
  }),
);

Deno.test(
  "a cut drops what was sent, and closes the connection",
  inTime(async () => {
    const bench = new Bench();
    const tunnel = bench.open(1);
    let cuts = 0;
    tunnel.onCut = () => cuts++;
    bench.hear(false, [1, data, "abc"], [1, end, 1]);
    assertEquals(cuts, 1);
    assertEquals(await read(tunnel), null);
  }),
);

Deno.test("all tunnels are told why they have to end", async () => {
  const bench = new Bench();
  bench.open(1);
  bench.open(2).cancel();
  bench.open(3);
  bench.tunnels.goAway("restarting");
  assertEquals(await bench.said(), ["2 end 0", "1 away 1", "3 away 1"]);
  assertEquals(away, 3);
});

Deno.test("a tunnel that begins after that is told so as well", async () => {
  const bench = new Bench();
  bench.tunnels.goAway("restarting");
  bench.open(1);
  assertEquals(await bench.said(), ["1 away 1"]);
});

Deno.test("a tunnel whose client had left is refused", async () => {
  const bench = new Bench();
  bench.tunnels.refuse(7);
  assertEquals(await bench.said(), ["7 end 0"]);
  assertEquals(bench.tunnels.size, 0);
});
