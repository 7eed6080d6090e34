import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import {
  acceptsPage,
  chooseCoding,
  type Coding,
  codings,
  type ErrorForm,
  preferences,
  preferredForm,
  prefersJson,
} from "../../lib/http/negotiate.ts";

interface ChoiceCase {
  readonly accept: string | undefined;
  readonly offered?: readonly Coding[];
  readonly inNeed?: readonly Coding[];
  readonly want: Coding | "identity" | null;
}

const all = codings;
const choices: ChoiceCase[] = [
  // RFC 9110 section 12.5.3: without the field any coding is acceptable, and none is
  // the safest; an empty one asks for none.
  { accept: undefined, want: "identity" },
  { accept: "", want: "identity" },
  { accept: "gzip", want: "gzip" },
  { accept: "br", want: "br" },
  { accept: "zstd", want: "zstd" },
  { accept: "gzip, deflate, br, zstd", want: "br" },
  { accept: "gzip,deflate", want: "gzip" },
  { accept: "deflate", want: "identity" },
  { accept: "GZip", want: "gzip" },
  // Section 8.4.1.3.
  { accept: "x-gzip", want: "gzip" },
  { accept: "gzip\t;\tq=1 ,\tbr;q=0", want: "gzip" },
  { accept: "gzip, br", offered: ["gzip"], want: "gzip" },
  { accept: "br", offered: ["gzip"], want: "identity" },
  { accept: "br, gzip", offered: ["gzip", "br"], want: "gzip" },
  { accept: "br", offered: [], want: "identity" },

  // Weights (section 12.4.2).
  { accept: "br;q=0.5, gzip;q=0.8", want: "gzip" },
  { accept: "br;q=0.001", want: "br" },
  { accept: "br;q=0", want: "identity" },
  { accept: "br;q=0.0, gzip;q=0.000", want: "identity" },
  { accept: "br;q=1.000, gzip", want: "br" },
  { accept: "br;Q=0.1, gzip;q=0.2", want: "gzip" },
  { accept: "gzip;q=0.5, identity;q=0.8", want: "identity" },
  { accept: "gzip;q=0.8, identity;q=0.5", want: "gzip" },
  { accept: "gzip;q=0.5, identity;q=0.5", want: "gzip" },
  { accept: "identity, gzip", want: "gzip" },
  { accept: "identity", want: "identity" },
  { accept: "identity;q=1, *;q=0", want: "identity" },
  // What is no weight is as if it were not there.
  { accept: "br;q=2, gzip", want: "gzip" },
  { accept: "br;q=-1, gzip", want: "gzip" },
  { accept: "br;q=, gzip", want: "gzip" },
  { accept: "br;q=0.1234, gzip", want: "gzip" },
  { accept: "br;q=abc", want: "identity" },
  { accept: ";q=1, ,", want: "identity" },

  // The star.
  { accept: "*", want: "br" },
  { accept: "*", offered: ["gzip"], want: "gzip" },
  { accept: "*;q=0.5", want: "br" },
  { accept: "*;q=0.5, gzip", want: "gzip" },
  { accept: "br;q=0, *", want: "zstd" },
  { accept: "*;q=0.5, identity", want: "identity" },

  // Nothing as it is.
  { accept: "identity;q=0, gzip", want: "gzip" },
  { accept: "identity;q=0", want: null },
  { accept: "*;q=0", want: null },
  { accept: "identity;q=0, *", want: "br" },
  { accept: "identity;q=0, gzip", offered: [], want: null },
  { accept: "identity;q=0, gzip", offered: [], inNeed: all, want: "gzip" },
  { accept: "gzip", offered: [], inNeed: all, want: "identity" },
  { accept: "gzip, *;q=0", offered: ["br"], want: null },
  { accept: "identity;q=0, deflate", want: null },
];

for (const { accept, offered = all, inNeed = offered, want } of choices) {
  Deno.test(`"Accept-Encoding: ${accept}" chooses ${want} of ${offered} and in need ${inNeed}`, () => {
    const offer = { codings: offered, inNeed };
    assertEquals(chooseCoding(preferences(accept), offer), want);
  });
}

Deno.test("preferences() gives the same object for the same text, and forgets", () => {
  const first = preferences("gzip;q=0.123");
  assertStrictEquals(preferences("gzip;q=0.123"), first);
  for (let i = 0; i < 300; i++) preferences(`gzip;q=0.5, x${i}`);
  assertNotStrictEquals(preferences("gzip;q=0.123"), first);
  assertEquals(preferences("gzip;q=0.123"), first);
  const long = `gzip, ${"x".repeat(300)}`;
  assertNotStrictEquals(preferences(long), preferences(long));
});

