import { assertEquals, assertRejects } from "@std/assert";
import { Transcript } from "./transcript.ts";

function transcriptOf(...pieces: string[]): Transcript {
  return new Transcript(
    ReadableStream.from(pieces).pipeThrough(new TextEncoderStream()),
  );
}

Deno.test("Transcript.waitFor() finds what came in pieces", async () => {
  const transcript = transcriptOf(
    "listening on http://127.0.",
    "0.1:80",
    "80/ now\n",
    "more",
  );
  const [, url] = await transcript.waitFor(/on (\S+)\s/);
  assertEquals(url, "http://127.0.0.1:8080/");
  await transcript.ended;
});

Deno.test("Transcript.waitFor() finds what was said before", async () => {
  const transcript = transcriptOf("one\n");
  await transcript.ended;
  assertEquals((await transcript.waitFor(/\w+/))[0], "one");
});

Deno.test("Transcript.waitFor() rejects when the stream ends without it", async () => {
  const transcript = transcriptOf("one\n");
  await assertRejects(() => transcript.waitFor(/two/), Error, "ended before");
});

Deno.test("Transcript.lastWords is the last line with text", async () => {
  const transcript = transcriptOf("first\n", "  last \n\n");
  await transcript.ended;
  assertEquals(transcript.lastWords, "last");
});
