import { assertEquals, assertRejects } from "@std/assert";
import { Children } from "./children.ts";
import { freePort, onPort, onPrintedUrl } from "./ready.ts";
import { Absent } from "./scenario.ts";

for (const stream of ["1", "2"]) {
  Deno.test(`onPrintedUrl() finds the URL on descriptor ${stream}`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const url = `http://127.0.0.1:${listener.addr.port}/`;
    await using children = new Children();
    const script = `echo "x: Listening on ${url} now" >&${stream}`;
    const child = children.spawn(["sh", "-c", `${script}; exec sleep 1000`]);
    const accepted = listener.accept().then((conn) => conn.close());
    assertEquals((await onPrintedUrl(child)).url, url);
    await accepted;
  });
}

Deno.test("onPrintedUrl() tells the first words of a server that ends", async () => {
  await using children = new Children();
  const child = children.spawn(["sh", "-c", "echo no module >&2; exit 3"]);
  await assertRejects(
    () => onPrintedUrl(child),
    Absent,
    "ended with code 3: no module",
  );
});

Deno.test("onPort() tells a server that ends before it answers", async () => {
  await using children = new Children();
  const child = children.spawn(["sh", "-c", "echo port is taken; exit 1"]);
  await assertRejects(
    () => onPort(child, freePort()),
    Absent,
    "ended with code 1: port is taken",
  );
});
