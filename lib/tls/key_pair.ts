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
  /** PEM, as it was read. */
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
  const [cert, key] = await Promise.all([read(files.cert), read(files.key)]);
  const [certificate] = readCertificates(cert, files.cert);
  const privateKey = readKey(key, files.key);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new KeyPairError(
      `The key "${files.key}" does not belong to the certificate "${files.cert}"`,
    );
  }
  return {
    cert,
    key,
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
        : `"${path}" cannot be read (${(error as Error).message})`,
    );
  }
}

const pemCertificate =
  /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Reads all certificates of a file.
 *
 * @throws {KeyPairError} where there is none, or one that is broken
 */
export function readCertificates(
  text: string,
  path: string,
): X509Certificate[] {
  const blocks = text.match(pemCertificate) ?? [];
  if (blocks.length === 0) {
    throw new KeyPairError(`There is no certificate in "${path}" (PEM)`);
  }
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw new KeyPairError(`A certificate in "${path}" is broken`);
  }
}

/** What the handshake can sign with. */
const curves = ["prime256v1", "secp384r1", "secp521r1"];

function readKey(text: string, path: string): KeyObject {
  if (/-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw new KeyPairError(
      `The key in "${path}" has a passphrase; write it without one`,
    );
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    throw new KeyPairError(`There is no private key in "${path}" (PEM)`);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const isKnown = type === "rsa" || type === "ed25519" ||
    type === "ec" && curves.includes(details?.namedCurve ?? "");
  if (isKnown) return key;
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

/** Whether a client that asks for that name may be shown the pair (RFC 6125 section
 * 6.4.3: a wildcard stands for one label). */
export function isFor({ names }: KeyPair, serverName: string): boolean {
  const name = serverName.toLowerCase();
  const dot = name.indexOf(".");
  return names.includes(name) ||
    dot > 0 && names.includes(`*${name.slice(dot)}`);
}
