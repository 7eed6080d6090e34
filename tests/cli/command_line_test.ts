/**
 * The command line: what it is read as. What is refused of it is in
 * command_line_mistakes_test.ts, the flags of the site in flags_test.ts.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type CommandLine, UsageError } from "../../lib/cli/command_line.ts";
import { defaultLimits } from "../../lib/limits.ts";
import {
  defaults,
  describeCase,
  type Environment,
  parse,
} from "../support/command_lines.ts";

interface GoodCase {
  readonly args: string[];
  readonly env?: Environment;
  /** What is not as by default. */
  readonly want: Partial<CommandLine>;
}

const tlsArgs = ["--tls-cert", "a", "--tls-key", "b"];
const tls = {
  pairs: [{ cert: "a", key: "b" }],
  clientCa: null,
  clientOptional: false,
  redirectFrom: null,
  hsts: false,
};

const goodCases: GoodCase[] = [
  {
    args: ["--app", "app.ts", "--stream-body", "1024"],
    want: { app: "app.ts", maxStreamedBodyBytes: 1_073_741_824 },
  },
  { args: [], want: {} },

  { args: ["site"], want: { root: "site" } },
  { args: ["a site"], want: { root: "a site" } },
  { args: ["."], want: { root: "." } },
  { args: ["/"], want: { root: "/" } },
  { args: ["--", "site"], want: { root: "site" } },
  { args: ["--"], want: {} },
  { args: ["--", "--port", "1"], want: { port: 1 } },
  { args: ["--", "-q", "site"], want: { quiet: true, root: "site" } },
  // What follows the two dashes is a name, whatever it looks like.
  { args: ["--", "--help"], want: { root: "--help" } },
  { args: ["--", "-p"], want: { root: "-p" } },
  { args: ["-q", "--", "-q"], want: { root: "-q", quiet: true } },

  { args: ["--port", "8080"], want: { port: 8080 } },
  { args: ["--port=8080"], want: { port: 8080 } },
  { args: ["-p", "8080"], want: { port: 8080 } },
  { args: ["-p8080"], want: { port: 8080 } },
  { args: ["-p", "0"], want: { port: 0 } },
  { args: ["-p", "65535"], want: { port: 65_535 } },
  { args: ["-p", "008080"], want: { port: 8080 } },
  { args: ["-p", "1", "-p", "2"], want: { port: 2 } },
  { args: [], env: { PORT: "3000" }, want: { port: 3000 } },
  { args: [], env: { PORT: "0" }, want: { port: 0 } },
  { args: [], env: { PORT: "" }, want: {} },
  { args: ["-p", "1"], env: { PORT: "3000" }, want: { port: 1 } },
  // A variable that the flag overrules is not looked at.
  { args: ["-p", "1"], env: { PORT: "nonsense" }, want: { port: 1 } },

  { args: ["--host", "0.0.0.0"], want: { hostname: "0.0.0.0" } },
  { args: ["--host=::1"], want: { hostname: "::1" } },
  { args: [], env: { HOST: "0.0.0.0" }, want: { hostname: "0.0.0.0" } },
  { args: [], env: { HOST: "" }, want: {} },
  {
    args: ["--host", "::1"],
    env: { HOST: "0.0.0.0" },
    want: { hostname: "::1" },
  },

  { args: ["--workers", "3"], want: { workers: 3 } },
  { args: ["--workers=3"], want: { workers: 3 } },
  { args: ["-w", "1"], want: { workers: 1 } },
  { args: ["-w256"], want: { workers: 256 } },

  { args: ["--app", "app.ts"], want: { app: "app.ts" } },
  { args: ["--app=app.ts", "site"], want: { app: "app.ts", root: "site" } },

  { args: ["--queue", "0"], want: { limits: { maxQueue: 0 } } },
  { args: ["--queue=1000000"], want: { limits: { maxQueue: 1_000_000 } } },
  {
    args: ["--queue-timeout", "2.5"],
    want: { limits: { queueTimeoutMs: 2500 } },
  },
  { args: ["--max-requests", "1"], want: { limits: { maxJobsPerWorker: 1 } } },
  {
    args: ["--max-heap", "256"],
    want: { limits: { maxWorkerHeapBytes: 256 * 1024 * 1024 } },
  },
  { args: ["--lost-workers", "0"], want: { limits: { maxLostWorkers: 0 } } },
  {
    args: ["--app", "app.ts", "--watch"],
    want: { app: "app.ts", watch: true },
  },
  {
    args: ["--app", "app.ts", "--isolation", "strict"],
    want: { app: "app.ts", isolation: "strict" },
  },
  { args: ["--app=a", "--isolation=standard"], want: { app: "a" } },
  {
    args: ["--trust-proxy", "loopback", "--trust-proxy=10.0.0.0/8"],
    want: { trustProxy: ["loopback", "10.0.0.0/8"] },
  },
  {
    args: ["--trust-proxy", "fc00::/7", "--forwarded"],
    want: { trustProxy: ["fc00::/7"], forwardedFields: "forwarded" },
  },
  {
    args: ["--listen=systemd"],
    want: { listen: ["systemd"] },
  },
  {
    args: ["--listen", "8080", "--listen", "[::]:81", "--listen=unix:a"],
    want: {
      listen: [
        { hostname: "127.0.0.1", port: 8080 },
        { hostname: "::", port: 81 },
        { path: "a" },
      ],
    },
  },
  { args: ["--reuse-port"], want: { reusePort: true } },
  {
    args: [
      "--listen=80",
      "--listen=unix:a",
      "--listen=systemd",
      "--reuse-port",
    ],
    want: {
      reusePort: true,
      listen: [
        { hostname: "127.0.0.1", port: 80 },
        { path: "a" },
        "systemd",
      ],
    },
  },
  { args: tlsArgs, want: { tls } },
  {
    args: ["--basic-auth", "f"],
    want: { basicAuth: { file: "f", plain: false } },
  },
  {
    args: ["--basic-auth=f", "--basic-auth-plain"],
    want: { basicAuth: { file: "f", plain: true } },
  },
  {
    args: ["--tls-key=b", "--tls-cert=a", "--tls-cert", "c", "--tls-key", "d"],
    want: {
      tls: {
        ...tls,
        pairs: [{ cert: "a", key: "b" }, { cert: "c", key: "d" }],
      },
    },
  },
  {
    args: ["--tls-cert=both.pem", "--tls-key=both.pem"],
    want: { tls: { ...tls, pairs: [{ cert: "both.pem", key: "both.pem" }] } },
  },
  {
    args: [...tlsArgs, "--tls-client-ca=c", "--tls-client-optional"],
    want: { tls: { ...tls, clientCa: "c", clientOptional: true } },
  },
  {
    args: [...tlsArgs, "--tls-client-ca", "c"],
    want: { tls: { ...tls, clientCa: "c" } },
  },
  { args: [...tlsArgs, "--hsts"], want: { tls: { ...tls, hsts: true } } },
  ...([
    ["80", { hostname: "127.0.0.1", port: 80 }],
    ["[::]:8080", { hostname: "::", port: 8080 }],
    ["unix:a,mode=660", { path: "a", mode: 0o660 }],
  ] as const).map(([address, redirectFrom]) => ({
    args: [...tlsArgs, "--https-redirect", address],
    want: { tls: { ...tls, redirectFrom } },
  })),
  { args: ["--proxy-protocol"], want: { proxyProtocol: true } },
  { args: ["--drain-delay", "5"], want: { drainDelayMs: 5000 } },
  { args: ["--drain-delay=0"], want: {} },
  ...([
    ["9090", { hostname: "127.0.0.1", port: 9090 }],
    ["0.0.0.0:1", { hostname: "0.0.0.0", port: 1 }],
    ["[::1]:0", { hostname: "::1", port: 0 }],
    ["localhost:65535", { hostname: "localhost", port: 65_535 }],
    ["unix:/run/a:1", { path: "/run/a:1" }],
    ["unix:a,mode=660", { path: "a", mode: 0o660 }],
  ] as const).map(([address, admin]) => ({
    args: ["--admin", address],
    want: { admin },
  })),
  {
    args: ["--access-log", "a.log"],
    want: { accessLog: { target: "a.log", format: null, queries: false } },
  },
  {
    args: ["--access-log=-", "--log-format=json", "--log-queries"],
    want: { accessLog: { target: "-", format: "json", queries: true } },
  },
  { args: ["--timeout", "5"], want: { limits: { handlerTimeoutMs: 5000 } } },
  { args: ["--timeout=0.25"], want: { limits: { handlerTimeoutMs: 250 } } },
  { args: ["--drain", "0.01"], want: { drainMs: 10 } },
  { args: ["--drain=86400"], want: { drainMs: 86_400_000 } },

  { args: ["--limit", "maxBatch=8"], want: { limits: { maxBatch: 8 } } },
  { args: ["--limit=maxBatch=8"], want: { limits: { maxBatch: 8 } } },
  {
    args: ["--limit", "maxBatch=8", "--limit", "sweepMs=20"],
    want: { limits: { maxBatch: 8, sweepMs: 20 } },
  },
  {
    args: ["--limit", "maxBatch=8", "--limit", "maxBatch=9"],
    want: { limits: { maxBatch: 9 } },
  },
  {
    // The flag of its own is the clearer word.
    args: ["--queue", "5", "--limit", "maxQueue=6"],
    want: { limits: { maxQueue: 5 } },
  },

  { args: ["--server", "it"], want: { serverName: "it" } },
  { args: ["--server", "a (b)"], want: { serverName: "a (b)" } },
  { args: ["--server="], want: { serverName: null } },

  { args: ["--quiet"], want: { quiet: true } },
  { args: ["-q"], want: { quiet: true } },

  {
    args: ["-qp0", "site", "-w", "2"],
    want: { quiet: true, port: 0, root: "site", workers: 2 },
  },
];

