/**
 * The options of the library: what types do not say is refused at the start.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { defaultLimits } from "../lib/limits.ts";
import { completeOptions } from "../lib/options.ts";
import { BootError, serve, type SkeinOptions } from "../lib/skein.ts";
import { appUrl } from "./support/apps.ts";
import { inTime } from "./support/in_time.ts";

const app = appUrl("hello");
const root = new URL("../static", import.meta.url);

const wrong: {
  readonly options: SkeinOptions;
  // deno-lint-ignore no-explicit-any
  readonly ErrorClass: new (...args: any[]) => Error;
  readonly message: string;
}[] = [
  ...[0, -1, 1.5, NaN].map((workers) => ({
    options: { app, workers },
    ErrorClass: RangeError,
    message: `workers takes a whole number from 1, not ${workers}`,
  })),
  ...[0, -1, NaN].map((handlerTimeoutMs) => ({
    options: { app, limits: { handlerTimeoutMs } },
    ErrorClass: RangeError,
    message:
      `limits.handlerTimeoutMs takes a number from 1, not ${handlerTimeoutMs}`,
  })),
  {
    options: { app, limits: { maxQueue: -3 } },
    ErrorClass: RangeError,
    message: "limits.maxQueue takes a number from 0, not -3",
  },
  {
    options: { app, limits: { maxQueu: 1 } as never },
    ErrorClass: RangeError,
    message: "There is no limit maxQueu",
  },
  {
    options: { app, isolation: "strct" as never },
    ErrorClass: RangeError,
    message: 'isolation takes "standard" or "strict", not "strct"',
  },
  ...[{ app }, { root }].map((options) => ({
    options: { ...options, appPaths: ["/api"] },
    ErrorClass: TypeError,
    message: "appPaths needs a root and an app",
  })),
  {
    options: {},
    ErrorClass: TypeError,
    message: "Skein needs a root, an app or both",
  },
  {
    options: { root: new URL(import.meta.url) },
    ErrorClass: Deno.errors.NotADirectory,
    message: "is not a directory",
  },
  {
    options: { root: "/does/not/exist" },
    ErrorClass: Deno.errors.NotFound,
    message: "",
  },
  {
    options: { app: "data:text/javascript,export default 1", workers: 1 },
    ErrorClass: BootError,
    message: "exports 1, not an object with fetch",
  },
];

for (const { options, ErrorClass, message } of wrong) {
  Deno.test(
    `serve() refuses ${Deno.inspect(options, { compact: true })}`,
    inTime(async () => {
      await assertRejects(() => serve(options), ErrorClass, message);
    }),
  );
}

Deno.test(
  "serve() takes paths and URLs, and ends with its scope",
  inTime(async () => {
    const rows: [SkeinOptions, string][] = [
      [{ root, workers: 1 }, "<!DOCTYPE html>"],
      [{ root: root.pathname, workers: 1 }, "<!DOCTYPE html>"],
      [{ app, workers: 1 }, "Hello!"],
      [{ app: app.pathname, workers: 1 }, "Hello!"],
    ];
    for (const [options, begins] of rows) {
      let finished: Promise<number>;
      {
        await using skein = await serve(options);
        finished = skein.finished;
        const body = await (await fetch(skein.url)).text();
        assertEquals(body.slice(0, begins.length), begins);
      }
      assertEquals(await finished, 0);
    }
  }),
);

Deno.test(
  "serve() ends when its signal says so, also where it has said so before",
  inTime(async () => {
    const controller = new AbortController();
    const { finished } = await serve({
      app,
      workers: 1,
      signal: controller.signal,
    });
    controller.abort();
    assertEquals(await finished, 0);
    const other = await serve({ app, workers: 1, signal: controller.signal });
    assertEquals(await other.finished, 0);
  }),
);

Deno.test("a limit that is undefined is the default", () => {
  const options = completeOptions({ app, limits: { maxQueue: undefined } });
  assertEquals(options.limits, defaultLimits);
});
