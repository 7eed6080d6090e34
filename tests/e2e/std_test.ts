/**
 * What this project relies on in `@std/streams`, `@std/path` and `@std/assert`. The
 * names come through the import map, so each test holds for the real packages and for
 * the stand-ins of `.ci/std` alike: whichever of them `vendor/` has is on trial here.
 */

import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
} from "@std/assert";
import {
  basename,
  dirname,
  extname,
  fromFileUrl,
  isAbsolute,
  join,
  normalize,
  relative,
  resolve,
  SEPARATOR,
  toFileUrl,
} from "@std/path";
import { TextLineStream } from "@std/streams";
import { TextLineStream as SubpathTextLineStream } from "@std/streams/text-line-stream";

// --- @std/streams ---

interface LineCase {
  readonly name: string;
  readonly text: string;
  readonly lines: string[];
  /** The lines with `allowCR`, where they are others. */
  readonly linesAllowingCR?: string[];
}

const lineCases: LineCase[] = [
  { name: "nothing for no text", text: "", lines: [] },
  { name: "lines that end in LF", text: "a\nbc\n", lines: ["a", "bc"] },
  { name: "lines that end in CRLF", text: "a\r\nbc\r\n", lines: ["a", "bc"] },
  { name: "both in one text", text: "a\nb\r\nc\n", lines: ["a", "b", "c"] },
  {
    name: "empty lines",
    text: "\n\r\na\r\n\r\n\n",
    lines: ["", "", "a", "", ""],
  },
  { name: "an unterminated last line", text: "a\r\nbc", lines: ["a", "bc"] },
  {
    name: "a CR inside a line as text",
    text: "a\rb\r\nc\n",
    lines: ["a\rb", "c"],
    linesAllowingCR: ["a", "b", "c"],
  },
  {
    name: "all but the last CR before a LF as text",
    text: "a\r\r\nb\n",
    lines: ["a\r", "b"],
    linesAllowingCR: ["a", "", "b"],
  },
  {
    name: "a CR after a LF as text",
    text: "a\n\rb\n",
    lines: ["a", "\rb"],
    linesAllowingCR: ["a", "", "b"],
  },
  {
    name: "a CR at the very end as text",
    text: "a\nb\r",
    lines: ["a", "b\r"],
    linesAllowingCR: ["a", "b"],
  },
  {
    name: "nothing but a CR as text",
    text: "\r",
    lines: ["\r"],
    linesAllowingCR: [""],
  },
  {
    // These end lines elsewhere: in JavaScript, in Python, on a printer.
    name: "every other control character as text",
    text: "a\0\t\v\f\x1c\x85\u2028\u2029b\n",
    lines: ["a\0\t\v\f\x1c\x85\u2028\u2029b"],
  },
  {
    // A head is decoded with one character per byte, so all of these can come.
    name: "characters past ASCII and a byte order mark unchanged",
    text: "\ufeff\x80\xe9\xff\r\n\xef\xbb\xbf\n",
    lines: ["\ufeff\x80\xe9\xff", "\xef\xbb\xbf"],
  },
];

for (const { name, text, lines, linesAllowingCR = lines } of lineCases) {
  for (const [how, chunkings] of Object.entries(waysToChunk(text))) {
    Deno.test(`TextLineStream emits ${name}, ${how}`, async () => {
      for (const chunks of chunkings) {
        const note = `chunks ${JSON.stringify(chunks)}`;
        assertEquals(await linesOf(chunks), lines, note);
        assertEquals(
          await linesOf(chunks, { allowCR: true }),
          linesAllowingCR,
          `${note}, allowCR`,
        );
      }
    });
  }
}

Deno.test("TextLineStream emits a line that comes in thousands of chunks", async () => {
  const chunks = Array.from({ length: 20_000 }, (_, at) => `piece ${at} `);
  assertEquals(await linesOf([...chunks, "\r\n", "next"]), [
    chunks.join(""),
    "next",
  ]);
});

