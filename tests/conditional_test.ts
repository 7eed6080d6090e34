/** Conditions: as functions, and over sockets with the dates of real files. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  checkConditions,
  type Conditions,
  rangeApplies,
  type Validators,
  type Verdict,
} from "../lib/conditional.ts";
import { exchange } from "./support/exchange.ts";
import { startTestServer } from "./support/test_server.ts";
import { makeTree } from "./support/tree.ts";

const changedAt = Date.UTC(2026, 6, 1, 12);
const now = changedAt + 3_600_000;
const same = new Date(changedAt).toUTCString();
const earlier = new Date(changedAt - 1000).toUTCString();
const later = new Date(changedAt + 1000).toUTCString();

const strong: Validators = { etag: '"a"', lastModifiedMs: changedAt };
const weak: Validators = { etag: 'W/"a"', lastModifiedMs: changedAt };
const undated: Validators = { etag: '"a"', lastModifiedMs: null };
// RFC 9110 section 8.8.3 allows all of these characters.
const odd: Validators = { etag: '"a,b*!\xff"', lastModifiedMs: changedAt };

interface ConditionCase {
  readonly name: string;
  readonly conditions: Conditions;
  readonly validators?: Validators;
  readonly want: Verdict;
}

const conditionCases: ConditionCase[] = [
  { name: "no condition", conditions: {}, want: "proceed" },

  // Section 13.1.1, strong comparison.
  { name: "the tag", conditions: { ifMatch: '"a"' }, want: "proceed" },
  { name: "another", conditions: { ifMatch: '"b"' }, want: "failed" },
  { name: "a list", conditions: { ifMatch: '"b", "a"' }, want: "proceed" },
  { name: "a star", conditions: { ifMatch: "*" }, want: "proceed" },
  { name: "a weak one", conditions: { ifMatch: 'W/"a"' }, want: "failed" },
  {
    name: "a weak one of weak content",
    conditions: { ifMatch: 'W/"a"' },
    validators: weak,
    want: "failed",
  },
  {
    name: "a star of weak content",
    conditions: { ifMatch: "*" },
    validators: weak,
    want: "proceed",
  },
  { name: "nothing", conditions: { ifMatch: "" }, want: "failed" },

  // Section 13.1.2, weak comparison.
  ...[
    { name: "the tag", value: '"a"' },
    { name: "the tag, weak", value: 'W/"a"' },
    { name: "a star", value: "*" },
    { name: "a list with it", value: '"x", "a", "y"' },
    { name: "a list without spaces", value: '"x","a"' },
    { name: "empty members", value: ', ,"a",' },
    { name: "a tab", value: '"x",\t"a"' },
  ].map(({ name, value }) => ({
    name: `If-None-Match of ${name}`,
    conditions: { ifNoneMatch: value },
    want: "not modified" as const,
  })),
  ...[
    { name: "another tag", value: '"b"' },
    { name: "a list without it", value: '"x", W/"y"' },
    { name: "the tag unquoted", value: "a" },
    { name: "half a tag", value: '"a' },
    { name: "a small w", value: 'w/"a"' },
    { name: "a weak sign apart", value: 'W/ "a"' },
    { name: "what follows a tag", value: '"a"x' },
    { name: "a star in a list", value: '"b", *' },
    { name: "nothing", value: "" },
  ].map(({ name, value }) => ({
    name: `If-None-Match of ${name}`,
    conditions: { ifNoneMatch: value },
    want: "proceed" as const,
  })),
  {
    name: "If-None-Match of weak content",
    conditions: { ifNoneMatch: '"a"' },
    validators: weak,
    want: "not modified",
  },
  {
    name: "a tag with a comma in it",
    conditions: { ifNoneMatch: '"x", "a,b*!\xff"' },
    validators: odd,
    want: "not modified",
  },
  {
    name: "a part of a tag with a comma",
    conditions: { ifNoneMatch: '"a", "b*!\xff"' },
    validators: odd,
    want: "proceed",
  },

  // Section 13.1.3.
  {
    name: "changed then",
    conditions: { ifModifiedSince: same },
    want: "not modified",
  },
  {
    name: "changed before",
    conditions: { ifModifiedSince: later },
    want: "not modified",
  },
  {
    name: "changed since",
    conditions: { ifModifiedSince: earlier },
    want: "proceed",
  },
  {
    name: "no date",
    conditions: { ifModifiedSince: "today" },
    want: "proceed",
  },
  {
    name: "two dates",
    conditions: { ifModifiedSince: `${same}, ${same}` },
    want: "proceed",
  },
  {
    name: "content without a date",
    conditions: { ifModifiedSince: later },
    validators: undated,
    want: "proceed",
  },

  // Section 13.1.4.
  {
    name: "unchanged since then",
    conditions: { ifUnmodifiedSince: same },
    want: "proceed",
  },
  {
    name: "changed since, which must not be",
    conditions: { ifUnmodifiedSince: earlier },
    want: "failed",
  },
  {
    name: "no date to be unchanged since",
    conditions: { ifUnmodifiedSince: "-1" },
    want: "proceed",
  },

  // The order of section 13.2.2.
  {
    name: "If-Match over If-Unmodified-Since",
    conditions: { ifMatch: '"a"', ifUnmodifiedSince: earlier },
    want: "proceed",
  },
  {
    name: "If-Match that fails before If-None-Match",
    conditions: { ifMatch: '"b"', ifNoneMatch: '"a"' },
    want: "failed",
  },
  {
    name: "If-Unmodified-Since that fails before If-None-Match",
    conditions: { ifUnmodifiedSince: earlier, ifNoneMatch: '"a"' },
    want: "failed",
  },
  {
    name: "If-Match that holds, then If-None-Match",
    conditions: { ifMatch: '"a"', ifNoneMatch: '"a"' },
    want: "not modified",
  },
  {
    name: "If-None-Match over If-Modified-Since",
    conditions: { ifNoneMatch: '"b"', ifModifiedSince: same },
    want: "proceed",
  },
  {
    name: "If-None-Match that is found, whatever the date",
    conditions: { ifNoneMatch: '"a"', ifModifiedSince: earlier },
    want: "not modified",
  },
];

for (const { name, conditions, validators = strong, want } of conditionCases) {
  Deno.test(`checkConditions() says "${want}" to ${name} (${JSON.stringify(conditions)})`, () => {
    assertEquals(checkConditions(conditions, validators, now), want);
  });
}

// Section 13.1.5.
for (
  const { name, value, validators = strong, at = now, want } of [
    { name: "none", value: undefined, want: true },
    { name: "the tag", value: '"a"', want: true },
    { name: "another tag", value: '"b"', want: false },
    { name: "a weak tag", value: 'W/"a"', want: false },
    {
      name: "the same weak tag",
      value: 'W/"a"',
      validators: weak,
      want: false,
    },
    { name: "a star, which is none", value: "*", want: false },
    { name: "a list, which is none", value: '"a", "b"', want: false },
    { name: "the date", value: same, want: true },
    { name: "an earlier date", value: earlier, want: false },
    // It has to be the same one; later is not enough.
    { name: "a later date", value: later, want: false },
    { name: "no date", value: "tomorrow", want: false },
    {
      name: "the date of this very second",
      value: same,
      at: changedAt + 999,
      want: false,
    },
    {
      name: "a date of what has none",
      value: same,
      validators: undated,
      want: false,
    },
  ]
) {
  Deno.test(`rangeApplies() says ${want} to ${name}`, () => {
    assertEquals(rangeApplies(value, validators, at), want);
  });
}

// --- over sockets ---

const old = new Date(changedAt + 123);

Deno.test("a server answers conditions of its files as the RFC has it", async () => {
  using tree = await makeTree({
    "www/page.html": "page",
    "www/large.bin": new Uint8Array(100_000),
    "www/docs/x": "x",
  });
  for (const name of ["page.html", "large.bin"]) {
    await Deno.utime(tree.path(`www/${name}`), old, old);
  }
  await using server = await startTestServer({ root: tree.root });
  for (const target of ["/page.html", "/large.bin"]) {
    const first = await exchange(server, target);
    const etag = first.fields.get("etag")!;
    assert(/^"[^"]+"$/.test(etag), etag);
    assertEquals(first.fields.get("last-modified"), same);
    const statusOf = async (
      fields: Record<string, string>,
      method = "GET",
    ) => (await exchange(server, target, { fields, method })).status;

    for (const method of ["GET", "HEAD"]) {
      assertEquals(await statusOf({ "If-None-Match": etag }, method), 304);
      assertEquals(await statusOf({ "If-None-Match": "*" }, method), 304);
      assertEquals(await statusOf({ "If-None-Match": '"x"' }, method), 200);
      assertEquals(await statusOf({ "If-Modified-Since": same }, method), 304);
      assertEquals(
        await statusOf({ "If-Modified-Since": earlier }, method),
        200,
      );
      assertEquals(await statusOf({ "If-Match": etag }, method), 200);
      assertEquals(await statusOf({ "If-Match": '"x"' }, method), 412);
      assertEquals(
        await statusOf({ "If-Unmodified-Since": earlier }, method),
        412,
      );
      assertEquals(
        await statusOf({ "If-Match": '"x"', "If-None-Match": etag }, method),
        412,
      );
    }
    // Section 13.2.1: conditions are no matter of OPTIONS.
    assertEquals(await statusOf({ "If-Match": '"x"' }, "OPTIONS"), 204);
  }
  assertEquals(server.log, []);
});

Deno.test("a server's 304 has the fields it must carry, and no content", async () => {
  using tree = await makeTree({ "www/page.html": "<p>page</p>".repeat(200) });
  await using server = await startTestServer({
    root: tree.root,
    site: { cors: true, headers: [["X-Frame-Options", "DENY"]] },
  });
  const fields = { "Accept-Encoding": "gzip" };
  const first = await exchange(server, "/page.html", { fields });
  const again = await exchange(server, "/page.html", {
    fields: { ...fields, "If-None-Match": first.fields.get("etag")! },
  });
  assertEquals([again.status, again.text], [304, ""]);
  for (
    const name of [
      "etag",
      "vary",
      "cache-control",
      "access-control-allow-origin",
      "x-frame-options",
    ]
  ) {
    assert(first.fields.has(name), name);
    assertEquals(again.fields.get(name), first.fields.get(name), name);
  }
  for (
    const name of [
      "content-type",
      "content-encoding",
      "content-length",
      "last-modified",
      "transfer-encoding",
    ]
  ) assertEquals(again.fields.get(name), undefined, name);
});

Deno.test("a server compares nothing where the answer is no content of the path", async () => {
  using tree = await makeTree({ "www/docs/x": "x", "www/404.html": "oops" });
  await using server = await startTestServer({ root: tree.root });
  for (
    const { target, status } of [
      { target: "/nothing", status: 404 },
      { target: "/docs", status: 301 },
      { target: "/%ff", status: 400 },
    ]
  ) {
    for (const name of ["If-Match", "If-None-Match"]) {
      const fields = { [name]: name === "If-Match" ? '"x"' : "*" };
      const answer = await exchange(server, target, { fields });
      assertEquals(answer.status, status, `${target} ${name}`);
    }
  }
});

Deno.test("a file that is replaced within the same second gets another ETag", async () => {
  using tree = await makeTree({});
  await using server = await startTestServer({ root: tree.root, workers: 1 });
  for (const size of [10, 70_000]) {
    const tags = new Set<string>();
    for (let round = 0; round < 5; round++) {
      // Another name each, so that nothing is kept, and the same whole second.
      const name = `${size}-${round}.bin`;
      const path = tree.path(`www/${name}`);
      await Deno.writeTextFile(path, `${round}`.repeat(size));
      await Deno.utime(path, old, old);
      const { fields } = await exchange(server, `/${name}`);
      assertEquals(fields.get("last-modified"), same);
      tags.add(fields.get("etag")!);
    }
    assertEquals(tags.size, 5);
  }
});

Deno.test("a large file that is replaced gets another ETag at once, be its size and time the same", async () => {
  using tree = await makeTree({ "www/large.bin": "a".repeat(70_000) });
  const path = tree.path("www/large.bin");
  await Deno.utime(path, old, old);
  await using server = await startTestServer({ root: tree.root });
  const before = await exchange(server, "/large.bin");
  await Deno.writeTextFile(`${path}.new`, "b".repeat(70_000));
  await Deno.utime(`${path}.new`, old, old);
  await Deno.rename(`${path}.new`, path);
  const after = await exchange(server, "/large.bin", {
    fields: { "If-None-Match": before.fields.get("etag")! },
  });
  assertEquals([after.status, after.text[0]], [200, "b"]);
  assertNotEquals(after.fields.get("etag"), before.fields.get("etag"));
});

Deno.test("a file from the future has no Last-Modified (section 8.8.2.1)", async () => {
  using tree = await makeTree({ "www/page.html": "page" });
  const future = new Date(Date.now() + 86_400_000);
  await Deno.utime(tree.path("www/page.html"), future, future);
  await using server = await startTestServer({ root: tree.root });
  const { status, fields } = await exchange(server, "/page.html", {
    fields: { "If-Modified-Since": future.toUTCString() },
  });
  assertEquals([status, fields.get("last-modified")], [200, undefined]);
});
