/**
 * One request over a socket of its own, with any target and any fields, and its
 * answer taken apart: what `fetch` would tidy up is sent as it is.
 */

import { bytesOf } from "./wire.ts";
import type { RawClient } from "./test_server.ts";

/** An answer. */
export interface Exchanged {
  readonly status: number;
  /** Its field lines, names in lower case; those of one name joined. */
  readonly fields: ReadonlyMap<string, string>;
  /** The content, a character per byte. */
  readonly text: string;
  /** The same as bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What to send besides the target. */
export interface ExchangeOptions {
  readonly method?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Sends a request and reads until the server closes. */
export async function exchange(
  server: { connect(): Promise<RawClient> },
  target: string,
  { method = "GET", fields = {} }: ExchangeOptions = {},
): Promise<Exchanged> {
  using client = await server.connect();
  const lines = Object.entries({
    Host: "localhost",
    Connection: "close",
    ...fields,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  await client.send(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return parseExchange(await client.readAll());
}

function parseExchange(all: string): Exchanged {
  const end = all.indexOf("\r\n\r\n");
  const [first, ...lines] = all.slice(0, end).split("\r\n");
  const fields = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(":");
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1).trim();
    const earlier = fields.get(name);
    fields.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  const text = all.slice(end + 4);
  const status = Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(first)?.[1]);
  return { status, fields, text, bytes: bytesOf(text) };
}