Deno.test("TextLineStream emits every line of a chunk that holds thousands", async () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at}`);
  assertEquals(await linesOf([lines.join("\r\n") + "\r\n"]), lines);
});

Deno.test("TextLineStream emits the lines of a chunk before the next one is written", async () => {
  const { writer, reader } = openLineStream();
  const written = writer.write("one\r\ntwo\r\nthr");
  assertEquals(await reader.read(), { done: false, value: "one" });
  assertEquals(await reader.read(), { done: false, value: "two" });
  await written;
  const rest = writer.write("ee\r\n");
  assertEquals(await reader.read(), { done: false, value: "three" });
  await rest;
  await reader.cancel();
});

Deno.test("TextLineStream emits nothing of a head that was written whole into the next", async () => {
  const { writer, reader } = openLineStream();
  for (const target of ["/first", "/second", "/third"]) {
    const fields = [`GET ${target} HTTP/1.1`, "Host: a", `Referer: ${target}`];
    const written = writer.write(fields.join("\r\n") + "\r\n\r\n");
    const lines: string[] = [];
    for (;;) {
      const { value } = await reader.read();
      if (!value) break;
      lines.push(value);
    }
    await written;
    assertEquals(lines, fields);
  }
  const closed = writer.close();
  assertEquals(await reader.read(), { done: true, value: undefined });
  await closed;
});

// Why exactly the bytes of a head are written, and not one of a body.
Deno.test("TextLineStream emits what follows the last line end before the next chunk", async () => {
  const { writer, reader } = openLineStream();
  const written = writer.write("POST / HTTP/1.1\r\n\r\nbody");
  assertEquals((await reader.read()).value, "POST / HTTP/1.1");
  assertEquals((await reader.read()).value, "");
  await written;
  const next = writer.write("GET / HTTP/1.1\r\n");
  assertEquals((await reader.read()).value, "bodyGET / HTTP/1.1");
  await next;
  await reader.cancel();
});

Deno.test("TextLineStream is a TransformStream, and the subpath's is the same", () => {
  assert(new TextLineStream() instanceof TransformStream);
  assertStrictEquals(SubpathTextLineStream, TextLineStream);
});

function waysToChunk(text: string): Record<string, string[][]> {
  return {
    "whole": [[text]],
    "split at every place": Array.from(
      { length: text.length + 1 },
      (_, at) => [text.slice(0, at), text.slice(at)],
    ),
    "character by character": [text.split("")],
  };
}

function linesOf(
  chunks: string[],
  options?: { allowCR?: boolean },
): Promise<string[]> {
  return Array.fromAsync(
    ReadableStream.from(chunks).pipeThrough(new TextLineStream(options)),
  );
}

function openLineStream() {
  const { writable, readable } = new TextLineStream();
  return { writer: writable.getWriter(), reader: readable.getReader() };
}

// --- @std/path ---

const isWindows = Deno.build.os === "windows";

const pathCases: [name: string, actual: unknown, expected: unknown][] = [
  ["join() puts the separator between", join("a", "b", "c.txt"), "a/b/c.txt"],
  [
    "join() takes no leading slash for a root",
    join("/srv", "/etc"),
    "/srv/etc",
  ],
  ["join() follows ..", join("/srv/www", "../../etc"), "/etc"],
  ["join() of nothing is the current directory", join(""), "."],
  [
    "resolve() takes a leading slash for a root",
    resolve("/srv", "/etc"),
    "/etc",
  ],
  ["resolve() follows . and ..", resolve("/srv", "./a/../b"), "/srv/b"],
  [
    "resolve() starts at the current directory",
    resolve("a"),
    `${Deno.cwd()}/a`,
  ],
  ["resolve() drops a trailing slash", resolve("/srv/"), "/srv"],
  ["normalize() drops doubled slashes", normalize("/a//b/./c/"), "/a/b/c/"],
  ["normalize() stops at the root", normalize("/../../etc"), "/etc"],
  [
    "normalize() keeps .. above a relative path",
    normalize("a/../../b"),
    "../b",
  ],
  ["relative() goes down", relative("/srv", "/srv/a/b"), "a/b"],
  ["relative() goes up", relative("/srv/www", "/srv/www-old"), "../www-old"],
  ["relative() of the same is empty", relative("/srv", "/srv/"), ""],
  ["isAbsolute() says yes", isAbsolute("/srv"), true],
  ["isAbsolute() says no", isAbsolute("srv/www"), false],
  ["basename() is the last part", basename("/a/b.txt"), "b.txt"],
  ["basename() drops the suffix", basename("/a/b.txt", ".txt"), "b"],
  ["basename() drops a trailing slash", basename("/a/b/"), "b"],
  ["dirname() is all but the last part", dirname("/a/b/c.txt"), "/a/b"],
  ["dirname() of a bare name is .", dirname("c.txt"), "."],
  ["extname() begins at the last dot", extname("/a.d/b.tar.gz"), ".gz"],
  ["extname() of a dot file is empty", extname("/a/.profile"), ""],
  ["extname() of a trailing dot is the dot", extname("/a/b."), "."],
  ["SEPARATOR is a slash", SEPARATOR, "/"],
  [
    "fromFileUrl() decodes",
    fromFileUrl("file:///a%20b/%C3%A9.ts"),
    "/a b/é.ts",
  ],
  ["fromFileUrl() takes a URL", fromFileUrl(new URL("file:///a/b")), "/a/b"],
  [
    "toFileUrl() encodes",
    toFileUrl("/a b/50%/c?d#e").href,
    "file:///a%20b/50%25/c%3Fd%23e",
  ],
];

for (const [name, actual, expected] of pathCases) {
  Deno.test({
    name,
    // There, the same calls give other separators and drive letters.
    ignore: isWindows,
    fn: () => assertEquals(actual, expected),
  });
}

Deno.test("fromFileUrl() undoes toFileUrl()", () => {
  const path = resolve("a dir", "ünï %41?#.txt");
  assertEquals(fromFileUrl(toFileUrl(path)), path);
});

Deno.test("fromFileUrl() throws a TypeError on another scheme", () => {
  assertThrows(() => fromFileUrl("https://localhost/a"), TypeError);
});

Deno.test("toFileUrl() throws a TypeError on a relative path", () => {
  assertThrows(() => toFileUrl("a/b"), TypeError);
});

// --- @std/assert ---

class Point {
  constructor(readonly x: number, readonly y: number) {}
}
class Vector extends Point {}
const cyclic = (name: string) => {
  const node: { name: string; self?: unknown } = { name };
  node.self = node;
  return node;
};
const mark = Symbol("mark");

const equalPairs: Record<string, [unknown, unknown]> = {
  "equal texts": ["a", "a"],
  "NaN and NaN": [NaN, NaN],
  "0 and -0": [0, -0],
  "nested objects, whatever their order": [
    { a: [1, { b: 2 }], c: null },
    { c: null, a: [1, { b: 2 }] },
  ],
  "an object and one without a prototype": [
    { a: 1 },
    Object.assign(Object.create(null), { a: 1 }),
  ],
  "bytes": [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  "buffers": [new Uint8Array([7]).buffer, new Uint8Array([7]).buffer],
  "maps in another order": [
    new Map([["a", 1], ["b", 2]]),
    new Map([["b", 2], ["a", 1]]),
  ],
  "maps with equal objects as keys": [
    new Map([[{ a: 1 }, "x"]]),
    new Map([[{ a: 1 }, "x"]]),
  ],
  "sets of equal objects": [
    new Set([{ a: 1 }, { a: 2 }]),
    new Set([{ a: 2 }, { a: 1 }]),
  ],
  "dates": [new Date(5), new Date(5)],
  "patterns": [/a/g, /a/g],
  "URLs": [new URL("http://a/b"), new URL("http://a/b")],
  "instances of one class": [new Point(1, 2), new Point(1, 2)],
  "objects that hold themselves": [cyclic("a"), cyclic("a")],
};

const unequalPairs: Record<string, [unknown, unknown]> = {
  "a number and its text": [1, "1"],
  "null and undefined": [null, undefined],
  "two functions of one text": [() => 1, () => 1],
  "a missing key and one that is undefined": [{}, { a: undefined }],
  "two keys that are undefined": [{ a: undefined }, { b: undefined }],
  "arrays of other lengths": [[1, 2], [1, 2, 3]],
  "arrays in another order": [[1, 2], [2, 1]],
  "an array and an object": [[], {}],
  "other bytes": [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  "bytes of other lengths": [new Uint8Array(1), new Uint8Array(2)],
  "other classes of bytes": [new Uint8Array([1]), new Uint16Array([1])],
  "other buffers": [new Uint8Array([7]).buffer, new Uint8Array([8]).buffer],
  "maps with another value": [new Map([["a", 1]]), new Map([["a", 2]])],
  "maps with another key": [
    new Map([["a", undefined]]),
    new Map([["b", undefined]]),
  ],
  "other sets": [new Set([1, 2]), new Set([1, 3])],
  "a set and a map": [new Set(), new Map()],
  "other dates": [new Date(5), new Date(6)],
  "other patterns": [/a/g, /a/i],
  "other URLs": [new URL("http://a/b"), new URL("http://a/c")],
  "an instance and a plain object": [new Point(1, 2), { x: 1, y: 2 }],
  "an instance and one of a subclass": [new Point(1, 2), new Vector(1, 2)],
  "values under a symbol": [{ [mark]: 1 }, { [mark]: 2 }],
  "objects that hold themselves and differ": [cyclic("a"), cyclic("b")],
};

for (const [name, [a, b]] of Object.entries(equalPairs)) {
  Deno.test(`assertEquals() takes ${name} for equal`, () => {
    passes("assertEquals", () => assertEquals(a, b));
    passes("assertEquals, swapped", () => assertEquals(b, a));
    fails("assertNotEquals", () => assertNotEquals(a, b));
  });
}

for (const [name, [a, b]] of Object.entries(unequalPairs)) {
  Deno.test(`assertEquals() takes ${name} for different`, () => {
    fails("assertEquals", () => assertEquals(a, b));
    fails("assertEquals, swapped", () => assertEquals(b, a));
    passes("assertNotEquals", () => assertNotEquals(a, b));
  });
}

Deno.test("assertEquals() says what it was told, and both values", () => {
  const error = fails("assertEquals", () => {
    assertEquals(
      { status: 200, on: "all" },
      { status: 404, on: "all" },
      "GET /",
    );
  });
  for (const part of ["GET /", "status: 200", "status: 404"]) {
    if (!error.message.includes(part)) {
      throw new Error(`no ${part} in the message: ${error.message}`);
    }
  }
});

const list = [1, 2];

/** Of each assertion, calls that must pass and calls that must fail. */
const verdicts: Record<string, { pass: (() => void)[]; fail: (() => void)[] }> =
  {
    assert: {
      pass: [() => assert(true), () => assert("a"), () => assert({})],
      fail: [() => assert(false), () => assert(0), () => assert(undefined)],
    },
    assertFalse: {
      pass: [() => assertFalse(false), () => assertFalse("")],
      fail: [() => assertFalse(true), () => assertFalse("a")],
    },
    assertStrictEquals: {
      pass: [
        () => assertStrictEquals(list, list),
        () => assertStrictEquals(NaN, NaN),
      ],
      fail: [
        () => assertStrictEquals([1, 2], list),
        () => assertStrictEquals(0, -0),
        () => assertStrictEquals("a", "b"),
      ],
    },
    assertNotStrictEquals: {
      pass: [() => assertNotStrictEquals([1, 2], list)],
      fail: [() => assertNotStrictEquals(list, list)],
    },
    assertExists: {
      pass: [() => assertExists(0), () => assertExists("")],
      fail: [() => assertExists(null), () => assertExists(undefined)],
    },
    assertMatch: {
      pass: [() => assertMatch("abc", /b/)],
      fail: [() => assertMatch("abc", /d/)],
    },
    assertNotMatch: {
      pass: [() => assertNotMatch("abc", /d/)],
      fail: [() => assertNotMatch("abc", /b/)],
    },
    assertStringIncludes: {
      pass: [() => assertStringIncludes("abc", "bc")],
      fail: [() => assertStringIncludes("abc", "cb")],
    },
    assertArrayIncludes: {
      pass: [
        () => assertArrayIncludes([{ a: 1 }, { a: 2 }], [{ a: 2 }]),
        () => assertArrayIncludes([1, NaN], [NaN]),
        () => assertArrayIncludes(new Uint8Array([1, 2]), new Uint8Array([2])),
      ],
      fail: [
        () => assertArrayIncludes([{ a: 1 }], [{ a: 2 }]),
        () => assertArrayIncludes([1, 2], [2, 3]),
      ],
    },
    assertInstanceOf: {
      pass: [() => assertInstanceOf(new Vector(1, 2), Point)],
      fail: [
        () => assertInstanceOf(new Point(1, 2), Vector),
        () => assertInstanceOf(null, Point),
      ],
    },
    assertGreater: {
      pass: [() => assertGreater(2, 1)],
      fail: [() => assertGreater(1, 1), () => assertGreater(0, 1)],
    },
    assertGreaterOrEqual: {
      pass: [
        () => assertGreaterOrEqual(1, 1),
        () => assertGreaterOrEqual(2, 1),
      ],
      fail: [() => assertGreaterOrEqual(0, 1)],
    },
    assertLess: {
      pass: [() => assertLess(1, 2)],
      fail: [() => assertLess(1, 1), () => assertLess(NaN, 1)],
    },
    assertLessOrEqual: {
      pass: [() => assertLessOrEqual(1, 1), () => assertLessOrEqual(0, 1)],
      fail: [() => assertLessOrEqual(2, 1)],
    },
    assertAlmostEquals: {
      pass: [
        () => assertAlmostEquals(0.1 + 0.2, 0.3),
        () => assertAlmostEquals(10, 11, 1),
        () => assertAlmostEquals(Infinity, Infinity),
      ],
      fail: [
        () => assertAlmostEquals(0.3, 0.301),
        () => assertAlmostEquals(10, 12, 1),
        () => assertAlmostEquals(NaN, 1),
      ],
    },
    assertObjectMatch: {
      pass: [
        () => assertObjectMatch({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } }),
        () =>
          assertObjectMatch({ a: [1, { b: 2, c: 3 }] }, { a: [1, { b: 2 }] }),
        () => assertObjectMatch({ at: new Date(5), b: 1 }, { at: new Date(5) }),
        () =>
          assertObjectMatch({ point: new Point(1, 2) }, { point: { x: 1 } }),
      ],
      fail: [
        () => assertObjectMatch({ a: 1 }, { a: 2 }),
        () => assertObjectMatch({ a: 1 }, { b: 1 }),
        () => assertObjectMatch({ a: { b: 1 } }, { a: { b: 1, c: undefined } }),
        () => assertObjectMatch({ a: [1] }, { a: [1, 2] }),
        () => assertObjectMatch({ at: new Date(5) }, { at: new Date(6) }),
      ],
    },
    fail: { pass: [], fail: [() => fail()] },
    unreachable: { pass: [], fail: [() => unreachable()] },
  };

for (const [name, calls] of Object.entries(verdicts)) {
  Deno.test(`${name}() passes and fails where it should`, () => {
    for (const call of calls.pass) passes(String(call), call);
    for (const call of calls.fail) fails(String(call), call);
  });
}

Deno.test("assertThrows() returns what was thrown", () => {
  const thrown = new RangeError("too long");
  const give = () => {
    throw thrown;
  };
  same(assertThrows(give), thrown);
  same(assertThrows(give, RangeError), thrown);
  same(assertThrows(give, Error, "too"), thrown);
  same(
    assertThrows(() => {
      throw "a text";
    }),
    "a text",
  );
});

Deno.test("assertThrows() fails on no error, another class and another message", () => {
  const give = () => {
    throw new RangeError("too long");
  };
  fails("no error", () => assertThrows(() => {}));
  fails("no error of the class", () => assertThrows(() => {}, RangeError));
  fails("another class", () => assertThrows(give, TypeError));
  fails("another message", () => assertThrows(give, RangeError, "too short"));
  fails("not an Error", () => {
    assertThrows(() => {
      throw "a text";
    }, Error);
  });
});

Deno.test("assertRejects() resolves to the reason", async () => {
  const reason = new RangeError("too long");
  const give = () => Promise.reject(reason);
  same(await assertRejects(give), reason);
  same(await assertRejects(give, RangeError), reason);
  same(await assertRejects(give, Error, "too"), reason);
});

Deno.test("assertRejects() fails on no error, another class and another message", async () => {
  const give = () => Promise.reject(new RangeError("too long"));
  const settle = () => Promise.resolve();
  await failsLater("no error", assertRejects(settle));
  await failsLater("another class", assertRejects(give, TypeError));
  await failsLater("another message", assertRejects(give, Error, "too short"));
});

Deno.test("assertRejects() fails when the function throws instead", async () => {
  const give = () => {
    throw new RangeError("too long");
  };
  await failsLater("a synchronous throw", assertRejects(give, RangeError));
});

// If one of these lost its `asserts`, this would fail the type check.
Deno.test("assert(), assertExists(), assertInstanceOf() and assertStrictEquals() narrow types", () => {
  const values: (string | undefined | Point)[] = ["ab", new Point(1, 2)];
  const [text, point] = values;
  assertExists(text);
  assert(typeof text === "string");
  assertInstanceOf(point, Point);
  const kind: unknown = "slice";
  assertStrictEquals(kind, "slice" as const);
  const narrowed: "slice" = kind;
  same(`${text.length} ${point.x} ${narrowed}`, "2 1 slice");
});

// The helpers throw for themselves: an assertion cannot be its own judge.

function passes(name: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    throw new Error(`${name}: failed`, { cause: error });
  }
}

function fails(name: string, call: () => void): AssertionError {
  try {
    call();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw new Error(`${name}: not an AssertionError`, { cause: error });
  }
  throw new Error(`${name}: passed`);
}

async function failsLater(
  name: string,
  verdict: Promise<unknown>,
): Promise<void> {
  const outcome = await verdict.then(() => "passed", (error) => error);
  fails(name, () => {
    if (outcome !== "passed") throw outcome;
  });
}

function same(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) {
    throw new Error(`got ${actual} in place of ${expected}`);
  }
}
