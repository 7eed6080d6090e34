import { assertEquals, assertRejects } from "@std/assert";
import { BodyCutError } from "../../lib/http/exchange.ts";
import { StreamReceiver } from "../../lib/pool/stream_receiver.ts";

/** A relay, and what it told the sender. */
function makeRelay(length: number | null = null) {
  const told: (number | "cancel")[] = [];
  const relay = new StreamReceiver(length, {
    onTaken: (bytes) => told.push(bytes),
    onCancel: () => told.push("cancel"),
  });
  return { relay, told };
}

const bytes = (...values: number[]) => new Uint8Array(values);

Deno.test("StreamReceiver gives the chunks in order, then the end, again and again", async () => {
  const { relay } = makeRelay();
  relay.push(bytes(1));
  relay.push(bytes(2, 3));
  relay.end();
  assertEquals(await relay.read(), bytes(1));
  assertEquals(await relay.read(), bytes(2, 3));
  assertEquals(await relay.read(), null);
  assertEquals(await relay.read(), null);
});

Deno.test("StreamReceiver has the length that was announced", () => {
  assertEquals(makeRelay(17).relay.length, 17);
  assertEquals(makeRelay(null).relay.length, null);
});

Deno.test("StreamReceiver credits the sender for what was taken, and not before", async () => {
  const { relay, told } = makeRelay();
  relay.push(bytes(1, 2, 3));
  relay.push(bytes(4));
  assertEquals(told, []);
  await relay.read();
  assertEquals(told, [3]);
  await relay.read();
  assertEquals(told, [3, 1]);
});

for (
  const { name, wake, want } of [
    {
      name: "a chunk",
      wake: (relay: StreamReceiver) => relay.push(bytes(7)),
      want: bytes(7),
    },
    {
      name: "the end",
      wake: (relay: StreamReceiver) => relay.end(),
      want: null,
    },
  ]
) {
  Deno.test(`StreamRelay wakes a reader that waits with ${name}`, async () => {
    const { relay } = makeRelay();
    const read = relay.read();
    wake(relay);
    assertEquals(await read, want);
  });
}

Deno.test("StreamReceiver rejects a read that waits when it is cut", async () => {
  const { relay } = makeRelay();
  const read = relay.read();
  relay.cut("its worker is gone");
  const error = await assertRejects(() => read, BodyCutError);
  assertEquals(error.message.includes("its worker is gone"), true);
});

Deno.test("StreamReceiver gives what arrived before the cut, then rejects", async () => {
  const { relay } = makeRelay();
  relay.push(bytes(1));
  relay.cut("its handler failed");
  assertEquals(await relay.read(), bytes(1));
  await assertRejects(() => relay.read(), BodyCutError);
});

Deno.test("StreamReceiver tells the sender once that nobody reads on", () => {
  const { relay, told } = makeRelay();
  relay.cancel();
  relay.cancel();
  assertEquals(told, ["cancel"]);
});

Deno.test("StreamReceiver has nothing to cancel once it has ended or was cut", () => {
  const ended = makeRelay();
  ended.relay.end();
  ended.relay.cancel();
  assertEquals(ended.told, []);
  const cut = makeRelay();
  cut.relay.cut("its worker is gone");
  cut.relay.cancel();
  assertEquals(cut.told, []);
});

Deno.test("StreamReceiver drops what comes after its end", async () => {
  const { relay } = makeRelay();
  relay.end();
  relay.push(bytes(1));
  relay.cut("too late");
  assertEquals(await relay.read(), null);
});
