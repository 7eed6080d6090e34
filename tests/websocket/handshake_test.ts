/**
 * The opening handshake: which requests are agreed to, and how (RFC 6455 section 4.2).
 */

import { assertEquals, assertThrows } from "@std/assert";
import { acceptKey, chooseProtocol } from "../../lib/websocket/handshake.ts";

const good = {
  "upgrade": "websocket",
  "connection": "Upgrade",
  "sec-websocket-version": "13",
  // RFC 6455 section 1.3.
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

const accepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const rows: {
  name: string;
  fields: Record<string, string | null>;
  /** What the error says, or `null` where there is none. */
  error: string | null;
}[] = [
  { name: "what is right", fields: {}, error: null },
  { name: "any case", fields: { upgrade: "WebSocket" }, error: null },
  {
    name: "lists",
    fields: { upgrade: "h2c,websocket", connection: "keep-alive ,\tUPGRADE" },
    error: null,
  },
  { name: "no Upgrade", fields: { upgrade: null }, error: "'upgrade'" },
  { name: "another Upgrade", fields: { upgrade: "h2c" }, error: "'upgrade'" },
  {
    name: "what only contains the word",
    fields: { upgrade: "websocket2" },
    error: "'upgrade'",
  },
  {
    name: "no Connection",
    fields: { connection: null },
    error: "'connection'",
  },
  {
    name: "another Connection",
    fields: { connection: "keep-alive" },
    error: "'connection'",
  },
  {
    name: "no version",
    fields: { "sec-websocket-version": null },
    error: "version",
  },
  {
    name: "another version",
    fields: { "sec-websocket-version": "8" },
    error: "version",
  },
  {
    name: "several versions",
    fields: { "sec-websocket-version": "13, 8" },
    error: "version",
  },
  { name: "no key", fields: { "sec-websocket-key": null }, error: "key" },
  { name: "an empty key", fields: { "sec-websocket-key": "" }, error: "key" },
  {
    name: "a key of 15 bytes",
    fields: { "sec-websocket-key": btoa("x".repeat(15)) },
    error: "key",
  },
  {
    name: "a key of 17 bytes",
    fields: { "sec-websocket-key": btoa("x".repeat(17)) },
    error: "key",
  },
  {
    name: "two keys",
    fields: {
      "sec-websocket-key": `${good["sec-websocket-key"]}, ${
        good["sec-websocket-key"]
      }`,
    },
    error: "key",
  },
];

for (const { name, fields, error } of rows) {
  Deno.test(`a handshake with ${name}: ${error ?? "agreed to"}`, () => {
    const headers = new Headers(
      Object.entries({ ...good, ...fields })
        .filter((field): field is [string, string] => field[1] !== null),
    );
    if (error === null) assertEquals(acceptKey(headers), accepted);
    else assertThrows(() => acceptKey(headers), TypeError, error);
  });
}

const protocols: {
  offered: string | null;
  wanted?: string;
  want: string | null | "error";
}[] = [
  { offered: null, want: null },
  { offered: "chat", want: null },
  { offered: "chat", wanted: "", want: null },
  { offered: "chat", wanted: "chat", want: "chat" },
  { offered: "a, chat ,b", wanted: "chat", want: "chat" },
  { offered: null, wanted: "chat", want: "error" },
  { offered: "Chat", wanted: "chat", want: "error" },
  { offered: "chatter", wanted: "chat", want: "error" },
];

for (const { offered, wanted, want } of protocols) {
  Deno.test(
    `a client that offers ${offered}, an app that wants ${wanted}: ${want}`,
    () => {
      const headers = new Headers(
        offered === null ? {} : { "sec-websocket-protocol": offered },
      );
      const choose = () => chooseProtocol(headers, wanted);
      if (want === "error") assertThrows(choose, TypeError, "protocol list");
      else assertEquals(choose(), want);
    },
  );
}
