import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type CommandLine,
  parseCommandLine,
  usage,
  UsageError,
} from "../lib/command_line.ts";
import { limitFlags } from "../lib/limit_flags.ts";
import { defaultLimits } from "../lib/limits.ts";
import { siteFlags } from "../lib/site_flags.ts";
import { defaultSiteOptions } from "../lib/site_options.ts";

type Environment = Readonly<Record<string, string>>;

function parse(args: string[], env: Environment = {}) {
  return parseCommandLine(args, (name) => env[name]);
}

const defaults: CommandLine = {
  root: null,
  site: defaultSiteOptions,
  app: null,
  watch: false,
  hostname: "127.0.0.1",
  port: 7878,
  workers: undefined,
  maxStreamedBodyBytes: null,
  drainMs: 25_000,
  quiet: false,
  limits: {},
  serverName: "Skein",
};

interface GoodCase {
  readonly args: string[];
  readonly env?: Environment;
  /** What is not as by default. */
  readonly want: Partial<CommandLine>;
}

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
  Deno.test(`parseCommandLine() reads ${describeCase(args, env)}`, () => {
    assertEquals(parse(args, env), {
      kind: "run",
      options: { ...defaults, ...want },
    });
  });
}

interface BadCase {
  readonly args: string[];
  readonly env?: Environment;
  /** The whole message. */
  readonly message: string;
}

function badPort(value: string, name = "--port"): string {
  return `${name} takes a whole number from 0 to 65535, and "${value}" is none`;
}

function badSeconds(flag: string, value: string): string {
  return `${flag} takes seconds from 0.01 to 86400, and "${value}" is none`;
}

function badWorkers(value: string): string {
  return `--workers takes a whole number from 1 to 256, and "${value}" is none`;
}

function badQueue(value: string): string {
  return `--queue takes a whole number from 0 to 1000000, and "${value}" is none`;
}

function badLimit(name: string, value: string): string {
  return `--limit ${name}= takes a whole number from 1 to 9007199254740991, and "${value}" is none`;
}

