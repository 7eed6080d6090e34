/**
 * Certificates in force: which one a client is shown, and how a renewed one takes the
 * place of the old one.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { Certificates } from "../../lib/tls/certificates.ts";
import type { KeyPairFiles } from "../../lib/tls/key_pair.ts";
import { inTime, until } from "../support/in_time.ts";
import { pairOf, pem } from "../support/tls.ts";
import { makeTree, type Tree } from "../support/tree.ts";

/** Long enough that nobody looks by himself. */
const never = 1_000_000;

/** Certificates and what they have logged; closed with their scope. */
async function open(pairs: readonly KeyPairFiles[], checkMs = never) {
  const log: string[] = [];
  const certificates = await Certificates.open({
    pairs,
    checkMs,
    log: (line) => log.push(line),
  });
  return {
    certificates,
    log,
    /** Which fixture a client is shown. */
    shown: (serverName = "") => nameOf(certificates.pairFor(serverName).cert),
    [Symbol.asyncDispose]: () => certificates.close(),
  };
}

const fixtures = ["a", "a2", "xa", "b", "localhost", "expired", "future"];
const nameByCert = new Map(
  fixtures.map((name) => [pem(`${name}.crt`).trim(), name]),
);

function nameOf(cert: string): string {
  return nameByCert.get(cert.trim()) ?? `none of the fixtures: ${cert}`;
}

const pairs = ["localhost", "a", "xa", "b"];
const choices: readonly [serverName: string, shown: string][] = [
  ["localhost", "localhost"],
  ["a.test", "a"],
  ["b.test", "b"],
  ["y.a.test", "a"],
  // The whole name goes before the wildcard, which comes first.
  ["x.a.test", "xa"],
  ["A.Test", "a"],
  ["Y.A.TEST", "a"],
  ["X.a.Test", "xa"],
  // One label only, and no empty one.
  ["z.y.a.test", "localhost"],
  [".a.test", "localhost"],
  // No wildcard.
  ["y.b.test", "localhost"],
  ["a.test.b.test", "localhost"],
  ["test", "localhost"],
  ["", "localhost"],
  ["unknown.test", "localhost"],
  ["127.0.0.1", "localhost"],
];

for (const [serverName, want] of choices) {
  Deno.test(`who asks for "${serverName}" is shown ${want}`, async () => {
    await using server = await open(pairs.map(pairOf));
    assertEquals(server.shown(serverName), want);
    assertEquals(server.certificates.only, null);
    assertEquals(server.log, []);
  });
}

Deno.test("where there is only one pair all are shown that one", async () => {
  await using server = await open([pairOf("b")]);
  for (const serverName of ["", "a.test", "b.test"]) {
    assertEquals(server.shown(serverName), "b");
  }
  assertEquals(nameOf(server.certificates.only!.cert), "b");
});

const warnings: readonly [name: string, line: RegExp][] = [
  ["expired", /^The certificate ".*" has expired on 2021-01-01T00:00:00.000Z$/],
  [
    "future",
    /^The certificate ".*" is not valid before 2120-01-01T00:00:00.000Z$/,
  ],
];

for (const [name, line] of warnings) {
  Deno.test(`a certificate that is ${name} is shown, and complained of`, async () => {
    await using server = await open([pairOf(name)]);
    assertEquals(server.shown(), name);
    assertEquals(server.log.length, 1);
    assertMatch(server.log[0], line);
  });
}

/** A pair that can be renewed, first that of `a`. */
async function renewable() {
  const tree = await makeTree({ cert: pem("a.crt"), key: pem("a.key") });
  return {
    files: { cert: tree.path("cert"), key: tree.path("key") },
    /** In one step: nobody sees half of it. */
    async write(file: "cert" | "key", text: string) {
      const path = tree.path(file);
      await Deno.writeTextFile(`${path}.new`, text);
      await Deno.rename(`${path}.new`, path);
    },
    [Symbol.dispose]: () => tree[Symbol.dispose](),
  };
}

const renewed = (cert: string) =>
  `The certificate "${cert}" is renewed until 2126-01-01T00:00:00.000Z`;

Deno.test(
  "files that are written anew are in force soon, and told of",
  inTime(async () => {
    using pair = await renewable();
    await using server = await open([pair.files], 5);
    const before = server.certificates.only;
    assertEquals(server.shown(), "a");
    await Deno.writeTextFile(pair.files.key, pem("a2.key"));
    await Deno.writeTextFile(pair.files.cert, pem("a2.crt"));
    await until(() => server.shown() === "a2");
    assertEquals(server.log.at(-1), renewed(pair.files.cert));
    // Who has the old one keeps it.
    assertEquals(nameOf(before!.cert), "a");
  }),
);

Deno.test(
  "files that others take the place of are in force soon",
  inTime(async () => {
    using pair = await renewable();
    await using server = await open([pair.files], 5);
    await pair.write("cert", pem("a2.crt"));
    await pair.write("key", pem("a2.key"));
    await until(() => server.shown() === "a2");
  }),
);

/** As certbot does it: `live` has links into `archive`, which are replaced. */
async function certbot(): Promise<
  Disposable & { files: KeyPairFiles; flip(to: string): Promise<void> }
