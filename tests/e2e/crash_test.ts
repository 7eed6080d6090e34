/**
 * The ways in which a handler or its worker can end, each beside a crowd of good
 * requests: the guilty request alone gets an error, everyone else their answer,
 * and afterwards the pool is at full strength.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Limits } from "../../lib/limits.ts";
import { appUrl } from "../support/apps.ts";
import { type Answer, ask, Crowd } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { instances } from "../support/clients.ts";

const dying = appUrl("dying");

const limits: Partial<Limits> = {
  handlerTimeoutMs: 600,
  workerGraceMs: 400,
  workerSilenceMs: 100,
  sweepMs: 20,
  respawnBackoffMs: 20,
};

function startDying(more: Partial<Limits> = {}): Promise<TestServer> {
  return startTestServer({ app: dying.href, limits: { ...limits, ...more } });
}

/** What the server answers to the guilty, while a crowd has its answers before,
 * meanwhile and after. */
async function amidCrowd(
  server: TestServer,
  guilty: () => Promise<Answer>,
  settled: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Answer> {
  await using crowd = new Crowd(server);
  await crowd.answers(3);
  const answer = await guilty();
  await crowd.answers(3);
  await settled();
  await until(() => server.skein.pool.ready === 2);
  await crowd.answers(3);
  return answer;
}

const failures: { name: string; paths: readonly string[]; logged: string }[] = [
  {
    name: "throws",
    paths: ["/throw", "/throw-async"],
    logged: "Error: thrown",
  },
  {
    name: "throws what is no error",
    paths: ["/throw-nothing", "/throw-unprintable"],
    logged: "Thrown: ",
  },
  {
    name: "rejects late",
    paths: ["/throw-late"],
    logged: "Error: thrown after a timer",
  },
  {
    name: "answers garbage",
    paths: ["/number", "/text", "/object", "/symbol", "/no-status"],
    logged: "TypeError: The app's",
  },
  {
    name: "answers a Response that cannot be sent",
    paths: ["/error-response", "/used-response"],
    logged: "TypeError: The app's Response",
  },
  {
    name: "answers a body that cannot be read",
    paths: ["/locked-response", "/text-stream", "/failing-stream"],
    logged: "Error: ",
  },
  {
    name: "posts something uncloneable",
    paths: ["/post-function", "/post-noise"],
    logged: "cannot post messages",
  },
  {
    name: "answers or throws something uncloneable",
    paths: [
      "/uncloneable-status",
      "/detached-bytes",
      "/throw-uncloneable",
      "/reject-with-uncloneable",
    ],
    logged: "Request ",
  },
];

Deno.test(
  "the server answers 500 for a handler that fails, and others are not hurt",
  inTime(async (t) => {
    await using server = await startDying();
    for (const { name, paths, logged } of failures) {
      await t.step(`it ${name}`, async () => {
        for (const path of paths) await assertFails(server, path, logged);
      });
    }
  }, 60_000),
);

async function assertFails(
  server: TestServer,
  path: string,
  logged: string,
): Promise<void> {
  const before = server.log.length;
  const { status, body } = await amidCrowd(server, () => ask(server, path));
  assertEquals(status, 500, path);
  // The peer is told a number to ask with, the log what happened.
  const [id] = /[0-9a-f]{8}/.exec(body)!;
  assertEquals(server.log.length, before + 1, path);
  assertStringIncludes(
    server.log[before],
    `Request ${id} (GET ${path}) failed: `,
  );
  assertStringIncludes(server.log[before], logged);
}

Deno.test(
  "the server survives what fails in an app after its answer",
  inTime(async () => {
    await using server = await startDying();
    const before = await instances(server);
    const failing = [
      { path: "/dangling-rejection", logged: "Unhandled rejection: Error: " },
      { path: "/throwing-timer", logged: "Uncaught: Error: thrown in a timer" },
    ];
    for (const { path, logged } of failing) {
      const { status, body } = await amidCrowd(
        server,
        () => ask(server, path),
        () => server.logged(logged),
      );
      assertEquals([status, body], [200, "answered"], path);
    }
    assertEquals(await instances(server), before, "no worker was replaced");
  }),
);

Deno.test(
  "the pool answers 504 for a handler that never answers, and others are not hurt",
  inTime(async () => {
    await using server = await startDying();
    const before = await instances(server);
    // What a query says is not for the log.
    const { status, body } = await amidCrowd(
      server,
      () => ask(server, "/never?token=secret"),
    );
    assertEquals(status, 504);
    const [id] = /[0-9a-f]{8}/.exec(body)!;
    assertEquals(server.log, [
      `Request ${id} (GET /never) timed out (see --timeout)`,
    ]);
    assertEquals(await instances(server), before, "no worker was replaced");
    assertEquals(server.skein.pool.lost, 0);
  }),
);

for (
  const { name, path, body } of [
    { name: "loops", path: "/loop", body: undefined },
    {
      name: "loops after an await",
      path: "/loop-after-await",
      body: undefined,
    },
    { name: "awaits for ever", path: "/loop-in-promises", body: undefined },
    { name: "loops after its body", path: "/loop-after-body", body: "content" },
  ]
) {
  Deno.test(
    `the pool answers 504 for a handler that ${name}, and others are not hurt`,
    inTime(async () => {
      await using server = await startDying();
      const before = await instances(server);
      const answer = await amidCrowd(
        server,
        () => ask(server, path, body),
        () =>
          server.logged("A worker was replaced: a handler had to be stopped"),
      );
      assertEquals(answer.status, 504);
      const method = body === undefined ? "GET" : "POST";
      await server.logged(`(${method} ${path}) timed out (see --timeout)`);
      assertEquals(server.skein.pool.lost, 0);
      const gone = before.difference(await instances(server));
      assertEquals(gone.size, 1, "the worker that looped was replaced");
    }),
  );
}

Deno.test(
  "the pool answers the others of a batch in which a handler loops",
  inTime(async () => {
    await using server = await startTestServer({
      app: dying.href,
      workers: 1,
      limits,
    });
    // Known to be cheap, so that they go out together with others.
    for (let i = 0; i < 8; i++) await ask(server, "/echo?again");
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, (_, i) => ask(server, `/echo?${i}`)),
      ask(server, "/loop-after-body", "content"),
      ...Array.from({ length: 8 }, (_, i) => ask(server, `/echo?${i + 8}`)),
    ]);
    assertEquals(answers.splice(8, 1)[0].status, 504);
    assertEquals(
      answers.map((answer) => answer.body),
      answers.map((_, i) => `${i}`),
    );
    await until(() => server.skein.pool.ready === 1);
  }),
);