for (
  const { accept, want } of [
    { accept: undefined, want: false },
    { accept: "", want: false },
    { accept: "*/*", want: false },
    { accept: "application/json", want: true },
    { accept: "Application/JSON", want: true },
    { accept: "application/*", want: true },
    { accept: "application/json, */*", want: true },
    { accept: "application/json, text/plain, */*", want: true },
    { accept: "application/json, text/javascript, */*; q=0.01", want: true },
    { accept: "application/*, */*", want: true },
    { accept: "application/json;q=0.5, */*", want: false },
    { accept: "application/json;q=0, */*;q=0", want: false },
    { accept: "text/html, application/json, */*", want: false },
    { accept: "text/html, */*", want: false },
    { accept: "application/json, */*;q=0.5", want: true },
    { accept: "text/html, application/json;q=0.9", want: false },
    { accept: "text/html;q=0.5, application/json;q=0.9", want: true },
    { accept: "text/*, application/json", want: true },
    { accept: "text/html, application/json", want: false },
    { accept: "application/json;q=0", want: false },
    {
      accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      want: false,
    },
  ]
) {
  Deno.test(`prefersJson() says ${want} of ${JSON.stringify(accept)}`, () => {
    assertEquals(prefersJson(accept), want);
  });
}

Deno.test("acceptsPage() tells who takes a page", () => {
  for (const accept of [undefined, "*/*", "text/*", "text/html;q=0.1"]) {
    assert(acceptsPage(accept), accept);
  }
  for (const accept of ["", "image/*", "application/json", "text/html;q=0"]) {
    assert(!acceptsPage(accept), accept);
  }
});

const forms: Record<ErrorForm, (string | undefined)[]> = {
  page: [
    // Chrome, Firefox and lynx.
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01",
    "TEXT/HTML",
    " text/html ; level=1",
    "text/html, */*",
    "text/html;q=0.1",
    "application/json, text/html",
    "application/json;q=0.8, text/html;q=0.9, text/plain;q=0.9",
    "application/json;q=2, text/html",
  ],
  problem: [
    // axios and jQuery.
    "application/json, text/plain, */*",
    "application/json, text/javascript, */*; q=0.01",
    "application/json",
    "application/problem+json",
    "application/problem+json;q=0.9, application/json;q=0.1, text/html;q=0.5",
    "text/html;q=0.5, application/json;q=0.9",
    "text/html;q=0, application/json;q=0.001",
    "text/html;q=nonsense, application/json",
  ],
  text: [
    // Nothing; curl and fetch; a picture and a style sheet of a page.
    undefined,
    "*/*",
    "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    "text/css,*/*;q=0.1",
    "",
    "text/*",
    "application/*",
    "text/plain",
    "text/event-stream",
    "text/html;q=0",
    "text/html;q=0, */*",
    "text/html;q=0.5, */*",
    "application/json;q=0.4, text/plain;q=0.5",
    "application/json;q=0, */*;q=0",
    "text/html;q=nonsense",
    "text/html;q=1.0000",
    "application/vnd.api+json",
    "text/htmlx, xtext/html, text / html",
    ";;;,,,=",
  ],
};

for (const [form, accepted] of Object.entries(forms)) {
  for (const accept of accepted) {
    Deno.test(`preferredForm() says ${form} of ${JSON.stringify(accept)}`, () => {
      // From memory the second time.
      assertEquals(preferredForm(accept), form);
      assertEquals(preferredForm(accept), form);
    });
  }
}

Deno.test("what comes late in a long list is a preference that is not heeded", () => {
  // Of 32 KiB each request would take the main thread 20 ms.
  const long = "a;q=1,".repeat(1000);
  assertEquals(preferredForm(`text/html,${long}`), "page");
  assertEquals(preferredForm(`${long}text/html`), "text");
  assertEquals(preferences(`gzip,${long}`).codings.gzip, 1);
  // The member in which it is cut off counts for nothing.
  const cut = `${"a,".repeat(1019)}br;q=0.5,`;
  assertEquals(cut.length, 2047);
  assertEquals(preferences(`${cut}gzip;q=0.9`).codings, {
    ...{ br: 0.5, zstd: 0, gzip: 0 },
  });
});

Deno.test("preferredForm() keeps nothing of clients that never repeat themselves", () => {
  for (let i = 0; i < 1000; i++) {
    assertEquals(preferredForm(`text/html, x/${i}`), "page");
  }
  assertEquals(preferredForm(`text/html, x/${"y".repeat(10_000)}`), "page");
});
