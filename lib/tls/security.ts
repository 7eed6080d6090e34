/**
 * All that a secure server needs, from its options. Must not know requests.
 *
 * @module
 */

import type { Listener, ListenTarget } from "../server/listen.ts";
import { Certificates } from "./certificates.ts";
import { readClientCheck } from "./client_certificate.ts";
import type { KeyPairFiles } from "./key_pair.ts";
import { Handshakes } from "./tls_listener.ts";

/** RFC 6797 section 6.1: a year. Subdomains may be anybody's. */
const strictTransport = "Strict-Transport-Security: max-age=31536000\r\n";

/** Which certificates, of servers and of clients. */
export interface SecurityOptions {
  readonly pairs: readonly KeyPairFiles[];
  readonly clientCa?: string | null;
  readonly clientOptional?: boolean;
  readonly hsts?: boolean;
}

/** The certificates of one server, and its handshakes. */
export class Security {
  readonly #certificates: Certificates;
  /** Opens a listener that speaks TLS. */
  readonly listen: (target: ListenTarget) => Promise<Listener>;
  /** What every response says, or `null`. */
  readonly fieldLines: string | null;

  private constructor(
    certificates: Certificates,
    { listen }: Handshakes,
    { hsts }: SecurityOptions,
  ) {
    this.#certificates = certificates;
    this.listen = listen;
    this.fieldLines = hsts ? strictTransport : null;
  }

  /**
   * Reads all certificates.
   *
   * @throws {import("./key_pair.ts").KeyPairError} where one cannot be used
   */
  static async open(
    options: SecurityOptions,
    { timeoutMs, ...watch }: {
      /** How long a handshake may take. */
      readonly timeoutMs: number;
      readonly checkMs: number;
      readonly log: (line: string) => void;
    },
  ): Promise<Security> {
    const { pairs, clientCa, clientOptional = false } = options;
    const clients = clientCa
      ? await readClientCheck(clientCa, clientOptional)
      : null;
    const certificates = await Certificates.open({ pairs, ...watch });
    const handshakes = new Handshakes({ certificates, clients, timeoutMs });
    return new Security(certificates, handshakes, options);
  }

  /** Reads the files anew. */
  reload(): Promise<void> {
    return this.#certificates.reload();
  }

  /** No renewal any more; connections go on. */
  close(): Promise<void> {
    return this.#certificates.close();
  }
}
