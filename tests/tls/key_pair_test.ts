/**
 * Certificates with their keys: what is read of their files, and the sentence about those
 * that cannot be used.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { KeyPairError, readKeyPair } from "../../lib/tls/key_pair.ts";
import { pem } from "../support/tls.ts";
import { makeTree, type TreeEntry } from "../support/tree.ts";

interface GoodRow {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
  readonly names: string[];
  /** A year; by default that of nearly all. */
  readonly until?: number;
}

/** Of a fixture as it is. */
function plain(name: string, names: string[], until?: number): GoodRow {
  const cert = pem(`${name}.crt`);
  return { name, cert, key: pem(`${name}.key`), names, until };
}

const [cert, key] = [pem("a.crt"), pem("a.key")];
const names = ["a.test", "*.a.test"];
const local = ["localhost"];

const goodRows: GoodRow[] = [
  plain("a", names),
  plain("a2", names, 2126),
  plain("b", ["b.test"]),
  // Addresses are no names.
  plain("localhost", local),
  plain("common", ["common.test"]),
  plain("rsa", local),
  plain("p384", local),
  plain("ed25519", local),
  // To say so is not the reader's.
  plain("expired", local, 2021),
  plain("future", local),
  { name: "a chain", cert: cert + pem("ca.crt"), key, names },
  {
    name: "a chain without line ends between",
    cert: cert.trim() + pem("ca.crt"),
    key,
    names,
  },
  {
    name: "text around it",
    cert: `a.test, since 2025\n${cert}\n# end`,
    key,
    names,
  },
  { name: "CRLF", cert: crlf(cert), key: crlf(key), names },
  {
    name: "a byte order mark",
    cert: `\ufeff${cert}`,
    key: `\ufeff${key}`,
    names,
  },
  {
    name: "both in one file, the key first",
    cert: key + cert,
    key: key + cert,
    names,
  },
  {
    name: "both in one file, the key last",
    cert: cert + key,
    key: cert + key,
    names,
  },
  // As `openssl ecparam -genkey` writes it.
  {
    name: "a key behind its parameters",
    cert,
    key:
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${key}`,
    names,
  },
];

function crlf(text: string): string {
  return text.replaceAll("\n", "\r\n");
}

for (const { name, cert, key, names, until = 2125 } of goodRows) {
  Deno.test(`readKeyPair() reads ${name}`, async () => {
    using tree = await makeTree({ cert, key });
    const pair = await readKeyPair({
      cert: tree.path("cert"),
      key: tree.path("key"),
    });
    assertEquals(pair.names, names);
    assertEquals(pair.validTo.getUTCFullYear(), until);
  });
}

interface BadRow {
  readonly name: string;
  readonly cert: TreeEntry | null;
  readonly key: TreeEntry | null;
  /** `CERT` and `KEY` stand for the paths. */
  readonly message: string;
}

const kinds =
  'The key in "KEY" is of a kind that TLS clients do not take; make one of RSA, P-256, P-384, P-521 or Ed25519';
const noKey = 'There is no private key in "KEY" (PEM)';
const noCertificate = 'There is no certificate in "CERT" (PEM)';
const broken = 'A certificate in "CERT" is broken';
const passphrase = 'The key in "KEY" has a passphrase; write it without one';
const stranger = 'The key "KEY" does not belong to the certificate "CERT"';
const begin = "-----BEGIN CERTIFICATE-----\n";
const end = "-----END CERTIFICATE-----\n";

function derOf(text: string): Uint8Array {
  const [, base64] = text.split(/-----.*-----/);
  return Uint8Array.fromBase64(base64);
}

const badRows: BadRow[] = [
  {
    name: "no certificate",
    cert: null,
    key,
    message: 'There is no file "CERT"',
  },
  { name: "no key", cert, key: null, message: 'There is no file "KEY"' },
  {
    name: "a directory",
    cert: { kind: "directory" },
    key,
    message: '"CERT" cannot be read (Is a directory)',
  },
  { name: "an empty certificate", cert: "", key, message: noCertificate },
  { name: "an empty key", cert, key: "", message: noKey },
  { name: "a key for a certificate", cert: key, key, message: noCertificate },
  { name: "a certificate for a key", cert, key: cert, message: noKey },
  {
    name: "DER",
    cert: derOf(cert),
    key,
    message: noCertificate,
  },
  { name: "no base64", cert: `${begin}!${end}`, key, message: broken },
  {
    name: "nothing between the lines",
    cert: begin + end,
    key,
    message: broken,
  },
  {
    name: "a certificate cut short",
    cert: cert.slice(0, 200),
    key,
    message: noCertificate,
  },
  {
    name: "a chain cut short",
    cert: cert + pem("ca.crt").slice(0, 200),
    key,
    message: broken,
  },
  {
    name: "a chain with a broken link",
    cert: `${cert}${begin}MIIB\n${end}`,
    key,
    message: broken,
  },
  { name: "a key cut short", cert, key: key.slice(0, 100), message: noKey },
  {
    name: "a broken key",
    cert,
    key: key.replace("MIG", "MIH"),
    message: noKey,
  },
  {
    name: "a public key",
    cert,
    key: key.replaceAll("PRIVATE", "PUBLIC"),
    message: noKey,
  },
  { name: "another's key", cert, key: pem("b.key"), message: stranger },
  {
    name: "a chain that begins with the authority",
    cert: pem("ca.crt") + cert,
    key,
    message: stranger,
  },
  {
    name: "a passphrase",
    cert,
    key: pem("encrypted.key"),
    message: passphrase,
  },
  {
    name: "a passphrase, in the old format",
    cert,
    key: pem("legacy.key"),
    message: passphrase,
  },
  {
    name: "secp256k1",
    cert: pem("secp256k1.crt"),
    key: pem("secp256k1.key"),
    message: kinds,
  },
  {
    name: "RSA of 1024 bits",
    cert: pem("rsa1024.crt"),
    key: pem("rsa1024.key"),
    message:
      'The key in "KEY" is too short for TLS; make one of RSA with 2048 bits, or of P-256',
  },
];

for (const { name, cert, key, message } of badRows) {
  Deno.test(`readKeyPair() refuses ${name}`, async () => {
    using tree = await makeTree({
      ...(cert !== null && { cert }),
      ...(key !== null && { key }),
    });
    const files = { cert: tree.path("cert"), key: tree.path("key") };
    assertEquals(
      (await assertRejects(() => readKeyPair(files), KeyPairError)).message,
      message.replaceAll("CERT", files.cert).replaceAll("KEY", files.key),
    );
  });
}