for (const { args, env, want } of goodCases) {
  Deno.test(`the command line reads ${describeCase(args, env)}`, () => {
    assertEquals(parse(args, env), {
      kind: "run",
      options: { ...defaults, ...want },
    });
  });
}

Deno.test("the command line tells a question from an order to run", () => {
  for (
    const args of [
      ...[["-h"], ["--help"], ["site", "--help"], ["-qh"]],
      ...[["help"], ["help", "me"], ["-q", "help"], ["-h", "--", "help"]],
    ]
  ) assertEquals(parse(args), { kind: "help" });
  for (const args of ["--help limits", "help limits", "-h limits -q"]) {
    assertEquals(parse(args.split(" ")), { kind: "limits" });
  }
  for (const root of ["./help", "limits", "help/"]) {
    const parsed = parse([root]);
    assert(parsed.kind === "run");
    assertEquals(parsed.options.root, root);
  }
  assertEquals(parse(["--completions", "fish"]).kind, "completions");
  for (const args of [["-V"], ["--version"], ["-p", "1", "--version"]]) {
    assertEquals(parse(args), { kind: "version" });
  }
});

Deno.test("the command line helps whatever else is wrong, but for the flags", () => {
  assertEquals(parse(["-h", "-p", "no", "one", "two"]), { kind: "help" });
  assertEquals(parse(["-V", "-p", "no"]), { kind: "version" });
  assertEquals(parse(["-V", "-h"]), { kind: "help" });
  assertThrows(() => parse(["-h", "--nope"]), UsageError);
});

Deno.test("the command line takes every limit there is", () => {
  for (const name of Object.keys(defaultLimits)) {
    const parsed = parse(["--limit", `${name}=7`]);
    assert(parsed.kind === "run");
    assertEquals(parsed.options.limits, { [name]: 7 });
  }
});
