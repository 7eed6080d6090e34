/** What is said once Skein serves. */

import { assertEquals } from "@std/assert";
import {
  browserAddress,
  type GreetingFacts,
  plainGreeting,
  terminalGreeting,
} from "../../lib/cli/greeting.ts";
import { endingText } from "../../lib/cli/lifetime.ts";
import { painter } from "../../lib/cli/terminal.ts";

const facts: GreetingFacts = {
  version: "1.2.3",
  tookMs: 186.6,
  addresses: [{ hostname: "127.0.0.1", port: 80 }],
  secure: false,
  root: null,
  app: null,
  lists: false,
  watches: false,
  workers: 2,
  admin: null,
  command: "skein",
};

const network = ["10.0.0.7", "fd00::7"];
const all = { hostname: "0.0.0.0", port: 80 };

for (
  const { name, given, rows, hint } of [
    {
      name: "the hello page",
      given: {},
      rows: [
        "Local:     http://127.0.0.1:80/",
        "Serving:   the hello page, with 2 workers",
      ],
      hint: "Ctrl-C stops it. To serve a folder of yours: skein ./my-site",
    },
    {
      name: "a directory for everybody",
      given: { addresses: [all], root: "./www", lists: true },
      rows: [
        "Local:     http://127.0.0.1:80/",
        "Network:   http://10.0.0.7:80/",
        "Serving:   ./www, with listings and 2 workers",
      ],
      hint: "Ctrl-C stops it. All options: skein --help",
    },
    {
      name: "every address of both kinds, over TLS",
      given: {
        addresses: [{ hostname: "::", port: 80 }],
        root: "www",
        secure: true,
      },
      rows: [
        "Local:     https://[::1]:80/",
        "Network:   https://10.0.0.7:80/",
        "Network:   https://[fd00::7]:80/",
        "Serving:   www, with 2 workers",
      ],
      hint: "Ctrl-C stops it. All options: skein --help",
    },
    {
      name: "several addresses, and an admin listener",
      given: {
        addresses: [
          { hostname: "::1", port: 80 },
          { hostname: "10.0.0.7", port: 80 },
          { path: "/run/skein" },
        ],
        root: "www",
        workers: 1,
        admin: { hostname: "127.0.0.1", port: 9 },
      },
      rows: [
        "Local:     http://[::1]:80/",
        "Network:   http://10.0.0.7:80/",
        "Socket:    unix:/run/skein",
        "Serving:   www, with 1 worker",
        "Status:    http://127.0.0.1:9/",
      ],
      hint: "Ctrl-C stops it. With --host 0.0.0.0 your network sees it too.",
    },
    {
      name: "an app",
      given: { app: "app.ts" },
      rows: [
        "Local:     http://127.0.0.1:80/",
        "Serving:   app.ts, in each of 2 workers",
      ],
      hint:
        "Ctrl-C stops it. With --watch it loads the app again when a file changes.",
    },
    {
      name: "an app that is watched",
      given: { app: "app.ts", root: "www", watches: true },
      rows: [
        "Local:     http://127.0.0.1:80/",
        "Serving:   app.ts, then www, in each of 2 workers",
      ],
      hint: "Ctrl-C stops it. The app is loaded again when a file changes.",
    },
  ] satisfies {
    name: string;
    given: Partial<GreetingFacts>;
    rows: string[];
    hint: string;
  }[]
) {
  Deno.test(`a terminal shows the address and more of ${name}`, () => {
    const text = terminalGreeting(
      { ...facts, ...given },
      network,
      painter(false),
    );
    assertEquals(
      text.split("\n"),
      [
        "",
        "  Skein 1.2.3  ready in 187 ms",
        "",
        ...rows.map((row) => `  ${row}`),
        "",
        `  ${hint}`,
        "",
      ],
    );
  });
}

Deno.test("a terminal never shows an address that no browser can open", () => {
  const text = terminalGreeting(
    { ...facts, addresses: [all] },
    [],
    painter(false),
  );
  assertEquals(text.includes("0.0.0.0"), false);
  assertEquals(
    text.split("\n")[4],
    "  Network:   port 80 of every address of this machine",
  );
});

Deno.test("where there are colours, addresses stand out", () => {
  const text = terminalGreeting(facts, [], painter(true));
  assertEquals(text.includes("\x1b[36mhttp://127.0.0.1:80/\x1b[0m"), true);
});

Deno.test("elsewhere one line says it all", () => {
  assertEquals(
    plainGreeting({ ...facts, addresses: [all, { path: "/run/skein" }] }),
    "Skein is listening on http://0.0.0.0:80/ and unix:/run/skein and serves the hello page with 2 workers",
  );
});

for (
  const { addresses, want } of [
    { addresses: [all], want: "http://127.0.0.1:80/" },
    { addresses: [{ hostname: "::", port: 80 }], want: "http://[::1]:80/" },
    {
      addresses: [{ path: "/run/skein" }, { hostname: "h", port: 80 }],
      want: "http://h:80/",
    },
    { addresses: [{ path: "/run/skein" }], want: null },
  ]
) {
  Deno.test(`--open opens ${want} of ${JSON.stringify(addresses)}`, () => {
    assertEquals(browserAddress({ addresses, secure: false }), want);
  });
}

for (
  const { requests, sockets, want } of [
    { requests: 0, sockets: 0, want: null },
    { requests: 1, sockets: 0, want: "Finishing 1 request" },
    { requests: 0, sockets: 1, want: "Closing 1 WebSocket" },
    {
      requests: 2,
      sockets: 3,
      want: "Finishing 2 requests and closing 3 WebSockets",
    },
  ]
) {
  Deno.test(`at the end of ${requests} requests and ${sockets} sockets: ${want}`, () => {
    const text = endingText(requests, sockets);
    assertEquals(text, want && `${want}; Ctrl-C again to stop now`);
  });
}
