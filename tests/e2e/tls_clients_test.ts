/** Certificates that clients show: who is served, and what an app is told of them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ConnectionOptions } from "node:tls";
import { inlineApp } from "../support/apps.ts";
import { inTime } from "../support/in_time.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { fixture, pairOf, pem, TlsClient } from "../support/tls.ts";
import { get } from "../support/wire.ts";

const telling = inlineApp(`
  export default {
    fetch: (_request, { clientCertificate }) => Response.json(clientCertificate),
  };`);

/** As who a client comes. */
function as(name: string): ConnectionOptions {
  return { cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
}

const ann = {
  subject: "CN=Ann,O=Shop",
  issuer: "CN=clients,O=Skein tests",
  subjectAltName: "email:ann@shop.test",
  validTo: "2125-01-01T00:00:00.000Z",
};

/** What the app says, or `"closed"`. */
async function askAs(
  server: TestServer,
  options: ConnectionOptions,
): Promise<unknown> {
  try {
    using client = await TlsClient.connect(server, options);
    const text = await client.exchange(get("/", "Connection: close"));
    return text === "" ? "closed" : JSON.parse(text.split("\r\n\r\n")[1]);
  } catch (error) {
    // TLS 1.3: a client hears of it when it reads.
    assertMatch((error as Error).message, /alert|closed|disconnected|reset/i);
    return "closed";
  }
}

interface Row {
  readonly name: string;
  readonly options: ConnectionOptions;
  /** What it gets where a certificate is a must, and where it is not. */
  readonly must: "closed" | "known";
  readonly may: "unknown" | "known";
}

const rows: Row[] = [
  { name: "the right one", options: as("client"), must: "known", may: "known" },
  { name: "none", options: {}, must: "closed", may: "unknown" },
  {
    name: "that of another authority",
    options: as("stranger"),
    must: "closed",
    may: "unknown",
  },
  {
    name: "that of a server",
    options: as("a"),
    must: "closed",
    may: "unknown",
  },
];

for (const isOptional of [false, true]) {
  for (const pairs of [["localhost"], ["localhost", "a"]]) {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      Deno.test(
        `clients ${
          isOptional ? "may" : "must"
        } show certificates, of ${pairs.length} of the server, in ${version}`,
        inTime(async (t) => {
          await using server = await startTestServer({
            workers: 1,
            app: telling,
            tls: {
              pairs: pairs.map(pairOf),
              clientCa: fixture("clients.crt"),
              clientOptional: isOptional,
            },
          });
          for (const { name, options, must, may } of rows) {
            await t.step(name, async () => {
              const told = await askAs(server, {
                ...options,
                minVersion: version,
                maxVersion: version,
              });
              switch (isOptional ? may : must) {
                case "closed":
                  return assertEquals(told, "closed");
                case "unknown":
                  return assertEquals(told, null);
                case "known": {
                  const { fingerprint256, serialNumber, ...rest } =
                    told as Record<string, string>;
                  assertEquals(rest, ann);
                  assertMatch(
                    fingerprint256,
                    /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/,
                  );
                  assertMatch(serialNumber, /^[0-9A-F]+$/);
                }
              }
            });
          }
          assertEquals(server.log, []);
        }),
      );
    }
  }
}

Deno.test(
  "a session that goes on is one of the same client",
  inTime(async () => {
    await using server = await startTestServer({
      workers: 1,
      app: telling,
      tls: { pairs: [pairOf("localhost")], clientCa: fixture("clients.crt") },
    });
    for (let i = 0; i < 4; i++) {
      const told = await askAs(server, as("client"));
      assert(told !== "closed");
      assertEquals((told as typeof ann).subject, ann.subject);
    }
    assertEquals(await askAs(server, {}), "closed");
  }),
);

Deno.test(
  "what a client shows travels with each of its requests, and with no other's",
  inTime(async () => {
    await using server = await startTestServer({
      workers: 1,
      app: telling,
      tls: {
        pairs: [pairOf("localhost")],
        clientCa: fixture("clients.crt"),
        clientOptional: true,
      },
    });
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const isKnown = i % 2 === 0;
        using client = await TlsClient.connect(
          server,
          isKnown ? as("client") : {},
        );
        const text = await client.exchange(
          get("/") + get("/") + get("/", "Connection: close"),
        );
        assertEquals(
          text.split('"subject":"CN=Ann,O=Shop"').length - 1,
          isKnown ? 3 : 0,
        );
        assertEquals(text.split("\r\n\r\nnull").length - 1, isKnown ? 0 : 3);
      }),
    );
  }),
);
