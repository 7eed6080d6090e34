/**
 * What the main thread responds from memory, and what it leaves to the workers.
 */

import { assert, assertEquals } from "@std/assert";
import type {
  Compressed,
  HotFile,
  StoredFile,
  ToldRules,
} from "../../lib/files/file_store.ts";
import { freshMs } from "../../lib/files/freshness.ts";
import { HotFiles } from "../../lib/files/hot_files.ts";
import { ToldSite } from "../../lib/files/told_site.ts";
import { defaultStaticOptions } from "../../lib/files/static_options.ts";
import type { Field, RequestHead } from "../../lib/http/message.ts";

const text = "x".repeat(2000);
const bytes = new TextEncoder().encode(text);
const packed = new Uint8Array([1, 2, 3]);

function fileOf(name: string, changes: Partial<StoredFile> = {}): StoredFile {
  return {
    name,
    path: `/srv/${name}`,
    identity: { dev: 1, ino: 2, size: 2000, mtimeMs: 1000, ctimeMs: 1000 },
    bytes,
    tag: "one",
    tagIsStrong: true,
    siblings: {},
    ...changes,
  };
}

function told(file: StoredFile, changes: Partial<HotFile> = {}): HotFile {
  return {
    root: "/srv",
    key: `/${file.name}`,
    tag: file.tag,
    checkedAt: Date.now(),
    file,
    compressed: {},
    ...changes,
  };
}

function head(
  target: string,
  fields: Field[] = [],
  method = "GET",
): RequestHead {
  return { method, target, fields, authority: "h", version: "1.1" };
}

const none = { kind: "none" } as const;

function hotOf(...files: HotFile[]): HotFiles {
  const site = new ToldSite("/srv", defaultStaticOptions, console.error);
  const texts = { redirects: none, headers: none };
  site.take({ root: "/srv", checkedAt: Date.now(), tag: "--", texts });
  const hot = new HotFiles("/srv", defaultStaticOptions, site);
  for (const each of files) hot.add(each);
  return hot;
}

const gzip: Compressed = { gzip: packed };
const encoded: Field[] = [["accept-encoding", "gzip"]];
const etag = '"one"';

const rows: {
  readonly what: string;
  readonly told: HotFile[];
  readonly asked: RequestHead;
  /** `null` where a worker has to respond. */
  readonly status: number | null;
  readonly length?: number;
}[] = [
  {
    what: "a file",
    told: [told(fileOf("a.html"))],
    asked: head("/a.html"),
    status: 200,
    length: 2000,
  },
  {
    what: "an index",
    told: [told(fileOf("d/index.html"))],
    asked: head("/d/"),
    status: 200,
    length: 2000,
  },
  {
    what: "a HEAD",
    told: [told(fileOf("a.html"))],
    asked: head("/a.html", [], "HEAD"),
    status: 200,
  },
  {
    what: "a condition",
    told: [told(fileOf("a.html"))],
    asked: head("/a.html", [["if-none-match", etag]]),
    status: 304,
  },
  {
    what: "a range",
    told: [told(fileOf("a.html"))],
    asked: head("/a.html", [["range", "bytes=0-9"]]),
    status: 206,
    length: 10,
  },
  {
    what: "a coding that was told",
    told: [told(fileOf("a.html"), { compressed: gzip })],
    asked: head("/a.html", encoded),
    status: 200,
    length: 3,
  },
  {
    what: "a coding that is told later",
    told: [
      told(fileOf("a.html")),
      told(fileOf("a.html"), { file: null, compressed: gzip }),
    ],
    asked: head("/a.html", encoded),
    status: 200,
    length: 3,
  },
  {
    what: "a coding that was not told",
    told: [told(fileOf("a.html"))],
    asked: head("/a.html", encoded),
    status: null,
  },
  {
    what: "a large file in that coding",
    told: [
      told(
        fileOf("a.html", {
          siblings: { gzip: fileOf("a.html.gz", { bytes: null }) },
        }),
      ),
    ],
    asked: head("/a.html", encoded),
    status: null,
  },
  {
    what: "a file that is not known",
    told: [],
    asked: head("/a.html"),
    status: null,
  },
  {
    what: "a query",
    told: [told(fileOf("a.html"))],
    asked: head("/a.html?b"),
    status: null,
  },
  {
    what: "another method",
    told: [told(fileOf("a.html"))],
    asked: head("/a.html", [], "POST"),
    status: null,
  },
  {
    what: "a look that is too old",
    told: [told(fileOf("a.html"), { checkedAt: Date.now() - 901 })],
    asked: head("/a.html"),
    status: null,
  },
  {
    what: "a look in the future",
    told: [told(fileOf("a.html"), { checkedAt: Date.now() + 5000 })],
    asked: head("/a.html"),
    status: null,
  },
  {
    what: "another directory",
    told: [told(fileOf("a.html"), { root: "/old" })],
    asked: head("/a.html"),
    status: null,
  },
  {
    what: "what was not told first",
    told: [told(fileOf("a.html"), { file: null })],
    asked: head("/a.html"),
    status: null,
  },
  {
    what: "a content that another worker has seen replaced",
    told: [
      told(fileOf("a.html")),
      told(fileOf("a.html", { tag: "two" }), { file: null }),
    ],
    asked: head("/a.html"),
    status: null,
  },
  {
    what: "an older look, which changes nothing",
    told: [
      told(fileOf("a.html")),
      told(fileOf("a.html", { tag: "two", bytes: packed }), {
        checkedAt: Date.now() - 100,
      }),
    ],
    asked: head("/a.html"),
    status: 200,
    length: 2000,
  },
  {
    what: "a newer content",
    told: [
      told(fileOf("a.html"), { checkedAt: Date.now() - 100 }),
      told(fileOf("a.html", { tag: "two", bytes: packed })),
    ],
    asked: head("/a.html"),
    status: 200,
    length: 3,
  },
  {
    what: "a file with another one beside it since",
    told: [
      told(fileOf("a.html"), { checkedAt: Date.now() - 100 }),
      told(
        fileOf("a.html", {
          siblings: { gzip: fileOf("a.html.gz", { bytes: packed }) },
        }),
      ),
    ],
    asked: head("/a.html", encoded),
    status: 200,
    length: 3,
  },
];

