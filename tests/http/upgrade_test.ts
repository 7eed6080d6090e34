/**
 * Which heads ask for another protocol (RFC 9110 section 7.8).
 */

import { assertEquals } from "@std/assert";
import { parseRequestHead } from "../../lib/http/request_head.ts";
import { wantsUpgrade } from "../../lib/http/upgrade.ts";

const both = ["Upgrade: websocket", "Connection: Upgrade"];

const rows: {
  name: string;
  line?: string;
  fields: readonly string[];
  want: boolean;
}[] = [
  { name: "both fields", fields: both, want: true },
  {
    name: "any protocol, any case",
    fields: ["UPGRADE: h2c", "connection: UPGRADE"],
    want: true,
  },
  {
    name: "Connection with others",
    fields: ["Upgrade: websocket", "Connection: keep-alive ,\tupgrade"],
    want: true,
  },
  {
    name: "Connection in two fields",
    fields: ["Connection: keep-alive", ...both],
    want: true,
  },
  { name: "no Connection", fields: ["Upgrade: websocket"], want: false },
  { name: "no Upgrade", fields: ["Connection: Upgrade"], want: false },
  {
    name: "another Connection",
    fields: ["Upgrade: websocket", "Connection: keep-alive, upgrades"],
    want: false,
  },
  {
    name: "HTTP/1.0",
    line: "GET / HTTP/1.0",
    fields: both,
    want: false,
  },
  { name: "POST", line: "POST / HTTP/1.1", fields: both, want: false },
  { name: "HEAD", line: "HEAD / HTTP/1.1", fields: both, want: false },
];

for (const { name, line = "GET / HTTP/1.1", fields, want } of rows) {
  Deno.test(`a head with ${name} ${want ? "asks" : "does not ask"} for another protocol`, () => {
    const head = parseRequestHead([line, "Host: h", ...fields]);
    assertEquals(wantsUpgrade(head), want);
  });
}
