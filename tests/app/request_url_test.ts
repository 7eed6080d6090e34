/** The URL of a request: what the URL standard makes of it, though parsed by hand. */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { requestUrl } from "../../lib/app/request_url.ts";
import { HttpError } from "../../lib/http/error.ts";
import { seed } from "../support/seed.ts";

const urls: { name: string; authority: string; target: string; url: string }[] =
  [
    {
      name: "a path as it is",
      authority: "a.example:8080",
      target: "/b/c-d_e.f?g=h%20i&j",
      url: "http://a.example:8080/b/c-d_e.f?g=h%20i&j",
    },
    {
      name: "the server's own",
      authority: "a.example",
      target: "*",
      url: "http://a.example/",
    },
    {
      name: "no host",
      authority: "",
      target: "/",
      url: "http://localhost/",
    },
    {
      name: "a default port and capitals",
      authority: "A.Example:80",
      target: "/B",
      url: "http://a.example/B",
    },
    {
      name: "dot segments",
      authority: "a.example",
      target: "/b/../c/./%2e%2E/d/.e",
      url: "http://a.example/d/.e",
    },
    {
      name: "an IPv4 address in another notation",
      authority: "0x7f.1",
      target: "/",
      url: "http://127.0.0.1/",
    },
    {
      name: "an IPv6 address",
      authority: "[0:0::1]:81",
      target: "/",
      url: "http://[::1]:81/",
    },
    {
      name: "what browsers send raw",
      authority: "a.example",
      target: '/"|{}?\'"<>',
      url: "http://a.example/%22|%7B%7D?%27%22%3C%3E",
    },
  ];

for (const { name, authority, target, url } of urls) {
  Deno.test(`requestUrl() normalizes ${name}`, () => {
    assertEquals(requestUrl(authority, target), url);
    // The second time the origin is known.
    assertEquals(requestUrl(authority, target), url);
  });
}

Deno.test("requestUrl() refuses a host that is none", () => {
  for (const authority of ["1.2.3.4.5", "a%00b", "a.example:99999"]) {
    assertThrows(() => requestUrl(authority, "/"), HttpError);
  }
});

Deno.test("requestUrl() knows what the URL standard leaves as it is", () => {
  const unit = fc.constantFrom(..."aB0.%2eE//??'\"|^`{}<>\\~!$&()*+,;=:@-_#");
  const target = fc.string({ unit, maxLength: 12 }).map((rest) => `/${rest}`);
  fc.assert(
    fc.property(target, (target) => {
      const { href } = new URL(`http://a.example${target}`);
      assertEquals(requestUrl("a.example", target), href);
    }),
    { seed, numRuns: 5000 },
  );
});