for (const { what, told, asked, status, length } of rows) {
  Deno.test(`from memory, ${what}: ${status ?? "a worker"}`, () => {
    const response = hotOf(...told).respond(asked);
    assertEquals(response?.status ?? null, status);
    if (length === undefined) return;
    assert(response!.body.kind === "bytes");
    assertEquals(response!.body.bytes.length, length);
  });
}

Deno.test("from memory, a usual request gets the same object each time", () => {
  const hot = hotOf(told(fileOf("a.html")));
  const first = hot.respond(head("/a.html"));
  hot.add(told(fileOf("a.html"), { file: null }));
  assert(first === hot.respond(head("/a.html", [["user-agent", "other"]])));
});

Deno.test("from memory, nothing after it was cleared, and the other directory from then on", () => {
  const hot = hotOf(told(fileOf("a.html")));
  hot.clear("/new");
  assertEquals(hot.respond(head("/a.html")), null);
  hot.add(told(fileOf("a.html")));
  assertEquals(hot.respond(head("/a.html")), null);
  hot.add(told(fileOf("a.html"), { root: "/new" }));
  assertEquals(hot.respond(head("/a.html"))?.status, 200);
});

Deno.test("rules of the site hold for what is in memory too", async () => {
  const at = Date.now();
  const none = { kind: "none" } as const;
  const texts = (redirects: string, headers: string) => ({
    redirects: { kind: "text", text: redirects } as const,
    headers: { kind: "text", text: headers } as const,
  });
  const rows: {
    readonly what: string;
    readonly rules: Partial<ToldRules>[];
    readonly status: number | null;
    readonly field?: string;
  }[] = [
    { what: "nobody has told them", rules: [], status: null },
    {
      what: "fields",
      rules: [{ texts: texts("/a.html /b", "/a.html\n X-A: 1") }],
      status: 200,
      field: "1",
    },
    {
      what: "fields of another path",
      rules: [{ texts: texts("", "/b.html\n X-A: 1") }],
      status: 200,
    },
    {
      what: "a redirect by force",
      rules: [{ texts: texts("/a.html /b 301!", "") }],
      status: null,
    },
    {
      what: "a look that is too old",
      rules: [{
        checkedAt: at - freshMs,
        texts: { redirects: none, headers: none },
      }],
      status: null,
    },
    {
      what: "a later look at the same",
      rules: [
        { checkedAt: at - freshMs, texts: texts("", "/*\n X-A: 1") },
        { texts: null },
      ],
      status: 200,
      field: "1",
    },
    {
      what: "others, which were not told",
      rules: [{ texts: texts("", "/*\n X-A: 1") }, { tag: "b", texts: null }],
      status: null,
    },
    {
      what: "those of another directory",
      rules: [{ root: "/other", texts: texts("", "/*\n X-A: 1") }],
      status: null,
    },
  ];
  for (const { what, rules, status, field } of rows) {
    const site = new ToldSite("/srv", defaultStaticOptions, console.error);
    for (const told of rules) {
      const defaults = { root: "/srv", checkedAt: at, tag: "a", texts: null };
      await site.take({ ...defaults, ...told });
    }
    const hot = new HotFiles("/srv", defaultStaticOptions, site);
    hot.add(told(fileOf("a.html")));
    const response = hot.respond(head("/a.html"));
    assertEquals(response?.status ?? null, status, what);
    const value = response?.fields.find(([name]) => name === "X-A")?.[1];
    assertEquals(value, field, what);
  }
});
