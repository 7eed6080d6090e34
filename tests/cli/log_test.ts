import { assert, assertEquals, assertMatch } from "@std/assert";
import { Log, type LogSink, logTime } from "../../lib/cli/log.ts";

/** A sink that takes nothing until it is told to. */
class SlowSink implements LogSink {
  text = "";
  #open = Promise.withResolvers<void>();

  async write(bytes: Uint8Array): Promise<number> {
    await this.#open.promise;
    // Not all at once, as a pipe.
    const taken = bytes.subarray(0, 10);
    this.text += new TextDecoder().decode(taken);
    return taken.length;
  }

  open(): void {
    this.#open.resolve();
  }
}

const bounds = { maxWaitingBytes: 60, maxOfKind: 100, spanMs: 10_000 };

Deno.test("Log waits for nobody, drops what does not fit, and says how much", async () => {
  const sink = new SlowSink();
  const log = new Log(sink, bounds);
  for (let i = 0; i < 20; i++) log.add(`entry ${i} of this test`);
  assertEquals(log.dropped, 18);
  await log.flush(10);
  assertEquals(sink.text, "");
  sink.open();
  await log.flush(5000);
  assertEquals(
    sink.text,
    "entry 0 of this test\nentry 1 of this test\n18 entries of the log did not fit\n",
  );
  log.add("the next one");
  await log.flush(5000);
  assert(sink.text.endsWith("the next one\n"));
});

Deno.test("Log counts what one kind has too much of", async () => {
  const sink = new SlowSink();
  sink.open();
  const log = new Log(sink, {
    ...{ maxWaitingBytes: 10_000, maxOfKind: 2, spanMs: 10_000 },
  });
  for (let i = 0; i < 1000; i++) {
    log.add(`Request ${i.toString(16).padStart(8, "0")} (GET /) failed: why`);
  }
  log.add("Unhandled rejection: once");
  await log.flush(5000);
  assertEquals(sink.text.split("\n"), [
    "Request 00000000 (GET /) failed: why",
    "Request 00000001 (GET /) failed: why",
    "Unhandled rejection: once",
    '998 more entries like "Request"',
    "",
  ]);
});

Deno.test("Log goes on where its sink fails", async () => {
  let writes = 0;
  const log = new Log({
    write: () => {
      writes++;
      return Promise.reject(new Error("No space left on device"));
    },
  }, bounds);
  log.add("first");
  await log.flush(5000);
  log.add("second");
  await log.flush(5000);
  assertEquals(writes, 2);
});

Deno.test("Log puts the time in front of each entry, where it is wanted, and of nothing that is printed", async () => {
  const sink = new SlowSink();
  sink.open();
  let now = 0;
  const log = new Log(sink, { maxOfKind: 1, time: () => `${++now} ` });
  log.add("Request 1 failed: why\n    at app.ts");
  log.print("of an app\n");
  log.add("Request 2 failed: why");
  await log.flush(5000);
  assertEquals(
    sink.text,
    '1 Request 1 failed: why\n    at app.ts\nof an app\n2 1 more entries like "Request"\n',
  );
});

Deno.test("the time of a log is in UTC", () => {
  assertMatch(logTime(), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z $/);
});

Deno.test("Log lets no line of an entry pass for another entry", async () => {
  const sink = new SlowSink();
  sink.open();
  const log = new Log(sink, { time: () => "12:00 " });
  log.add("Request 1 failed: bad\n12:00 Forged\n    at app.ts\nCaused by: x\n");
  await log.flush(5000);
  assertEquals(
    sink.text,
    "12:00 Request 1 failed: bad\n  12:00 Forged\n    at app.ts\n  Caused by: x\n\n",
  );
});
