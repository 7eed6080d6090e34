import { assert, assertEquals, assertThrows } from "@std/assert";
import { fuzz } from "./fuzz.ts";
import { Random } from "./random.ts";
import { nextInput, split } from "./traffic.ts";
import { splitResponses, TranscriptError } from "./transcript.ts";

Deno.test("fuzz: mutated traffic finds nothing, and reaches most refusals", async () => {
  const { inputs, statuses } = await fuzz({
    seed: 7878,
    goOn: (inputs) => inputs < 1200,
  });
  assertEquals(inputs, 1200);
  for (const status of [200, 400, 413, 414, 417, 431, 501, 505]) {
    assert((statuses.get(status) ?? 0) > 0, `${status} never came`);
  }
});

Deno.test("nextInput() is the same for the same seed", () => {
  const inputs = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => nextInput(random));
  };
  assertEquals(inputs(1), inputs(1));
  assert(inputs(1).join() !== inputs(2).join());
});

Deno.test("split() loses nothing", () => {
  const random = new Random(1);
  for (let i = 0; i < 500; i++) {
    const wire = nextInput(random);
    assertEquals(split(wire, random).join(""), wire);
  }
});

Deno.test("splitResponses() refuses what is no sequence of responses", () => {
  const good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  assertEquals(splitResponses(good + good).map(({ body }) => body), [
    "hi",
    "hi",
  ]);
  for (
    const transcript of [
      `${good}x`,
      good.slice(0, -1),
      good.replace("\r\n", "\n"),
      good.replace("200", "999"),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
    ]
  ) {
    assertThrows(() => splitResponses(transcript), TranscriptError);
  }
});
