/** Who is believed to be the client, and what it is believed to have asked for. */

import { assertEquals, assertThrows } from "@std/assert";
import type { ClientOrigin } from "../../lib/http/exchange.ts";
import type { Field } from "../../lib/http/message.ts";
import {
  type ForwardedFields,
  TrustedProxies,
} from "../../lib/proxy/trusted_proxies.ts";

const proxy = "10.0.0.1 5";
const trusted = ["10.0.0.0/8", "fd00::/8"];

function originOf(
  fields: readonly Field[],
  peer = proxy,
  kind: ForwardedFields = "x-forwarded",
): ClientOrigin | null {
  return new TrustedProxies(trusted, kind).originOf(peer, {
    ...{ method: "GET", target: "/", authority: "h", version: "1.1", fields },
  });
}

const xff = (value: string): Field => ["x-forwarded-for", value];
const nothing = { scheme: null, host: null };

const rows: {
  name: string;
  fields: readonly Field[];
  peer?: string;
  want: ClientOrigin | null;
}[] = [
  { name: "nothing where nothing is said", fields: [], want: null },
  {
    name: "the peer where it is not trusted",
    peer: "1.1.1.1 5",
    fields: [xff("2.2.2.2"), ["x-forwarded-proto", "https"]],
    want: null,
  },
  {
    name: "the client of a trusted peer",
    fields: [xff("2.2.2.2")],
    want: { peer: "2.2.2.2 0", ...nothing },
  },
  {
    name: "the right one of two, for the left one may be made up",
    fields: [xff("9.9.9.9, 2.2.2.2")],
    want: { peer: "2.2.2.2 0", ...nothing },
  },
  {
    name: "the first that is not trusted, over two fields",
    fields: [xff("9.9.9.9, 2.2.2.2"), xff("10.2.3.4,\tfd00::1")],
    want: { peer: "2.2.2.2 0", ...nothing },
  },
  {
    name: "the farthest where all are trusted",
    fields: [xff("10.9.9.9, 10.1.1.1")],
    want: { peer: "10.9.9.9 0", ...nothing },
  },
  {
    name: "the last address before garbage",
    fields: [xff("2.2.2.2, <script>, 10.1.1.1")],
    want: { peer: "10.1.1.1 0", ...nothing },
  },
  {
    name: "the peer where there is only garbage",
    fields: [xff("unknown")],
    want: { peer: proxy, ...nothing },
  },
  {
    name: "ports",
    fields: [xff("2.2.2.2:4711")],
    want: { peer: "2.2.2.2 4711", ...nothing },
  },
  {
    name: "addresses of six",
    fields: [xff("2001:db8::1, [fd00::2]:99")],
    want: { peer: "2001:db8::1 0", ...nothing },
  },
  {
    name: "trust in an address of four written as one of six",
    fields: [xff("2.2.2.2")],
    peer: "::ffff:10.0.0.1 5",
    want: { peer: "2.2.2.2 0", ...nothing },
  },
  {
    name: "scheme and host",
    fields: [
      xff("2.2.2.2"),
      ["x-forwarded-proto", "HTTPS"],
      ["x-forwarded-host", "a.example:444"],
    ],
    want: { peer: "2.2.2.2 0", scheme: "https", host: "a.example:444" },
  },
  {
    name: "a scheme alone",
    fields: [["x-forwarded-proto", "https"]],
    want: { peer: proxy, scheme: "https", host: null },
  },
  {
    name: "the scheme that the proxy of the client has said",
    fields: [
      xff("9.9.9.9, 2.2.2.2, 10.1.1.1"),
      ["x-forwarded-proto", "gopher, https, http"],
    ],
    want: { peer: "2.2.2.2 0", scheme: "https", host: null },
  },
  {
    name: "no scheme and no host that are none",
    fields: [
      xff("2.2.2.2"),
      ["x-forwarded-proto", "javascript"],
      ["x-forwarded-host", 'a b"><'],
    ],
    want: { peer: "2.2.2.2 0", ...nothing },
  },
];

for (const { name, fields, peer, want } of rows) {
  Deno.test(`behind proxies one believes in ${name}`, () => {
    assertEquals(originOf(fields, peer), want);
  });
}

for (
  const { value, want } of [
    { value: "for=2.2.2.2", want: { peer: "2.2.2.2 0", ...nothing } },
    {
      value: 'for=9.9.9.9, For="[2001:db8::1]:47";proto=https;HOST="a.example"',
      want: { peer: "2001:db8::1 47", scheme: "https", host: "a.example" },
    },
    {
      value: 'for=2.2.2.2;proto=https, for="10.1.1.1";proto=http',
      want: { peer: "2.2.2.2 0", scheme: "https", host: null },
    },
    { value: "for=_hidden", want: { peer: proxy, ...nothing } },
    { value: 'for="2.2.2.2', want: { peer: proxy, ...nothing } },
    { value: ";;;,,,===", want: { peer: proxy, ...nothing } },
    {
      value: "for=2.2.2.2;for=3.3.3.3",
      want: { peer: "2.2.2.2 0", ...nothing },
    },
  ] as const
) {
  Deno.test(`Forwarded: ${value} tells who the client is`, () => {
    assertEquals(
      originOf([["forwarded", value], xff("7.7.7.7")], proxy, "forwarded"),
      want,
    );
  });
}

Deno.test("only one kind of fields is believed", () => {
  assertEquals(originOf([["forwarded", "for=2.2.2.2"]]), null);
  assertEquals(originOf([xff("2.2.2.2")], proxy, "forwarded"), null);
});

Deno.test("200 spellings of a forged client get nowhere from a peer that is not trusted", () => {
  const addresses = ["127.0.0.1", "10.0.0.1", "::1", "[::1]", "localhost"];
  const prefixes = ["", " ", ",", "\t", "10.0.0.1,"];
  const suffixes = ["", ",", ":80", ", 10.0.0.1", "%0a", ";", " x", '"'];
  let spellings = 0;
  for (const address of addresses) {
    for (const prefix of prefixes) {
      for (const suffix of suffixes) {
        spellings++;
        const fields = [
          ...["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-proto"],
        ].map((name): Field => [name, prefix + address + suffix]);
        for (const kind of ["x-forwarded", "forwarded"] as const) {
          assertEquals(originOf(fields, "1.1.1.1 5", kind), null);
          assertEquals(originOf(fields, "unix: 0", kind), null);
        }
      }
    }
  }
  assertEquals(spellings, 200);
});

Deno.test("networks by their names", () => {
  const of = (...names: string[]) => new TrustedProxies(names, "x-forwarded");
  const table: [string, string[], string[]][] = [
    ["loopback", ["127.9.9.9", "::1", "::ffff:127.0.0.1"], ["10.0.0.1"]],
    ["private", ["10.1.1.1", "172.31.0.1", "fe80::1"], ["172.32.0.1", "::1"]],
    ["1.2.3.4", ["1.2.3.4"], ["1.2.3.5", "::1", "unix:", "", "1.2.3"]],
    ["unix", ["unix:"], ["127.0.0.1"]],
    ["0.0.0.0/0", ["8.8.8.8"], ["2001:db8::1"]],
  ];
  for (const [name, inside, outside] of table) {
    for (const each of inside) assertEquals(of(name).isTrusted(each), true);
    for (const each of outside) assertEquals(of(name).isTrusted(each), false);
  }
  for (const wrong of ["", "10.0.0.0/33", "::/129", "1.2.3", "1.2.3.4/1/2"]) {
    assertThrows(() => of(wrong), RangeError, wrong);
  }
});
