/**
 * The command line: what is refused, and in which words.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/command_line.ts";
import {
  describeCase,
  type Environment,
  parse,
} from "../support/command_lines.ts";

interface BadCase {
  readonly args: string[];
  readonly env?: Environment;
  /** The whole message. */
  readonly message: string;
}

function badPort(value: string, name = "--port"): string {
  return `${name} takes a whole number from 0 to 65535, not "${value}"`;
}

function badSeconds(flag: string, value: string): string {
  return `${flag} takes seconds from 0.01 to 86400, not "${value}"`;
}

function badWorkers(value: string): string {
  return `--workers takes a whole number from 1 to 256, not "${value}"`;
}

function badQueue(value: string): string {
  return `--queue takes a whole number from 0 to 1000000, not "${value}"`;
}

function badLimit(name: string, value: string): string {
  return `--limit ${name}= takes a whole number from 1 to 9007199254740991, not "${value}"`;
}

const tls = ["--tls-cert=a", "--tls-key=b"];

const badCases: BadCase[] = [
  {
    args: ["--basic-auth-plain"],
    message: "--basic-auth-plain needs --basic-auth",
  },
  { args: ["--basic-auth="], message: "--basic-auth needs a value" },
  {
    args: ["--compress-sockets"],
    message: "--compress-sockets is for an app; name one with --app",
  },
  {
    args: ["--stream-body", "1"],
    message: "--stream-body is for an app; name one with --app",
  },
  ...[["-p", "80"], ["--host", "h"]].map((more) => ({
    args: ["--listen=81", ...more],
    message: "--listen says the whole address; leave out --host and --port",
  })),
  {
    args: ["--zip"],
    message: "--zip needs --list: it sends what a listing shows",
  },
  {
    args: ["--listen=unix:a", "--listen=systemd", "--reuse-port"],
    message: "--reuse-port needs a port to listen on",
  },
  {
    args: ["--listen=unix:a,mode=999"],
    message:
      '--listen takes HOST:PORT, a port or unix:PATH, not "unix:a,mode=999"',
  },
  ...["", "host", "h:", "h:65536", "h:-1", "unix:", "1.5"].map((address) => ({
    args: [`--admin=${address}`],
    message: `--admin takes HOST:PORT, a port or unix:PATH, not "${address}"`,
  })),
  ...["--tls-cert=a", "--tls-cert=a --tls-cert=b --tls-key=c"].map((args) => ({
    args: args.split(" "),
    message: "--tls-cert needs a --tls-key with it, in the same order",
  })),
  ...["--tls-key=a", "--tls-cert=a --tls-key=b --tls-key=c"].map((args) => ({
    args: args.split(" "),
    message: "--tls-key needs a --tls-cert with it, in the same order",
  })),
  {
    args: ["--tls-key=a"],
    env: { SKEIN_TLS_CERT: "a\nb" },
    message: "SKEIN_TLS_CERT needs a --tls-key with it, in the same order",
  },
  ...[
    "--tls-client-ca=a",
    "--tls-client-ca=",
    "--tls-client-optional",
    "--https-redirect=80",
    "--hsts",
  ].map((flag) => ({
    args: [flag],
    message: `${flag.split("=")[0]} needs --tls-cert and --tls-key`,
  })),
  {
    args: [],
    env: { SKEIN_HSTS: "1" },
    message: "SKEIN_HSTS needs --tls-cert and --tls-key",
  },
  {
    args: [...tls, "--tls-client-optional"],
    message: "--tls-client-optional needs --tls-client-ca",
  },
  ...[
    "--tls-cert= --tls-key=b",
    "--tls-cert=a --tls-key=b --tls-cert= --tls-key=d",
  ]
    .map((args) => ({
      args: args.split(" "),
      message: "--tls-cert needs a value",
    })),
  { args: ["--tls-cert=a", "--tls-key="], message: "--tls-key needs a value" },
  {
    args: [...tls, "--tls-client-ca="],
    message: "--tls-client-ca needs a value",
  },
  ...["", "host", "h:65536", "unix:", "https://a", "systemd"].map((
    address,
  ) => ({
    args: [...tls, `--https-redirect=${address}`],
    message:
      `--https-redirect takes HOST:PORT, a port or unix:PATH, not "${address}"`,
  })),
  {
    args: [...tls, "--hsts=1"],
    message: "Option '--hsts' does not take an argument",
  },
  ...["--tls-cert", "--tls-key", "--tls-client-ca", "--https-redirect"].map((
    flag,
  ) => ({
    args: [flag],
    message: `${flag} needs a value`,
  })),
  {
    args: ["--tls-crt=a"],
    message: "Unknown option '--tls-crt'; did you mean --tls-cert?",
  },
  { args: ["--forwarded"], message: "--forwarded needs --trust-proxy" },
  ...["", "all", "10.0.0.0/x", "a b", "example.com"].map((network) => ({
    args: [`--trust-proxy=${network}`],
    message:
      `--trust-proxy takes a network such as 10.0.0.0/8, or loopback, private or unix, not "${network}"`,
  })),
  {
    args: ["--drain-delay=x"],
    message: '--drain-delay takes seconds from 0.01 to 86400, not "x"',
  },
  {
    args: ["--access-log="],
    message: "--access-log needs a value",
  },
  { args: ["--log-format=json"], message: "--log-format needs --access-log" },
  { args: ["--log-queries"], message: "--log-queries needs --access-log" },
  ...["", "JSON", "common"].map((format) => ({
    args: ["--access-log=-", `--log-format=${format}`],
    message: `--log-format takes pretty, combined or json, not "${format}"`,
  })),
  {
    args: ["--isolation", "strict"],
    message: "--isolation is for an app; name one with --app",
  },
  ...["", "Strict", "none"].map((mode) => ({
    args: ["--app", "a.ts", `--isolation=${mode}`],
    message: `--isolation takes "standard" or "strict", not "${mode}"`,
  })),
  ...["0", "-1", "1.5", "8388609", "1G"].map((value): BadCase => ({
    args: ["--app", "app.ts", `--stream-body=${value}`],
    message:
      `--stream-body takes a whole number from 1 to 8388608, not "${value}"`,
  })),
  ...[
    "eighty",
    "NaN",
    "Infinity",
    "65536",
    "99999999999999999999",
    "80.5",
    "1e3",
    "0x50",
    "+80",
    " 80",
    "80 ",
    "80\n",
    "8_0",
    "٨٠",
    "",
  ].flatMap((value): BadCase[] => [
    { args: ["-p", value], message: badPort(value) },
    { args: [`--port=${value}`], message: badPort(value) },
    ...(value === "" ? [] : [{
      args: [],
      env: { PORT: value },
      message: badPort(value, "$PORT"),
    }]),
  ]),
  { args: ["--port=-1"], message: badPort("-1") },
  { args: ["-p-1"], message: badPort("-1") },
  { args: [], env: { PORT: "-1" }, message: badPort("-1", "$PORT") },
  // The last one counts, even where an earlier one was good.
  { args: ["-p", "1", "-p", "no"], message: badPort("no") },

  ...["0", "257", "-1", "two", "1.5", "NaN", ""].map((value) => ({
    args: [`--workers=${value}`],
    message: badWorkers(value),
  })),
  { args: ["-w", "all"], message: badWorkers("all") },
  ...["-1", "1000001", "many", ""].map((value) => ({
    args: [`--queue=${value}`],
    message: badQueue(value),
  })),
  ...["0", "-1", "1.5", "1e3", ""].map((value) => ({
    args: [`--max-requests=${value}`],
    message:
      `--max-requests takes a whole number from 1 to 9007199254740991, not "${value}"`,
  })),
  ...["0", "15", "1048577", "1G", ""].map((value) => ({
    args: [`--max-heap=${value}`],
    message:
      `--max-heap takes a whole number from 16 to 1048576, not "${value}"`,
  })),
  ...["-1", "257", "all", ""].map((value) => ({
    args: [`--lost-workers=${value}`],
    message:
      `--lost-workers takes a whole number from 0 to 256, not "${value}"`,
  })),
  ...["--timeout", "--drain", "--queue-timeout"].flatMap((flag) =>
    ["0", "0.009", "-1", "86401", "5s", "1e1", ".5", "5.", "NaN", ""].map(
      (value) => ({
        args: [`${flag}=${value}`],
        message: badSeconds(flag, value),
      }),
    )
  ),

  {
    args: ["--limit", "nope=1"],
    message: '--limit: there is no limit "nope"; --help limits prints them all',
  },
  ...([
    ["maxBodyByte", "maxBodyBytes"],
    ["maxconnections", "maxConnections or maxConnectionsPerAddress"],
    [
      "body",
      "bodyGraceMs, maxBodyBytes or maxBodyMemoryBytes",
    ],
    ["timeout", "headTimeoutMs, idleTimeoutMs or handshakeTimeoutMs"],
  ].map(([name, near]) => ({
    args: ["--limit", `${name}=1`],
    message: `--limit: there is no limit "${name}"; did you mean ${near}?`,
  }))),
  // Not a limit, though every object has it.
  {
    args: ["--limit", "toString=1"],
    message:
      '--limit: there is no limit "toString"; --help limits prints them all',
  },
  {
    args: ["--limit", "__proto__=1"],
    message:
      '--limit: there is no limit "__proto__"; --help limits prints them all',
  },
  {
    args: ["--limit="],
    message: '--limit: there is no limit ""; --help limits prints them all',
  },
  { args: ["--limit", "maxBatch"], message: badLimit("maxBatch", "") },
  { args: ["--limit", "maxBatch="], message: badLimit("maxBatch", "") },
  { args: ["--limit", "maxBatch=0"], message: badLimit("maxBatch", "0") },
  { args: ["--limit", "maxBatch=-1"], message: badLimit("maxBatch", "-1") },
  { args: ["--limit", "maxBatch=1=2"], message: badLimit("maxBatch", "1=2") },
  { args: ["--limit", "maxBatch=big"], message: badLimit("maxBatch", "big") },

  ...["a\r\nX: y", "a\nb", "tab\t", "Bücher"].map((value) => ({
    args: ["--server", value],
    message: "--server takes printable ASCII characters only",
  })),

  { args: ["--host="], message: "--host needs a value" },
  { args: ["--host", ""], message: "--host needs a value" },
  { args: ["--app="], message: "--app needs a value" },
  // What an unset variable leaves behind; the working directory was not meant.
  { args: [""], message: "ROOT needs a value" },
  { args: ["--", ""], message: "ROOT needs a value" },

  {
    args: ["one", "two"],
    message: 'Only one ROOT can be served, and "two" is a second one',
  },
  {
    args: ["one", "-q", "two", "three"],
    message: 'Only one ROOT can be served, and "two" is a second one',
  },
  {
    args: ["one", "--", "--two"],
    message: 'Only one ROOT can be served, and "--two" is a second one',
  },

  {
    args: ["--watch"],
    message: "--watch needs --app; changed files are served without it",
  },
  {
    args: ["app.ts", "--watch"],
    message: '"app.ts" is a module; to serve the app in it, write --app app.ts',
  },

  {
    args: ["--prot", "80"],
    message: "Unknown option '--prot'; did you mean --port?",
  },
  {
    args: ["--prot=80"],
    message: "Unknown option '--prot'; did you mean --port?",
  },
  {
    args: ["--redirect"],
    message: "Unknown option '--redirect'; did you mean --https-redirect?",
  },
  ...["", "sh", "Bash", "powershell"].map((shell) => ({
    args: [`--completions=${shell}`],
    message: `--completions takes bash, zsh or fish, not "${shell}"`,
  })),
  ...["-d", "--dir=www"].map((flag) => ({
    args: [flag],
    message: `Unknown option '${
      flag.replace("=www", "")
    }'; write the directory alone`,
  })),
  {
    args: ["-l", "3000"],
    message: "Unknown option '-l'; did you mean --port?",
  },
  { args: ["-v"], message: "Unknown option '-v'; did you mean -V?" },
  ...["-x", "-qx"].map((flag) => ({
    args: [flag],
    message: "Unknown option '-x'; --help prints all options",
  })),
  {
    args: ["--no-cache"],
    message: "Unknown option '--no-cache'; write --cache off instead",
  },
  {
    args: ["--no-quiet"],
    message: "Unknown option '--no-quiet'; leave --quiet out instead",
  },
  {
    args: ["--Port=1"],
    message: "Unknown option '--Port'; did you mean --port?",
  },
  // What Deno itself would take comes too late, after the module.
  ...[
    ...[
      "--allow-net",
      "--deny-read",
      "-A",
      "-R",
      "--unstable-kv",
      "--env-file",
    ],
    ...["--no-prompt", "--inspect", "--inspect-brk", "--config", "--reload"],
    ...["--no-check", "--unsafely-ignore-certificate-errors"],
  ].map(
    (option) => ({
      args: [option],
      message:
        `${option} is an option of Deno: it goes before the module, as in "deno run ${option} main.ts"; a task has no place for it`,
    }),
  ),

  {
    args: ["--quiet=1"],
    message: "Option '-q, --quiet' does not take an argument",
  },
  {
    args: ["--help=no"],
    message: "Option '-h, --help' does not take an argument",
  },
  ...([
    ["-p", "--port"],
    ["--port", "--port"],
    ["--host", "--host"],
    ["-w", "--workers"],
    ["--app", "--app"],
    ["--queue", "--queue"],
    ["--queue-timeout", "--queue-timeout"],
    ["--max-requests", "--max-requests"],
    ["--max-heap", "--max-heap"],
    ["--lost-workers", "--lost-workers"],
    ["--timeout", "--timeout"],
    ["--drain", "--drain"],
    ["--limit", "--limit"],
    ["--server", "--server"],
  ].map(([flag, name]) => ({
    args: [flag],
    message: `${name} needs a value`,
  }))),
  // `--port -1` and `--port --quiet` are the same to a parser.
  ...(["-p", "--port", "--host", "--limit"].flatMap((flag) =>
    ["-1", "--quiet"].map((next) => ({
      args: [flag, next],
      message: `${flag} needs a value before the next flag`,
    }))
  )),
];

for (const { args, env, message } of badCases) {
  Deno.test(`the command line refuses ${describeCase(args, env)}`, () => {
    assertEquals(
      assertThrows(() => parse(args, env), UsageError).message,
      message,
    );
  });
}
