/** An access log and targets that are slow, full or gone. */

import { assert, assertEquals } from "@std/assert";
import { AccessLog } from "../../lib/operate/access_log.ts";
import { LogFile, type LogTarget } from "../../lib/operate/log_file.ts";
import { LineFormatter } from "../../lib/operate/log_line.ts";
import { inTime, until } from "../support/in_time.ts";

/** A target in the test's hands. */
class TestTarget implements LogTarget {
  text = "";
  /** What the next writes fail with. */
  error: Error | null = null;
  /** Writes wait for it. */
  gate: Promise<void> = Promise.resolve();
  closed = false;

  async write(bytes: Uint8Array): Promise<number> {
    await this.gate;
    if (this.error !== null) throw this.error;
    const taken = bytes.subarray(0, 1000);
    this.text += new TextDecoder().decode(taken);
    return taken.length;
  }

  close(): void {
    this.closed = true;
  }

  get lines(): number {
    return this.text.split("\n").length - 1;
  }
}

async function start(maxWaiting?: number, maxInSecond?: number) {
  const targets = [new TestTarget()];
  const warnings: string[] = [];
  const warn = (line: string) => warnings.push(line);
  let opens = 0;
  const file = new LogFile(() => {
    const target = targets[opens++];
    if (target === undefined) return Promise.reject(new Error("gone"));
    return Promise.resolve(target);
  }, warn);
  await file.open(1000);
  const log = new AccessLog({
    file,
    formatter: new LineFormatter(
      { format: "combined", queries: false, color: false },
    ),
    warn,
    maxWaiting,
    maxInSecond,
    batchMs: 1,
  });
  return { log, targets, target: targets[0], warnings };
}

function add(log: AccessLog, count: number): void {
  for (let index = 0; index < count; index++) {
    log.add({
      ...{ head: null, peer: "a 1", status: 400, bytesSent: 0, headBytes: 0 },
      ...{
        complete: true,
        bodyBytesReceived: 7,
        receivedAt: 0,
        endedAt: 0,
        worker: null,
        refusal: null,
      },
    });
  }
}

Deno.test("AccessLog writes every line", async () => {
  const { log, target, warnings } = await start();
  add(log, 1000);
  await log.end(10_000);
  assertEquals([target.lines, log.dropped, warnings], [1000, 0, []]);
  assert(target.closed);
});

Deno.test(
  "AccessLog drops what a slow target does not take, says so once, and goes on",
  inTime(async () => {
    const { log, target, warnings } = await start(5000);
    const gate = Promise.withResolvers<void>();
    target.gate = gate.promise;
    add(log, 1000);
    await until(() => log.dropped > 0);
    const { dropped } = log;
    add(log, 100);
    assertEquals(log.dropped, dropped + 100);
    assertEquals(warnings, [
      "Lines of the access log are lost: it is written too slowly",
    ]);
    gate.resolve();
    await until(() => target.lines === 1000 - dropped);
    await until(() => warnings.length === 2);
    assertEquals(
      warnings[1],
      `The access log is written again; so far ${
        dropped + 100
      } lines were lost`,
    );
    add(log, 1);
    await log.end(10_000);
    assertEquals(target.lines, 1001 - dropped);
  }),
);

Deno.test(
  "AccessLog counts what a full disk does not take, and writes again when it can",
  inTime(async () => {
    const { log, target, warnings } = await start();
    target.error = new Error("No space left on device");
    for (let batch = 1; batch <= 3; batch++) {
      add(log, 10);
      await until(() => log.dropped === batch * 10);
    }
    target.error = null;
    add(log, 1);
    await log.end(10_000);
    assertEquals(target.lines, 1);
    assertEquals(warnings, [
      "Lines of the access log are lost: No space left on device",
      "The access log is written again; so far 30 lines were lost",
    ]);
  }),
);

Deno.test(
  "AccessLog goes on in another file where it is told to, and in the old one where there is none",
  inTime(async () => {
    const { log, targets, target, warnings } = await start();
    targets.push(new TestTarget());
    add(log, 2);
    await until(() => target.lines === 2);
    log.reopen();
    add(log, 3);
    await until(() => targets[1].lines === 3);
    assert(target.closed);
    log.reopen();
    add(log, 4);
    await log.end(10_000);
    assertEquals([target.lines, targets[1].lines], [2, 7]);
    assertEquals(warnings, ["The access log cannot be opened again: gone"]);
  }),
);

Deno.test("AccessLog does not wait for ever at the end", async () => {
  const { log, target } = await start();
  target.gate = new Promise(() => {});
  add(log, 1);
  await log.end(10);
});

for (
  const { count, want } of [
    { count: 3, want: "" },
    { count: 4, want: "... and 1 more request in this second\n" },
    { count: 9, want: "... and 6 more requests in this second\n" },
  ]
) {
  Deno.test(`AccessLog for a person, three lines a second, of ${count} requests`, async () => {
    const { log, target } = await start(undefined, 3);
    add(log, count);
    await log.end(10_000);
    assertEquals(target.text.split("\n").slice(3).join("\n"), want);
  });
}
