/**
 * The redirect from plain HTTP: where it leads, and what it makes nothing of.
 */

import { assertEquals } from "@std/assert";
import { redirectResponse } from "../../lib/tls/redirect.ts";

interface Row {
  readonly authority: string;
  readonly target: string;
  readonly port?: number;
  /** `Location`, or the status of a refusal. */
  readonly want: string | number;
}

const rows: Row[] = [
  { authority: "a.test", target: "/", want: "https://a.test/" },
  { authority: "a.test", target: "/a/b?c=d", want: "https://a.test/a/b?c=d" },
  { authority: "A.test", target: "/", want: "https://A.test/" },
  { authority: "a.test:80", target: "/", want: "https://a.test/" },
  { authority: "a.test:", target: "/", want: "https://a.test/" },
  {
    authority: "a.test",
    target: "/",
    port: 8443,
    want: "https://a.test:8443/",
  },
  {
    authority: "a.test:8080",
    target: "/b",
    port: 8443,
    want: "https://a.test:8443/b",
  },
  { authority: "127.0.0.1:80", target: "/", want: "https://127.0.0.1/" },
  { authority: "[::1]", target: "/", want: "https://[::1]/" },
  { authority: "[::1]:80", target: "/", port: 1, want: "https://[::1]:1/" },
  { authority: "[::1]", target: "/", port: 1, want: "https://[::1]:1/" },
  // What looks like another host stays a path.
  { authority: "a.test", target: "//b.test/", want: "https://a.test//b.test/" },
  { authority: "a.test", target: "/@b.test", want: "https://a.test/@b.test" },
  {
    authority: "a.test",
    target: "/%0d%0aA:b",
    want: "https://a.test/%0d%0aA:b",
  },
  // There is no Host.
  { authority: "", target: "/", want: 400 },
  { authority: ":80", target: "/", want: 400 },
  { authority: "a.test", target: "*", want: 400 },
];

for (const { authority, target, port = 443, want } of rows) {
  Deno.test(`from ${authority} ${target} to port ${port}: ${want}`, () => {
    const { status, fields } = redirectResponse({ authority, target }, port);
    const { Location: location = status } = Object.fromEntries(fields);
    assertEquals(location, want);
    assertEquals(status, typeof want === "number" ? want : 308);
  });
}
