/** The command and passwords: what it says where it cannot use a file, or where others
 * could read passwords, and with what it ends. */

import { assertEquals } from "@std/assert";
import { freePort, run, test } from "../support/cli.ts";
import { makeTree } from "../support/tree.ts";

const hash = `$2y$04$${"a".repeat(53)}`;

const rows: readonly [
  name: string,
  text: string,
  args: string[],
  code: number,
  sentence: string,
][] = [
  [
    "a password that is no hash",
    "ann:secret\n",
    [],
    1,
    'Line 1 of "FILE" has no hash that Skein knows (bcrypt, SHA-256, SHA-512); make it anew with htpasswd -B',
  ],
  [
    "plain text on a network",
    `ann:${hash}\n`,
    ["--listen", "127.0.0.1:0", "--listen", "0.0.0.0:PORT"],
    2,
    "Passwords would cross the network in plain text to 0.0.0.0:PORT; use --tls-cert and --tls-key, or listen on 127.0.0.1, or add --basic-auth-plain where a proxy in front has the TLS",
  ],
];

for (const [name, text, args, code, sentence] of rows) {
  test(`the command ends with ${code} and a sentence about ${name}`, async () => {
    using tree = await makeTree({ passwords: text });
    const file = tree.path("passwords");
    const port = `${freePort()}`;
    const ended = await run([
      ...(args.length > 0 ? args : ["--port", "0"])
        .map((arg) => arg.replace("PORT", port)),
      "--basic-auth",
      file,
    ]);
    assertEquals(
      ended.stderr,
      `skein: ${sentence.replace("FILE", file).replace("PORT", port)}\n`,
    );
    assertEquals([ended.code, ended.stdout], [code, ""]);
  });
}
