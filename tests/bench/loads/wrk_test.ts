import { assertEquals } from "@std/assert";
import { wrkArguments } from "./wrk.ts";

Deno.test("wrkArguments() asks for the root by default", () => {
  const args = wrkArguments("http://127.0.0.1:80/", { connections: 64 }, 4);
  assertEquals(args, [
    "-t1",
    "-c64",
    "-d4s",
    "--latency",
    "http://127.0.0.1:80/",
  ]);
});

Deno.test("wrkArguments() passes headers and a path", () => {
  const options = {
    connections: 1,
    path: "a.txt",
    headers: { range: "bytes=0-9", te: "x" },
  };
  const args = wrkArguments("http://127.0.0.1:80/", options, 1);
  assertEquals(args.slice(4), [
    "-H",
    "range: bytes=0-9",
    "-H",
    "te: x",
    "http://127.0.0.1:80/a.txt",
  ]);
});

Deno.test("wrkArguments() passes a script, and its arguments behind the URL", () => {
  const script = { file: "some.lua", args: ["1000"] };
  const options = { connections: 1, script };
  assertEquals(wrkArguments("http://127.0.0.1:80/", options, 1).slice(4), [
    "-s",
    "some.lua",
    "http://127.0.0.1:80/",
    "--",
    "1000",
  ]);
});
