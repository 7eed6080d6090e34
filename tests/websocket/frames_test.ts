/**
 * Frames through the library: what is bounded of messages in very many pieces, and what
 * is known of what is not whole. What each frame leads to is in
 * e2e/websocket_frames_test.ts.
 */

import { assert, assertEquals } from "@std/assert";
import {
  type FrameListener,
  Frames,
  loadLibrary,
} from "../../lib/websocket/frames.ts";
import { until } from "../support/in_time.ts";
import { frame, opcode } from "../support/socket_frames.ts";

class Heard implements FrameListener {
  readonly all: string[] = [];

  message(data: Uint8Array, isBinary: boolean): void {
    this.all.push(`${isBinary ? "binary" : "text"} ${data.length}`);
  }

  ping(): void {
    this.all.push("ping");
  }

  concluded(code: number): void {
    this.all.push(`close ${code}`);
  }

  broken(error: Error & { code?: string }): void {
    this.all.push(error.code!);
  }
}

async function make(): Promise<{ frames: Frames; heard: string[] }> {
  const listener = new Heard();
  const library = await loadLibrary();
  const frames = new Frames(library, 1_000_000, null, listener, () => {});
  return { frames, heard: listener.all };
}

const pieces: { count: number; want: string }[] = [
  { count: 30_000, want: "binary 30000" },
  { count: 40_000, want: "WS_ERR_TOO_MANY_BUFFERED_PARTS" },
];

for (const { count, want } of pieces) {
  Deno.test(`a message in ${count} pieces of one byte: ${want}`, async () => {
    const { frames, heard } = await make();
    const whole = frame(opcode.binary, new Uint8Array(count));
    for (let at = 0; at < whole.length; at++) {
      frames.receive(whole.slice(at, at + 1));
    }
    await until(() => heard.length > 0);
    assertEquals(heard, [want]);
    frames.end();
  });
}

Deno.test("the bytes of what is not whole are known", async () => {
  const { frames, heard } = await make();
  const unfinished = frame(opcode.binary, new Uint8Array(1000), { fin: false });
  frames.receive(unfinished);
  assertEquals(frames.partialBytes, 1000);
  const last = frame(opcode.continuation, new Uint8Array(500));
  frames.receive(last.slice(0, 300));
  assert(frames.partialBytes > 1280 && frames.partialBytes <= 1300);
  frames.receive(last.slice(300));
  assertEquals([heard, frames.partialBytes], [["binary 1500"], 0]);
  frames.end();
});

Deno.test("nothing is heard behind the end", async () => {
  const { frames, heard } = await make();
  frames.end();
  frames.receive(frame(opcode.text, "a"));
  frames.receive(frame(3, "a"));
  assertEquals(heard, []);
});
