/**
 * The certificate that servers show in scenarios over TLS: that of the tests, for this machine's own
 * address.
 *
 * @module
 */

const fixtures = `${import.meta.dirname}/../tls/fixtures`;

/** The path of the certificate. */
export const certFile = `${fixtures}/localhost.crt`;

/** The path of its key. */
export const keyFile = `${fixtures}/localhost.key`;

const caFile = `${fixtures}/ca.crt`;

/** What a client has to trust. */
export function caCerts(): string[] {
  return [Deno.readTextFileSync(caFile)];
}
