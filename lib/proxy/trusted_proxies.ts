/**
 * The proxies whose word counts, and what they say of a client. Must not know sockets.
 *
 * @module
 */

import { BlockList, isIP } from "node:net";
import {
  type ClientOrigin,
  type Proxies,
  unixClient,
} from "../http/exchange.ts";
import { fieldList, type Fields, type RequestHead } from "../http/message.ts";
import { type Hop, readForwarded, readXForwarded } from "./forwarded.ts";

/** Which fields tell of a client: never both kinds, for a proxy that sets one of them
 * passes on what a client says in the other. */
export type ForwardedFields = "x-forwarded" | "forwarded";

const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  // RFC 1918, RFC 4193, and link-local addresses (RFC 3927, RFC 4291).
  private: [
    ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"],
    ...["fc00::/7", "fe80::/10"],
  ],
};

/** Knows which peers are trusted, and reads what they say. */
export class TrustedProxies implements Proxies {
  readonly #list = new BlockList();
  readonly #unix: boolean;
  readonly #fields: ForwardedFields;

  /**
   * @param names of networks: `10.0.0.0/8`, `::1`, `loopback`, `private` or `unix`
   * @throws {RangeError} where one is none of these
   */
  constructor(names: readonly string[], fields: ForwardedFields) {
    this.#unix = names.includes("unix");
    this.#fields = fields;
    for (const name of names) {
      if (name === "unix") continue;
      for (const network of named[name] ?? [name]) this.#add(network);
    }
  }

  #add(network: string): void {
    const [address, bits, ...rest] = network.split("/");
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? most : Number(bits);
    const isNumber = bits === undefined || /^[0-9]{1,3}$/.test(bits);
    if (family === 0 || rest.length > 0 || !isNumber || prefix > most) {
      throw new RangeError(network);
    }
    this.#list.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
  }

  isTrusted(address: string): boolean {
    if (address === unixClient) return this.#unix;
    const family = isIP(address);
    if (family === 0) return false;
    return this.#list.check(address, family === 4 ? "ipv4" : "ipv6");
  }

  /** From the right each proxy has added who asked it. The first one that is not
   * trusted is the client: what stands left of it may be made up. */
  originOf(peer: string, head: RequestHead): ClientOrigin | null {
    const [address] = peer.split(" ", 1);
    if (!this.isTrusted(address)) return null;
    const hops = this.#hops(head.fields);
    if (hops.length === 0) return null;
    // Garbage ends what can be believed.
    const found = hops.findIndex(({ address }) =>
      address === null || !this.isTrusted(address)
    );
    const { scheme, host, ...last } = hops[found < 0 ? hops.length - 1 : found];
    const named = last.address === null ? hops[found - 1] : last;
    return {
      peer: named === undefined ? peer : `${named.address} ${named.port ?? 0}`,
      scheme,
      host,
    };
  }

  /** What the proxies say, the nearest first. */
  #hops(fields: Fields): Hop[] {
    return this.#fields === "forwarded"
      ? readForwarded(fieldList(fields, "forwarded") ?? "", isIP)
      : readXForwarded({
        addresses: fieldList(fields, "x-forwarded-for") ?? "",
        schemes: fieldList(fields, "x-forwarded-proto") ?? "",
        hosts: fieldList(fields, "x-forwarded-host") ?? "",
      }, isIP);
  }
}