Deno.test(
  "the pool stops a loop that a handler left behind, which has its answer",
  inTime(async () => {
    await using server = await startDying();
    const before = await instances(server);
    const { status, body } = await amidCrowd(
      server,
      () => ask(server, "/loop-left-behind"),
      () => server.logged("A worker was replaced: a handler had to be stopped"),
    );
    assertEquals([status, body], [200, "answered"]);
    assertEquals(server.skein.pool.lost, 0);
    assertEquals(before.difference(await instances(server)).size, 1);
  }),
);

Deno.test(
  "the pool does not charge a handler that waits for one that computes",
  inTime(async () => {
    await using server = await startTestServer({
      app: appUrl("slow").href,
      workers: 1,
      limits,
    });
    // It is given first, and can end only when the other one was stopped.
    const waits = ask(server, "/sleep?ms=50");
    const loops = ask(server, "/spin?ms=5000");
    assertEquals((await waits).status, 200);
    assertEquals((await loops).status, 504);
  }),
);

for (
  const { name, path, why } of [
    { name: "calls Deno.exit()", path: "/deno-exit", why: "Deno.exit()" },
    { name: "calls process.exit()", path: "/node-exit", why: "exit()" },
    { name: "closes its worker", path: "/close", why: "self.close()" },
  ]
) {
  Deno.test(
    `the pool replaces a worker whose handler ${name}, and others are not hurt`,
    inTime(async () => {
      await using server = await startDying();
      const before = await instances(server);
      const { status } = await amidCrowd(
        server,
        () => ask(server, path),
        () => server.logged("A worker was replaced: the app called "),
      );
      assertEquals(status, 500);
      assertStringIncludes(server.log[0], why);
      const gone = before.difference(await instances(server));
      assertEquals(gone.size, 1, "the worker that exited was replaced");
      assertEquals(server.skein.pool.lost, 0);
    }),
  );
}

Deno.test(
  "the pool replaces a worker whose heap grows, and others are not hurt",
  inTime(async () => {
    await using server = await startDying({
      maxWorkerHeapBytes: 128 * 1024 * 1024,
      handlerTimeoutMs: 5000,
    });
    await using crowd = new Crowd(server);
    const [first] = await instances(server);
    const hoarders = new Set<string>();
    // Each request grows the heap by 8 MiB; the look at it comes every 250 ms.
    await until(async () => {
      const { status, body } = await ask(server, "/grow");
      assertEquals(status, 200);
      hoarders.add(body);
      await crowd.answers(1);
      return hoarders.size > 2 && !(await instances(server)).has(first);
    });
    await until(() => server.skein.pool.ready === 2);
    await crowd.answers(3);
  }),
);

Deno.test(
  "the pool replaces a worker that has had its number of jobs, and no request is hurt",
  inTime(async () => {
    await using server = await startDying({ maxJobsPerWorker: 100 });
    const first = await instances(server);
    await using crowd = new Crowd(server);
    await until(async () => first.isDisjointFrom(await instances(server)));
    await until(() => server.skein.pool.ready === 2);
    await crowd.answers(3);
    assertEquals(server.log, []);
  }),
);
