import { assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { Children } from "../children.ts";
import { checkAnswer, type Expected } from "./answers.ts";

const page = "hello ".repeat(100);

const rows: {
  name: string;
  answer: () => Response;
  expected: Expected;
  refused?: string;
}[] = [
  {
    name: "the text that is expected",
    answer: () => new Response(page),
    expected: { kind: "text", text: page },
  },
  {
    name: "a file in a coding",
    answer: () =>
      new Response(new Uint8Array(gzipSync(page)), {
        headers: { "content-encoding": "gzip" },
      }),
    expected: { kind: "file", file: "page" },
  },
  {
    name: "a text that is shorter",
    answer: () => new Response("hello "),
    expected: { kind: "text", text: page },
    refused: "answers 200 with 6 bytes, not the 600 asked",
  },
  {
    name: "another file of the same length",
    answer: () => new Response("x".repeat(600)),
    expected: { kind: "file", file: "page" },
    refused: "answers 200 with 600 bytes",
  },
  {
    name: "an error page with the right bytes",
    answer: () => new Response(page, { status: 500 }),
    expected: { kind: "text", text: page },
    refused: "answers 500",
  },
];

for (const { name, answer, expected, refused } of rows) {
  const verb = refused === undefined ? "takes" : "refuses";
  Deno.test(`checkAnswer() ${verb} ${name}`, async () => {
    await using children = new Children();
    const root = await Deno.makeTempDir();
    await Deno.writeTextFile(`${root}/page`, page);
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    await using server = Deno.serve(options, answer);
    const running = {
      url: `http://127.0.0.1:${server.addr.port}/`,
      pid: Deno.pid,
      startedAt: 0,
      stop: () => Promise.resolve(),
    };
    const run = { root, seconds: 1, warmUpSeconds: 1, children };
    const asked = { headers: { "accept-encoding": "br, gzip" } };
    const check = () => checkAnswer(running, run, asked, expected);
    if (refused === undefined) await check();
    else await assertRejects(check, Error, refused);
    await Deno.remove(root, { recursive: true });
  });
}
