/**
 * How long a worker may take to boot: to load the modules of its app may take long, to
 * run them may not.
 */

import { assertEquals, assertRejects } from "@std/assert";
import type { Limits } from "../../lib/limits.ts";
import { BootError } from "../../lib/pool/boot_error.ts";
import { Pool } from "../../lib/pool/pool.ts";
import { inTime, until } from "../support/in_time.ts";
import { poolOptions } from "../support/test_pool.ts";
import { TestThread } from "../support/test_thread.ts";

/** A pool of one thread, which does nothing by itself. */
function starting(limits: Partial<Limits>) {
  const thread = new TestThread("hangs");
  const options = poolOptions(1, () => thread, limits);
  const config = { ...options.config, app: "file:///app.ts" };
  return { thread, pool: Pool.start({ ...options, config }) };
}

Deno.test(
  "a worker may load for longer than it may run",
  inTime(async () => {
    const { thread, pool } = starting({ bootTimeoutMs: 300 });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    thread.say({ kind: "loaded" });
    thread.say({ kind: "ready" });
    const { ready } = await pool;
    assertEquals(ready, 1);
    (await pool).close();
  }),
);

const ends: {
  readonly loaded: boolean;
  readonly listens: boolean;
  readonly why: string;
}[] = [
  {
    loaded: false,
    listens: true,
    why:
      "The modules of file:///app.ts were not loaded after 0.3 s (the limit loadTimeoutMs)",
  },
  {
    loaded: true,
    listens: true,
    why:
      "file:///app.ts was not ready after 0.2 s (the limit bootTimeoutMs): its modules are loaded, and one of them still waits for something",
  },
  {
    loaded: true,
    listens: false,
    why:
      "file:///app.ts was not ready after 0.2 s (the limit bootTimeoutMs): its modules are loaded, and one of them still computes",
  },
];

for (const { loaded, listens, why } of ends) {
  Deno.test(
    `a worker does not boot: ${why}`,
    inTime(async () => {
      const { thread, pool } = starting({
        loadTimeoutMs: 300,
        bootTimeoutMs: 200,
      });
      thread.listens = listens;
      await until(() => thread.messages.length > 0);
      if (loaded) thread.say({ kind: "loaded" });
      const error = await assertRejects(() => pool, BootError, why);
      assertEquals(error.spins, loaded && !listens);
    }),
  );
}

Deno.test(
  "a worker that fails while it loads does not boot, and says why",
  inTime(async () => {
    const { thread, pool } = starting({});
    await until(() => thread.messages.length > 0);
    thread.say({ kind: "boot-failed", reason: "no such module" });
    await assertRejects(() => pool, BootError, "no such module");
  }),
);
