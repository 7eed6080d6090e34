/**
 * Workers that are replaced in the run of things: by their number of jobs, by
 * their heap, and while their app does not load. With a process of its own, under
 * load, where every answer counts.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask, Crowd, type Reachable } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { makeTree } from "../support/tree.ts";

const dying = appUrl("dying").pathname;

/** Asks until that many workers have answered. */
async function untilMet(
  server: Reachable,
  count: number,
  between: () => Promise<unknown>,
): Promise<void> {
  const met = new Set<string>();
  await until(async () => {
    await between();
    const { status, body } = await ask(server, "/instance");
    assertEquals(status, 200);
    met.add(body);
    return met.size >= count;
  });
}

Deno.test(
  "no request is lost while workers are replaced for their number of requests",
  inTime(async () => {
    await using server = await startChildServer(
      ...["--app", dying, "--workers", "2", "--max-requests", "200"],
    );
    await using crowd = new Crowd(server, 16);
    await untilMet(server, 10, () => crowd.answers(1));
    await crowd.answers(5);
    assertEquals(server.stderr.text, "");
  }, 60_000),
);

Deno.test(
  "no request is lost while workers are replaced for their heaps",
  inTime(async () => {
    await using server = await startChildServer(
      ...["--app", dying, "--workers", "2", "--max-heap", "64"],
    );
    await using crowd = new Crowd(server, 16);
    // Each of these leaves 8 MiB behind; the look at the heap comes every 250 ms.
    const grow = async () =>
      assertEquals((await ask(server, "/grow")).status, 200);
    await untilMet(server, 6, grow);
    await crowd.answers(5);
    assertEquals(server.stderr.text, "");
  }, 60_000),
);

const goodCode = `export default {
  fetch: (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/exit") self.close();
    return new Response(search.slice(1));
  },
};`;

Deno.test(
  "workers that are worn go on while the app does not load",
  inTime(async () => {
    using tree = await makeTree({ "www/app.js": goodCode });
    await using server = await startChildServer(
      ...["--app", tree.path("www/app.js"), "--workers", "2"],
      ...["--max-requests", "50"],
    );
    await using crowd = new Crowd(server);
    await crowd.answers(3);
    await Deno.writeTextFile(tree.path("www/app.js"), "export default {");
    await server.stderr.waitFor(/A worker does not start: [^]*\n/);
    await crowd.answers(30);
    await Deno.writeTextFile(tree.path("www/app.js"), goodCode);
    await crowd.answers(30);
  }, 60_000),
);

Deno.test(
  "an app that stops loading costs a try now and then and 503 meanwhile, and is served again once it is mended",
  inTime(async () => {
    using tree = await makeTree({ "www/app.js": goodCode });
    await using server = await startChildServer(
      ...["--app", tree.path("www/app.js"), "--workers", "2"],
      ...["--limit", "maxRespawnBackoffMs=400"],
    );
    assertEquals((await ask(server, "/?word")).body, "word");
    await Deno.writeTextFile(tree.path("www/app.js"), "export default {");
    const begun = performance.now();
    await until(async () => (await ask(server, "/exit")).status === 503);
    const gone = performance.now();
    while (performance.now() - gone < 2000) {
      const { status, head } = await ask(server, "/?word");
      assertEquals(status, 503);
      assertMatch(head, /\r\nRetry-After: 1\r\n/);
    }
    // Two workers, each at once and then after 100, 200, 400, 400, ... ms.
    const waited = performance.now() - begun;
    const tries = server.stderr.text.split("A worker does not start: ").length -
      1;
    assert(tries > 2, "it was tried again");
    assert(tries <= 2 * (3 + waited / 400), `${tries} tries in ${waited} ms`);
    await Deno.writeTextFile(tree.path("www/app.js"), goodCode);
    await until(async () => (await ask(server, "/?word")).body === "word");
    await using crowd = new Crowd(server);
    await crowd.answers(5);
  }, 60_000),
);
