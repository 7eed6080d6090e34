/**
 * Where passwords would cross a network in plain text (RFC 7617 section 4). Must not
 * know how they are checked.
 *
 * @module
 */

/** Passwords would be there for everybody to read. The message is a sentence. */
export class PlainAuthError extends Error {
  constructor({ hostname, port }: Deno.NetAddr) {
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    super(
      `Passwords would cross the network in plain text to ${host}:${port}; ` +
        "use --tls-cert and --tls-key, or listen on 127.0.0.1, or add " +
        "--basic-auth-plain where a proxy in front has the TLS",
    );
    this.name = "PlainAuthError";
  }
}

/**
 * @param addresses where plain HTTP is spoken
 * @throws {PlainAuthError} where one of them is not of this machine alone
 */
export function requireLocal(
  addresses: readonly (Deno.NetAddr | Deno.UnixAddr)[],
): void {
  for (const address of addresses) {
    if ("path" in address || isLoopback(address.hostname)) continue;
    throw new PlainAuthError(address);
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === "::1" || /^(?:::ffff:)?127\.[0-9.]+$/.test(hostname);
}
