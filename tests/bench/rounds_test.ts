import { assertEquals, assertRejects } from "@std/assert";
import { Children } from "./children.ts";
import type { Result } from "./results.ts";
import { measureAll, type Session } from "./rounds.ts";
import {
  Absent,
  type Running,
  type Scenario,
  type Server,
} from "./scenario.ts";

/** What was done, in order, as words. */
type Log = string[];

function server(name: string, log: Log): Server {
  const running: Running = {
    url: name,
    pid: 0,
    startedAt: 0,
    stop: () => Promise.resolve(void log.push(`stop ${name}`)),
  };
  return { name, start: () => Promise.resolve(running) };
}

function scenario(name: string, servers: Server[], log: Log): Scenario {
  const measure = ({ url }: Running) => {
    log.push(`measure ${name} ${url}`);
    if (url === "breaks") return Promise.reject(new Error("it broke"));
    return Promise.resolve({ figures: { rate: 1 }, errors: 0 });
  };
  const load = { columns: [], measure };
  return {
    name,
    what: "",
    servers,
    prepare: () => Promise.resolve(),
    load,
    bars: [],
  };
}

async function measureIn(
  scenarios: Scenario[],
  change: Partial<Session> = {},
): Promise<Result[]> {
  await using children = new Children();
  const dir = await Deno.makeTempDir();
  const { signal } = new AbortController();
  const session = {
    rounds: 2,
    seconds: 1,
    warmUpSeconds: 1,
    children,
    dir,
    signal,
    progress: () => {},
    ...change,
  };
  try {
    return await measureAll(scenarios, session);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("measureAll() takes the servers in turn, and stops each before the next", async () => {
  const log: Log = [];
  const servers = [server("a", log), server("b", log)];
  const round = [
    "measure one a",
    "stop a",
    "measure one b",
    "stop b",
    "measure two a",
    "stop a",
  ];
  await measureIn([
    scenario("one", servers, log),
    scenario("two", [servers[0]], log),
  ]);
  assertEquals(log, [...round, ...round]);
});

Deno.test("measureAll() gives every row a sample per round", async () => {
  const [{ rows }] = await measureIn([scenario("one", [server("a", [])], [])], {
    rounds: 3,
  });
  assertEquals(rows[0].samples.length, 3);
});

Deno.test("measureAll() tries an absent server once", async () => {
  let starts = 0;
  const start = () =>
    Promise.reject(new Absent(`not here, asked ${++starts} times`));
  const [{ rows }] = await measureIn([
    scenario("one", [{ name: "a", start }], []),
  ]);
  assertEquals(rows[0].outcome, {
    kind: "absent",
    why: "not here, asked 1 times",
  });
});

Deno.test("measureAll() stops a server that fails, and goes on with the others", async () => {
  const log: Log = [];
  const servers = [server("breaks", log), server("b", log)];
  const [{ rows }] = await measureIn([scenario("one", servers, log)], {
    rounds: 1,
  });
  assertEquals(log, [
    "measure one breaks",
    "stop breaks",
    "measure one b",
    "stop b",
  ]);
  assertEquals(rows.map(({ outcome }) => outcome.kind), ["failed", "measured"]);
});

Deno.test("measureAll() ends when it is aborted, and counts no server as failed", async () => {
  const log: Log = [];
  const controller = new AbortController();
  const progress = () => controller.abort(new Error("enough"));
  const servers = [server("a", log), server("b", log)];
  await assertRejects(
    () =>
      measureIn([scenario("one", servers, log)], {
        signal: controller.signal,
        progress,
      }),
    Error,
    "enough",
  );
  assertEquals(log, ["measure one a", "stop a"]);
});
