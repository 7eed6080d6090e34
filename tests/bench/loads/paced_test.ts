import { assert, assertEquals } from "@std/assert";
import { askAtPace } from "./paced.ts";

/** A server on any port, and what it was asked. */
function serve(handler: (index: number) => Promise<Response> | Response) {
  let asked = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => handler(asked++),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    asked: () => asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("askAtPace() asks as often as it is told, and measures each", async () => {
  await using server = serve(() => new Response("light"));
  const pace = { url: server.url, perSecond: 100, seconds: 0.2 };
  const { latenciesMs, errors } = await askAtPace(pace);
  assertEquals([server.asked(), latenciesMs.length, errors], [20, 20, 0]);
});

Deno.test("askAtPace() goes on while no answer comes, and counts from when a request was due", async () => {
  const open = Promise.withResolvers<void>();
  let held = 0;
  await using server = serve(async () => {
    if (++held === 10) open.resolve();
    await open.promise;
    return new Response("late");
  });
  const pace = { url: server.url, perSecond: 100, seconds: 0.1 };
  const { latenciesMs, errors } = await askAtPace(pace);
  assertEquals([latenciesMs.length, errors], [10, 0]);
  // The first was held until the tenth was there, which was due 90 ms later; clocks have some slack.
  assert(latenciesMs[0] >= 85, `${latenciesMs[0]}`);
});

Deno.test("askAtPace() counts other answers than 200 as errors", async () => {
  await using server = serve((index) =>
    new Response(null, { status: index % 2 === 0 ? 503 : 200 })
  );
  const pace = { url: server.url, perSecond: 100, seconds: 0.1 };
  const { latenciesMs, errors } = await askAtPace(pace);
  assertEquals([latenciesMs.length, errors], [5, 5]);
});

Deno.test("askAtPace() counts requests with no answer as errors", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const url = `http://127.0.0.1:${port}/`;
  const pace = { url, perSecond: 100, seconds: 0.05 };
  assertEquals(await askAtPace(pace), { latenciesMs: [], errors: 5 });
});
