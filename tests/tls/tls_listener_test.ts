/** Handshakes of sockets that end meanwhile: nobody waits for them for ever. */

import { assertEquals } from "@std/assert";
import { connect, createServer, type Socket } from "node:net";
import { Certificates } from "../../lib/tls/certificates.ts";
import { Handshakes } from "../../lib/tls/tls_listener.ts";
import { inTime } from "../support/in_time.ts";
import { pairOf } from "../support/tls.ts";

const ends: Readonly<
  Record<string, (handshakes: Handshakes, socket: Socket) => Promise<unknown>>
> = {
  "was reset before": async (handshakes, socket) => {
    socket.destroy();
    return await handshakes.run(socket);
  },
  "is closed by the server": async (handshakes, socket) => {
    const secured = handshakes.run(socket);
    socket.destroy();
    handshakes.abandon(socket);
    return await secured;
  },
  "takes too long": (handshakes, socket) => handshakes.run(socket),
};

for (const [name, end] of Object.entries(ends)) {
  Deno.test(
    `the handshake of a socket that ${name} comes to nothing`,
    inTime(async () => {
      const certificates = await Certificates.open({
        pairs: [pairOf("localhost")],
        checkMs: 1_000_000,
        log: () => {},
      });
      const handshakes = new Handshakes({
        certificates,
        clients: null,
        timeoutMs: 300,
      });
      const server = createServer({ pauseOnConnect: true });
      const accepted = new Promise<Socket>((resolve) =>
        server.once("connection", resolve)
      );
      await new Promise<void>((resolve) =>
        server.listen(0, "127.0.0.1", resolve)
      );
      const { port } = server.address() as { port: number };
      const client = connect({ host: "127.0.0.1", port });
      client.on("error", () => {});
      const socket = await accepted;
      socket.on("error", () => {});
      assertEquals(await end(handshakes, socket), null);
      const closed = [client, server].map((each) =>
        new Promise<void>((resolve) => each.once("close", () => resolve()))
      );
      socket.destroy();
      client.destroy();
      server.close();
      await Promise.all([certificates.close(), ...closed]);
    }),
  );
}
