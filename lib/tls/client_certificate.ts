/**
 * Certificates of clients: how they are asked for, and what is told of them. Must not
 * know who is told.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import type { ClientCertificate } from "../http/message.ts";
import { readCertificates } from "./key_pair.ts";

/** How clients are asked for certificates. */
export interface ClientCheck {
  /** For `tls.Server`. */
  readonly options: {
    readonly ca: string;
    readonly requestCert: true;
    readonly rejectUnauthorized: boolean;
  };
}

/**
 * Reads which authorities count.
 *
 * @param path certificates of authorities, as PEM
 * @throws {import("./key_pair.ts").KeyPairError} where they cannot be read
 */
export async function readClientCheck(
  path: string,
  isOptional: boolean,
): Promise<ClientCheck> {
  const { pem: ca } = await readCertificates(path);
  return {
    options: { ca, requestCert: true, rejectUnauthorized: !isOptional },
  };
}

/** What the certificate says, as JSON of a {@linkcode ClientCertificate}; `null` where
 * the client has shown none. */
export function describeClient(socket: TLSSocket): string | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || !socket.authorized) return null;
  const described: ClientCertificate = {
    subject: inOneLine(certificate.subject),
    issuer: inOneLine(certificate.issuer),
    subjectAltName: certificate.subjectAltName ?? "",
    serialNumber: certificate.serialNumber,
    fingerprint256: certificate.fingerprint256,
    validTo: new Date(certificate.validTo).toISOString(),
  };
  return JSON.stringify(described);
}

/** The runtime writes each part on a line of its own. */
function inOneLine(name: string): string {
  return name.split("\n").join(",");
}