> {
  const tree: Tree = await makeTree({
    "archive/cert1.pem": pem("a.crt"),
    "archive/key1.pem": pem("a.key"),
    "archive/cert2.pem": pem("a2.crt"),
    "archive/key2.pem": pem("a2.key"),
    "live/cert.pem": { kind: "link", to: "../archive/cert1.pem" },
    "live/key.pem": { kind: "link", to: "../archive/key1.pem" },
  });
  return {
    files: {
      cert: tree.path("live/cert.pem"),
      key: tree.path("live/key.pem"),
    },
    async flip(to) {
      for (const file of ["cert", "key"]) {
        const path = tree.path(`live/${file}.pem`);
        await Deno.symlink(`../archive/${file}${to}.pem`, `${path}.new`);
        await Deno.rename(`${path}.new`, path);
      }
    },
    [Symbol.dispose]: () => tree[Symbol.dispose](),
  };
}

Deno.test(
  "links that lead to other files count as a renewal, there and back",
  inTime(async () => {
    using live = await certbot();
    await using server = await open([live.files], 5);
    for (const [to, want] of [["2", "a2"], ["1", "a"], ["2", "a2"]]) {
      await live.flip(to);
      await until(() => server.shown() === want);
    }
  }),
);

Deno.test(
  "a key that follows its certificate before the next look: nobody complains",
  inTime(async () => {
    using pair = await renewable();
    await using server = await open([pair.files], 5);
    for (const name of ["a2", "a", "a2", "a", "a2"]) {
      // The look that is under way may see the one without the other; none begins
      // between them.
      Deno.writeTextFileSync(pair.files.cert, pem(`${name}.crt`));
      Deno.writeTextFileSync(pair.files.key, pem(`${name}.key`));
      await until(() => server.shown() === name);
    }
    assertEquals(server.log.length, 5);
    assertEquals(server.log[4], renewed(pair.files.cert));
  }),
);

const broken: readonly [
  what: string,
  file: "cert" | "key",
  text: string,
  sentence: string,
][] = [
  [
    "a certificate without its key",
    "cert",
    pem("a2.crt"),
    'The key "KEY" does not belong to the certificate "CERT"',
  ],
  ["an empty file", "cert", "", 'There is no certificate in "CERT" (PEM)'],
  [
    "half a key",
    "key",
    pem("a2.key").slice(0, 90),
    'There is no private key in "KEY" (PEM)',
  ],
];

for (const [what, file, text, sentence] of broken) {
  Deno.test(
    `${what} leaves the old pair in force, with one sentence, until it is mended`,
    inTime(async () => {
      using pair = await renewable();
      // Beside it another one is renewed, to know that looks go on.
      using other = await renewable();
      await using server = await open([pair.files, other.files], 5);
      const isOfOther = (line: string) => line.includes(other.files.cert);
      await pair.write(file, text);
      await until(() => server.log.length > 0);
      for (const name of ["a2", "a", "a2"]) {
        const told = server.log.filter(isOfOther).length;
        await other.write("key", pem(`${name}.key`));
        await other.write("cert", pem(`${name}.crt`));
        await until(() =>
          server.log.filter(isOfOther).slice(told).some((line) =>
            line.includes("is renewed")
          )
        );
      }
      assertEquals(server.shown("a.test"), "a");
      assertEquals(server.log.filter((line) => !isOfOther(line)), [
        `${
          sentence.replace("CERT", pair.files.cert)
            .replace("KEY", pair.files.key)
        }; the old certificate stays in force`,
      ]);
      await pair.write("cert", pem("a2.crt"));
      await pair.write("key", pem("a2.key"));
      await until(() => server.shown("a.test") === "a2");
    }),
  );
}

Deno.test(
  "a file that is gone leaves the old pair in force until it is there again",
  inTime(async () => {
    using pair = await renewable();
    await using server = await open([pair.files], 5);
    await Deno.remove(pair.files.key);
    await until(() => server.log.length === 1);
    assertEquals(
      server.log[0],
      `There is no file "${pair.files.key}"; the old certificate stays in force`,
    );
    assertEquals(server.shown(), "a");
    await pair.write("cert", pem("a2.crt"));
    await pair.write("key", pem("a2.key"));
    await until(() => server.shown() === "a2");
  }),
);

Deno.test("reload() looks at once, and tells only what is new", async () => {
  using pair = await renewable();
  await using server = await open([pair.files]);
  await server.certificates.reload();
  assertEquals(server.log, []);
  await pair.write("cert", pem("a2.crt"));
  await pair.write("key", pem("a2.key"));
  assertEquals(server.shown(), "a");
  await server.certificates.reload();
  assertEquals(server.shown(), "a2");
  assertEquals(server.log, [renewed(pair.files.cert)]);
  // A new certificate that ends when the old one did is one all the same.
  await pair.write("cert", pem("a.crt"));
  await pair.write("key", pem("a.key"));
  await server.certificates.reload();
  await pair.write("cert", pem("xa.crt"));
  await pair.write("key", pem("xa.key"));
  await server.certificates.reload();
  assertEquals(server.shown(), "xa");
  assertEquals(server.log.length, 3);
});

Deno.test("reload() of a broken pair says so each time, and keeps the old one", async () => {
  using pair = await renewable();
  await using server = await open([pair.files]);
  await pair.write("key", "");
  await server.certificates.reload();
  await server.certificates.reload();
  assertEquals(server.log.length, 2);
  assertEquals(server.shown(), "a");
});

Deno.test(
  "of many reloads beside looks the last one counts",
  inTime(async () => {
    using pair = await renewable();
    await using server = await open([pair.files], 1);
    for (const name of ["a2", "a", "a2", "a", "a2"]) {
      const earlier = server.certificates.reload();
      await pair.write("cert", pem(`${name}.crt`));
      await pair.write("key", pem(`${name}.key`));
      await Promise.all([
        earlier,
        server.certificates.reload(),
        server.certificates.reload(),
      ]);
      assertEquals(server.shown(), name);
    }
  }),
);
