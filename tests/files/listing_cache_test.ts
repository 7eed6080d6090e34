/** Listings that are kept: how long, and what is made of them once only. */

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { CachedFileStore } from "../../lib/files/cached_file_store.ts";
import { handleStatic } from "../../lib/files/static_handler.ts";
import { type Field, fieldValue } from "../../lib/http/message.ts";
import {
  defaultStaticOptions,
  type StaticOptions,
} from "../../lib/files/static_options.ts";
import { Clock } from "../support/clock.ts";
import { requestOf } from "../support/requests.ts";
import { makeTree, type Tree } from "../support/tree.ts";

function makeSite(tree: Tree, options: Partial<StaticOptions> = {}) {
  return new CachedFileStore(tree.root, {
    ...defaultStaticOptions,
    list: true,
    ...options,
  });
}

/** So many names; all but the first are links to one file, for to write files takes
 * ten times as long. */
async function makeMany(count: number): Promise<Tree> {
  const tree = await makeTree({ "www/0.txt": "x", "www/1.txt": "x" });
  for (let i = 2; i < count; i++) {
    Deno.linkSync(tree.path("www/1.txt"), join(tree.root, `${i}.txt`));
  }
  return tree;
}

function entriesOf(site: CachedFileStore) {
  const listed = site.list([]);
  assert(listed.kind === "entries");
  return listed.entries;
}

function ask(site: CachedFileStore, target: string, ...fields: Field[]) {
  const response = handleStatic(requestOf(target, { fields }), site);
  const { status, body } = response;
  const text = body.kind === "bytes"
    ? new TextDecoder().decode(body.bytes)
    : "";
  const field = (name: string) => fieldValue(response.fields, name);
  return { response, status, text, field };
}

Deno.test("a small directory is listed as it is, within a second", async () => {
  using tree = await makeMany(3);
  using clock = new Clock();
  const site = makeSite(tree);
  clock.forward(3_600_000);
  assertEquals(entriesOf(site).length, 3);
  await Deno.writeTextFile(tree.path("www/0.txt"), "longer");
  clock.forward(1000);
  assertEquals(entriesOf(site).find(({ name }) => name === "0.txt")?.size, 6);
  await Deno.remove(tree.path("www/1.txt"));
  clock.forward(1000);
  assertEquals(entriesOf(site).length, 2);
});

Deno.test("a large directory is not read again while its times are the same", async () => {
  using tree = await makeMany(2000);
  using clock = new Clock();
  const site = makeSite(tree);
  // Its times tell its changes apart by now.
  clock.forward(3_600_000);
  const first = entriesOf(site);
  await Deno.writeTextFile(tree.path("www/0.txt"), "longer");
  clock.forward(1000);
  assertStrictEquals(entriesOf(site), first);
  // What changes in its files shows a millisecond later for each of them.
  clock.forward(1000);
  const second = entriesOf(site);
  assertNotStrictEquals(second, first);
  assertEquals(second.find(({ name }) => name === "0.txt")?.size, 6);
});

// Its times are looked at when the first span ends, and that is no reason to take what
// is in its files for fresh once more.
Deno.test("what changes in the files of a directory shows a millisecond later for each of them", async () => {
  using tree = await makeMany(1200);
  using clock = new Clock();
  const site = makeSite(tree);
  clock.forward(3_600_000);
  entriesOf(site);
  await Deno.writeTextFile(tree.path("www/0.txt"), "longer");
  clock.forward(1100);
  entriesOf(site);
  clock.forward(100);
  assertEquals(entriesOf(site).find(({ name }) => name === "0.txt")?.size, 6);
});

Deno.test("what comes to a large directory is listed within a second", async () => {
  using tree = await makeMany(2000);
  using clock = new Clock();
  const site = makeSite(tree);
  clock.forward(3_600_000);
  entriesOf(site);
  await Deno.writeTextFile(tree.path("www/new.txt"), "new");
  clock.forward(1000);
  assertEquals(entriesOf(site).length, 2001);
});

Deno.test("names that are not listed count for how long a listing is good", async () => {
  using tree = await makeTree({ "www/.0": "x", "www/a.txt": "x" });
  for (let i = 1; i < 2000; i++) {
    Deno.linkSync(tree.path("www/.0"), join(tree.root, `.${i}`));
  }
  using clock = new Clock();
  const site = makeSite(tree);
  clock.forward(3_600_000);
  const first = entriesOf(site);
  await Deno.writeTextFile(tree.path("www/a.txt"), "longer");
  clock.forward(1000);
  assertStrictEquals(entriesOf(site), first);
});

Deno.test("a listing that is read again and is the same keeps what was made of it", async () => {
  using tree = await makeMany(3);
  using clock = new Clock();
  const site = makeSite(tree);
  const first = ask(site, "/").response;
  clock.forward(1000);
  assertStrictEquals(ask(site, "/").response, first);
  await Deno.writeTextFile(tree.path("www/new.txt"), "new");
  clock.forward(1000);
  assertStringIncludes(ask(site, "/").text, "new.txt");
});

Deno.test("a listing is made once for each order, type and coding", async () => {
  using tree = await makeMany(50);
  const site = makeSite(tree);
  const targets = ["/", "/?sort=size", "/?sort=time&order=desc"];
  const codings = ["br", "gzip", "zstd", "identity"];
  const types = ["text/html", "application/json"];
  const all = () =>
    targets.flatMap((target) =>
      codings.flatMap((coding) =>
        types.map((type) =>
          ask(site, target, ["accept-encoding", coding], ["accept", type])
        )
      )
    );
  const first = all();
  const tags = first.map(({ field }) => field("ETag"));
  assertEquals(new Set(first.map(({ response }) => response)).size, 24);
  for (const [index, { response }] of all().entries()) {
    assertStrictEquals(response, first[index].response);
  }
  // And so for who has it already.
  const given: Field = ["if-none-match", tags[0]!];
  const again = () =>
    ask(
      site,
      "/",
      ["accept-encoding", "br"],
      ["accept", "text/html"],
      given,
    );
  assertEquals(again().status, 304);
  assertStrictEquals(again().response, again().response);
});

Deno.test("a directory of 10 001 names is listed up to the last but one, with a word", async () => {
  using tree = await makeMany(10_001);
  const site = makeSite(tree);
  const page = ask(site, "/");
  assertStringIncludes(page.text, "; 1 more name not shown</caption>");
  assertEquals(page.text.match(/<tr><th scope="row"/g)?.length, 10_000);
  const { text } = ask(site, "/", ["accept", "application/json"]);
  const { entries, omitted } = JSON.parse(text);
  assertEquals([entries.length, omitted], [10_000, 1]);
  assertEquals(entries.at(-1).name, "9999.txt");
});

Deno.test("an operator's content security policy is not the listing page's", async () => {
  using tree = await makeTree({ "www/docs/a.html": "a", "www/b/x": "" });
  const site = makeSite(tree, {
    headers: [
      ["content-security-policy", "default-src 'self'"],
      ["X-Frame-Options", "DENY"],
      ["Content-Security-Policy", "style-src 'none'"],
    ],
  });
  const page = ask(site, "/docs/");
  assertEquals(page.field("Content-Security-Policy"), undefined);
  assertEquals(page.field("X-Frame-Options"), "DENY");
  assertStringIncludes(page.text, `"Content-Security-Policy" content=`);
  for (
    const { field } of [
      ask(site, "/docs/a.html"),
      ask(site, "/docs/", ["accept", "application/json"]),
      ask(site, "/nothing"),
    ]
  ) assertNotEquals(field("Content-Security-Policy"), undefined);
});
