import { assertEquals, assertStringIncludes } from "@std/assert";
import { startTestServer } from "../support/test_server.ts";

Deno.test("the server answers the hello page, and goes on with the connection", async () => {
  await using server = await startTestServer();
  using client = await server.connect();
  for (let i = 0; i < 3; i++) {
    const { head, body } = await client.get();
    assertStringIncludes(head, "HTTP/1.1 200 OK\r\n");
    assertStringIncludes(body, "Hi from Skein");
  }
  assertEquals(server.log, []);
});
