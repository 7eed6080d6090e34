/**
 * A certificate with its key: read, checked, and by which names it may be asked for.
 * Must not know when it is read, or who is shown it.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** The files of a pair. */
export interface KeyPairFiles {
  /** The certificate, and behind it those that lead to an authority, as PEM. */
  readonly cert: string;
  /** Its key, as PEM without a passphrase. */
  readonly key: string;
}

/** The pair cannot be used. The message is one sentence that names the file. */
export class KeyPairError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "KeyPairError";
  }
}

/** A pair that was read. */
export interface KeyPair {
  /** PEM, without what else stands in the files. */
  readonly cert: string;
  readonly key: string;
  /** Host names in lower case, also with `*.` for one label; empty where it has none. */
  readonly names: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
}

/**
 * Reads a pair.
 *
 * @throws {KeyPairError} where a file cannot be read, is not what it should be, or where
 * the two do not belong together
 */
export async function readKeyPair(files: KeyPairFiles): Promise<KeyPair> {
  // One after the other: where one fails, no other is left being read.
  const cert = await readCertificates(files.cert);
  const key = await readKey(files.key);
  const [certificate] = cert.certificates;
  if (!certificate.checkPrivateKey(key.key)) {
    throw new KeyPairError(
      `The key "${files.key}" does not belong to the certificate "${files.cert}"`,
    );
  }
  return {
    cert: cert.pem,
    key: key.pem,
    names: namesOf(certificate),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
  };
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new KeyPairError(
      error instanceof Deno.errors.NotFound
        ? `There is no file "${path}"`
        : `"${path}" cannot be read (${reasonOf(error as Error)})`,
    );
  }
}

/** Without its number, and the path once more. */
function reasonOf({ message }: Error): string {
  return message.split(" (os error")[0];
}

const certificateStart = "-----BEGIN CERTIFICATE-----";
const pemCertificate = new RegExp(
  `${certificateStart}[^-]*-----END CERTIFICATE-----`,
  "g",
);

/**
 * Reads all certificates of a file.
 *
 * @throws {KeyPairError} where there is none, or one that is broken
 */
export async function readCertificates(path: string): Promise<{
  readonly certificates: readonly X509Certificate[];
  /** All of them. */
  readonly pem: string;
}> {
  const text = await read(path);
  const blocks = text.match(pemCertificate) ?? [];
  if (blocks.length === 0) {
    throw new KeyPairError(`There is no certificate in "${path}" (PEM)`);
  }
  try {
    // Of a file that is being written the last one has no end yet.
    if (text.split(certificateStart).length - 1 > blocks.length) throw null;
    const certificates = blocks.map((block) => new X509Certificate(block));
    return { certificates, pem: `${blocks.join("\n")}\n` };
  } catch {
    throw new KeyPairError(`A certificate in "${path}" is broken`);
  }
}

/** What the handshake can sign with. */
const curves = ["prime256v1", "secp384r1", "secp521r1"];
const minRsaBits = 2048;

/** A file may have the certificate too, and the parameters of the key. */
const pemKey =
  /-----BEGIN ((?:EC |RSA )?PRIVATE KEY)-----[^-]*-----END \1-----/;

async function readKey(
  path: string,
): Promise<{ readonly key: KeyObject; readonly pem: string }> {
  const text = await read(path);
  if (/-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw new KeyPairError(
      `The key in "${path}" has a passphrase; write it without one`,
    );
  }
  const [pem = ""] = pemKey.exec(text) ?? [];
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new KeyPairError(`There is no private key in "${path}" (PEM)`);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "rsa" && (details?.modulusLength ?? 0) < minRsaBits) {
    throw new KeyPairError(
      `The key in "${path}" is too short for TLS; make one of RSA with ${minRsaBits} bits, or of P-256`,
    );
  }
  const isKnown = type === "rsa" || type === "ed25519" ||
    type === "ec" && curves.includes(details?.namedCurve ?? "");
  if (isKnown) return { key, pem };
  throw new KeyPairError(
    `The key in "${path}" is of a kind that TLS clients do not take; make one of RSA, P-256, P-384, P-521 or Ed25519`,
  );
}

/** RFC 6125 section 6.4.4: the common name counts where there are no other names. */
function namesOf({ subjectAltName, subject }: X509Certificate): string[] {
  const names = (subjectAltName ?? "").split(", ")
    .filter((name) => name.startsWith("DNS:"))
    .map((name) => name.slice("DNS:".length));
  if (names.length === 0) {
    const [, common] = /^CN=(.*)$/m.exec(subject) ?? [];
    if (common !== undefined) names.push(common);
  }
  return names.map((name) => name.toLowerCase());
}