const badCases: BadCase[] = [
  {
    args: ["--stream-body", "1"],
    message: "--stream-body is for an app; name one with --app",
  },
  ...["0", "-1", "1.5", "8388609", "1G"].map((value): BadCase => ({
    args: ["--app", "app.ts", `--stream-body=${value}`],
    message:
      `--stream-body takes a whole number from 1 to 8388608, and "${value}" is none`,
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
      `--max-requests takes a whole number from 1 to 9007199254740991, and "${value}" is none`,
  })),
  ...["0", "15", "1048577", "1G", ""].map((value) => ({
    args: [`--max-heap=${value}`],
    message:
      `--max-heap takes a whole number from 16 to 1048576, and "${value}" is none`,
  })),
  ...["-1", "257", "all", ""].map((value) => ({
    args: [`--lost-workers=${value}`],
    message:
      `--lost-workers takes a whole number from 0 to 256, and "${value}" is none`,
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
    message: '--limit knows no "nope"; the README lists all names',
  },
  // Not a limit, though every object has it.
  {
    args: ["--limit", "toString=1"],
    message: '--limit knows no "toString"; the README lists all names',
  },
  {
    args: ["--limit", "__proto__=1"],
    message: '--limit knows no "__proto__"; the README lists all names',
  },
  {
    args: ["--limit="],
    message: '--limit knows no ""; the README lists all names',
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
    message: "--watch needs an --app; files are always read anew",
  },

  { args: ["--prot", "80"], message: "Unknown option '--prot'" },
  { args: ["--prot=80"], message: "Unknown option '--prot'" },
  { args: ["-x"], message: "Unknown option '-x'" },
  { args: ["-qx"], message: "Unknown option '-x'" },
  { args: ["--no-quiet"], message: "Unknown option '--no-quiet'" },
  { args: ["--Port=1"], message: "Unknown option '--Port'" },
  // What Deno itself would take comes too late, after the module.
  { args: ["--allow-net"], message: "Unknown option '--allow-net'" },
  { args: ["-A"], message: "Unknown option '-A'" },

  {
    args: ["--quiet=1"],
    message: "Option '-q, --quiet' does not take an argument",
  },
  {
    args: ["--help=no"],
    message: "Option '-h, --help' does not take an argument",
  },
  ...([
    ["-p", "-p, --port"],
    ["--port", "-p, --port"],
    ["--host", "--host"],
    ["-w", "-w, --workers"],
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
    message: `Option '${name} <value>' argument missing`,
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
  Deno.test(`parseCommandLine() refuses ${describeCase(args, env)}`, () => {
    assertEquals(
      assertThrows(() => parse(args, env), UsageError).message,
      message,
    );
  });
}

Deno.test("parseCommandLine() tells a question from an order to run", () => {
  for (const args of [["-h"], ["--help"], ["site", "--help"], ["-qh"]]) {
    assertEquals(parse(args), { kind: "help" });
  }
  for (const args of [["-V"], ["--version"], ["-p", "1", "--version"]]) {
    assertEquals(parse(args), { kind: "version" });
  }
});

Deno.test("parseCommandLine() helps whatever else is wrong, but for the flags", () => {
  assertEquals(parse(["-h", "-p", "no", "one", "two"]), { kind: "help" });
  assertEquals(parse(["-V", "-p", "no"]), { kind: "version" });
  assertEquals(parse(["-V", "-h"]), { kind: "help" });
  assertThrows(() => parse(["-h", "--nope"]), UsageError);
});

Deno.test("parseCommandLine() looks at no variables but PORT and HOST", () => {
  const asked = new Set<string>();
  parseCommandLine([], (name) => {
    asked.add(name);
    return undefined;
  });
  assertEquals([...asked].sort(), ["HOST", "PORT"]);
});

Deno.test("parseCommandLine() takes every limit there is", () => {
  for (const name of Object.keys(defaultLimits)) {
    const parsed = parse(["--limit", `${name}=7`]);
    assert(parsed.kind === "run");
    assertEquals(parsed.options.limits, { [name]: 7 });
  }
});

/** Every flag, and the letter of those that have one. */
const flags: Record<
  string,
  { readonly type?: string; readonly short?: string }
> = {
  ...siteFlags,
  ...limitFlags,
  port: { short: "p" },
  host: {},
  workers: { short: "w" },
  app: {},
  "stream-body": {},
  watch: {},
  drain: {},
  server: {},
  quiet: { short: "q" },
  help: { short: "h" },
  version: { short: "V" },
};

Deno.test("the help tells every flag with its letter, and none that is not known", () => {
  const told = usage.matchAll(/^ {2}(?:-(\w), | {4})--([\w-]+)/gm)
    .map(([, short, name]) => [name, short]);
  assertEquals(
    Object.fromEntries(told),
    Object.fromEntries(
      Object.entries(flags).map(([name, { short }]) => [name, short]),
    ),
  );
  for (const [name, { short = name }] of Object.entries(flags)) {
    const dashes = short === name ? "--" : "-";
    for (const flag of [`--${name}`, `${dashes}${short}`]) {
      assertFalse(/^Unknown/.test(complaint([flag])), flag);
    }
  }
});

/** What is wrong with it, if anything is. */
function complaint(args: string[]): string {
  try {
    parse(args);
    return "";
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

Deno.test("the help tells the defaults, and fits a terminal", () => {
  for (
    const value of [
      `$PORT, ${defaults.port}`,
      `$HOST, ${defaults.hostname}`,
      defaults.drainMs / 1000,
      defaultSiteOptions.cacheSeconds,
      defaultLimits.maxQueue,
      defaultLimits.queueTimeoutMs / 1000,
      defaultLimits.handlerTimeoutMs / 1000,
      defaultLimits.maxJobsPerWorker,
      defaultLimits.maxWorkerHeapBytes / 1024 / 1024,
      defaultLimits.maxLostWorkers,
      defaults.serverName,
    ]
  ) assertStringIncludes(usage, `[${value}]`);
  for (const line of usage.split("\n")) assert(line.length <= 80, line);
});

function describeCase(args: string[], env: Environment = {}): string {
  const variables = Object.entries(env).map(([name, value]) =>
    `${name}=${JSON.stringify(value)} `
  );
  return `${variables.join("")}${JSON.stringify(args)}`;
}
