/** The flags that are about the site; all others are in command_line_test.ts. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/command_line.ts";
import {
  defaultStaticOptions,
  type StaticOptions,
} from "../../lib/files/static_options.ts";
import { parse as parseAll } from "../support/command_lines.ts";

function parse(args: string[]): StaticOptions {
  const parsed = parseAll(args);
  assert(parsed.kind === "run");
  return parsed.options.site;
}

const goodCases: { args: string[]; want: Partial<StaticOptions> }[] = [
  { args: [], want: {} },
  { args: ["--list"], want: { list: true } },
  { args: ["--list", "--zip"], want: { list: true, zip: true } },
  { args: ["--spa"], want: { spa: true } },
  { args: ["-s"], want: { spa: true } },
  { args: ["-sq", "site"], want: { spa: true } },
  { args: ["--cors"], want: { cors: true } },
  { args: ["--cache", "0"], want: { cacheSeconds: 0 } },
  { args: ["--cache=3600"], want: { cacheSeconds: 3600 } },
  { args: ["--cache=31536000"], want: { cacheSeconds: 31_536_000 } },
  { args: ["--cache", "off"], want: { cacheSeconds: null } },
  {
    args: ["--header", "X-Frame-Options: DENY"],
    want: { headers: [["X-Frame-Options", "DENY"]] },
  },
  { args: ["-H", "X:y"], want: { headers: [["X", "y"]] } },
  { args: ["-H", "X:  a b \t"], want: { headers: [["X", "a b"]] } },
  { args: ["-H", "X:"], want: { headers: [["X", ""]] } },
  {
    // Only the first colon ends the name.
    args: ["-H", "Link: <https://a.example/>; rel=preconnect"],
    want: { headers: [["Link", "<https://a.example/>; rel=preconnect"]] },
  },
  {
    args: ["-H", "A: 1", "--header=B: 2", "-H", "A: 3"],
    want: { headers: [["A", "1"], ["B", "2"], ["A", "3"]] },
  },
  {
    args: ["-H", "Cache-Control: no-transform", "-H", "Vary: Origin"],
    want: {
      headers: [["Cache-Control", "no-transform"], ["Vary", "Origin"]],
    },
  },
  { args: ["--mime", "x=y/z"], want: { mediaTypes: { x: "y/z" } } },
  {
    args: ["--mime=.GLB=model/gltf-binary", "--mime", "md=text/plain"],
    want: { mediaTypes: { glb: "model/gltf-binary", md: "text/plain" } },
  },
  {
    args: ["--mime", "jp=text/html; charset=shift_jis"],
    want: { mediaTypes: { jp: "text/html; charset=shift_jis" } },
  },
  // A later one replaces an earlier one; no name is special.
  {
    args: ["--mime=a=x/y", "--mime=a=x/z"],
    want: { mediaTypes: { a: "x/z" } },
  },
  {
    args: ["--mime", "__proto__=x/y"],
    want: { mediaTypes: Object.fromEntries([["__proto__", "x/y"]]) },
  },
];

for (const { args, want } of goodCases) {
  Deno.test(`the command line reads ${JSON.stringify(args)} for the site`, () => {
    assertEquals(parse(args), { ...defaultStaticOptions, ...want });
  });
}

function ours(name: string) {
  return {
    args: ["-H", `${name}: x`],
    message: `--header ${name}: Skein sets this field itself in every response`,
  };
}

function badCache(value: string) {
  return {
    args: [`--cache=${value}`],
    message:
      `--cache takes whole seconds up to 31536000 or "off", not "${value}"`,
  };
}

const badCases: { args: string[]; message: string }[] = [
  ...["", "-1", "1.5", "1e3", "no", "Off", "31536001", "99999999999"].map(
    badCache,
  ),
  {
    args: ["-H", "X-Frame-Options DENY"],
    message:
      "--header takes 'Name: value', and \"X-Frame-Options DENY\" has no colon",
  },
  ...["", " X", "X ", "a b", "é", "(x)", 'x"'].map((name) => ({
    args: ["-H", `${name}: x`],
    message: `--header: "${name}" is not a field name`,
  })),
  // A second line, or what is no byte.
  ...["a\r\nSet-Cookie: b", "a\nb", "a\0", "ü", "\u2028", "a\x7f"].map((
    value,
  ) => ({
    args: ["-H", `X: a${value}`],
    message: "--header X: the value takes printable ASCII characters only",
  })),
  ...[
    "Content-Length",
    "content-length",
    "Connection",
    "Date",
    "Keep-Alive",
    "Transfer-Encoding",
    "Trailer",
    "Upgrade",
    "TE",
    "Content-Type",
    "Content-Encoding",
    "Content-Range",
    "ETag",
    "Last-Modified",
    "Location",
    "Accept-Ranges",
    "Allow",
  ].map(ours),
  {
    args: ["-H", "Server: nginx"],
    message: "--header Server: use --server instead",
  },
  ...["glb", ""].map((value) => ({
    args: [`--mime=${value}`],
    message:
      `--mime takes EXT=TYPE, such as glb=model/gltf-binary, not "${value}"`,
  })),
  ...["", ".", "tar.gz", "a/b"].map((extension) => ({
    args: [`--mime=${extension}=x/y`],
    message: `--mime: "${extension}" is not the extension of a file name`,
  })),
  ...["", "text", "text/", "a/b/c", "a/b;", "a/b\r\nX: y", "a/b; c", "ä/b"].map(
    (type) => ({
      args: ["--mime", `x=${type}`],
      message: `--mime x: "${type}" is not a media type`,
    }),
  ),
  {
    args: ["--list=yes"],
    message: "Option '--list' does not take an argument",
  },
  { args: ["--cache"], message: "--cache needs a value" },
  { args: ["-H"], message: "--header needs a value" },
];

for (const { args, message } of badCases) {
  Deno.test(`the command line refuses ${JSON.stringify(args)} for the site`, () => {
    assertEquals(
      assertThrows(() => parse(args), UsageError).message,
      message,
    );
  });
}
