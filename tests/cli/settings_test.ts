/**
 * Options from flags, variables and files: which one holds, and what is refused.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/command_line.ts";
import { describeSettings } from "../../lib/cli/settings_text.ts";
import { readFlags, readSettings } from "../../lib/cli/command_line.ts";
import { nearest } from "../../lib/cli/nearest.ts";
import { type Environment, parse } from "../support/command_lines.ts";

interface Layers {
  readonly args?: string[];
  readonly env?: Environment;
  readonly file?: unknown;
}

function optionsOf({ args = [], env = {}, file }: Layers) {
  const settings = file === undefined
    ? null
    : { name: "skein.json", content: file };
  const parsed = parse(args, env, settings);
  assert(parsed.kind === "run");
  return parsed.options;
}

const places: Layers[] = [
  { args: ["--max-heap", "64"] },
  { env: { SKEIN_MAX_HEAP: "64" } },
  { file: { "max-heap": 64 } },
  { file: { "max-heap": "64" } },
];

for (const place of places) {
  Deno.test(`an option may stand in ${JSON.stringify(place)}`, () => {
    assertEquals(optionsOf(place).limits, {
      maxWorkerHeapBytes: 64 * 1024 * 1024,
    });
  });
}

const order: { readonly layers: Layers; readonly port: number }[] = [
  {
    layers: {
      args: ["-p", "1"],
      env: { SKEIN_PORT: "2", PORT: "3" },
      file: { port: 4 },
    },
    port: 1,
  },
  {
    layers: { env: { SKEIN_PORT: "2", PORT: "3" }, file: { port: 4 } },
    port: 2,
  },
  { layers: { env: { PORT: "3" }, file: { port: 4 } }, port: 3 },
  { layers: { env: { PORT: "", SKEIN_PORT: "" }, file: { port: 4 } }, port: 4 },
  { layers: { file: { port: "4" } }, port: 4 },
];

for (const { layers, port } of order) {
  Deno.test(`of several places the first decides: ${JSON.stringify(layers)}`, () => {
    assertEquals(optionsOf(layers).port, port);
  });
}

Deno.test("every kind of option may stand in a variable and in a file", () => {
  const wanted = (layers: Layers) => {
    const { root, app, watch, site, listen, quiet } = optionsOf(layers);
    assertEquals([root, app, watch, quiet], ["www", "app.ts", true, false]);
    assertEquals(site.headers, [["X-A", "1"], ["X-B", "2, 3"]]);
    assertEquals(listen, [{ hostname: "127.0.0.1", port: 81 }]);
  };
  wanted({
    env: {
      SKEIN_ROOT: "www",
      SKEIN_APP: "app.ts",
      SKEIN_WATCH: "1",
      SKEIN_QUIET: "false",
      SKEIN_HEADER: "X-A: 1\nX-B: 2, 3\n",
      SKEIN_LISTEN: "81",
    },
  });
  wanted({
    file: {
      root: "www",
      app: "app.ts",
      watch: true,
      quiet: false,
      header: ["X-A: 1", "X-B: 2, 3"],
      listen: 81,
    },
  });
});

const tlsPlaces: Layers[] = [
  {
    env: {
      SKEIN_TLS_CERT: "a\nc",
      SKEIN_TLS_KEY: "b\nd",
      SKEIN_TLS_CLIENT_CA: "ca",
      SKEIN_TLS_CLIENT_OPTIONAL: "1",
      SKEIN_HTTPS_REDIRECT: "80",
      SKEIN_HSTS: "true",
    },
  },
  {
    file: {
      "tls-cert": ["a", "c"],
      "tls-key": ["b", "d"],
      "tls-client-ca": "ca",
      "tls-client-optional": true,
      "https-redirect": 80,
      hsts: true,
    },
  },
  {
    args: ["--tls-cert=a", "--tls-cert=c"],
    env: { SKEIN_TLS_KEY: "b\nd", SKEIN_HSTS: "1", SKEIN_TLS_CLIENT_CA: "ca" },
    file: {
      "https-redirect": "80",
      "tls-client-optional": true,
      "tls-key": "x",
    },
  },
];

for (const place of tlsPlaces) {
  Deno.test(`TLS may be asked for in ${JSON.stringify(place)}`, () => {
    assertEquals(optionsOf(place).tls, {
      pairs: [{ cert: "a", key: "b" }, { cert: "c", key: "d" }],
      clientCa: "ca",
      clientOptional: true,
      redirectFrom: { hostname: "127.0.0.1", port: 80 },
      hsts: true,
    });
  });
}

Deno.test("what Kubernetes says of a service that is called skein is no option", () => {
  const env = {
    SKEIN_SERVICE_HOST: "10.0.0.1",
    SKEIN_SERVICE_PORT: "80",
    SKEIN_SERVICE_PORT_HTTP: "80",
    SKEIN_PORT: "tcp://10.0.0.1:80",
    SKEIN_PORT_80_TCP: "tcp://10.0.0.1:80",
    SKEIN_PORT_80_TCP_PROTO: "tcp",
    SKEIN_PORT_80_TCP_PORT: "80",
    SKEIN_PORT_80_TCP_ADDR: "10.0.0.1",
  };
  assertEquals(optionsOf({ env }).port, 7878);
});

Deno.test("where to listen is said once: the higher place decides", () => {
  const listen = [{ hostname: "127.0.0.1", port: 81 }];
  assertEquals(optionsOf({ file: { listen: "81" } }).listen, listen);
  assertEquals(
    optionsOf({ args: ["-p", "1"], file: { listen: "81" } }).listen,
    [],
  );
  const { port, listen: given } = optionsOf({
    args: ["--listen", "81"],
    env: { PORT: "2" },
    file: { port: 3 },
  });
  assertEquals([port, given], [7878, listen]);
});

const mistakes: { readonly layers: Layers; readonly message: string }[] = [
  {
    layers: { env: { SKEIN_WORKERS: "x" } },
    message: 'SKEIN_WORKERS takes a whole number from 1 to 256, not "x"',
  },
  {
    layers: { env: { SKEIN_WORKER: "3" } },
    message: "There is no variable SKEIN_WORKER; did you mean SKEIN_WORKERS?",
  },
  {
    layers: { env: { SKEIN_SPA: "yes" } },
    message: 'SKEIN_SPA takes true or false, not "yes"',
  },
  {
    layers: { env: { SKEIN_HELP: "1" } },
    message: "There is no variable SKEIN_HELP",
  },
  {
    layers: { file: { workers: 0 } },
    message:
      'skein.json: "workers" takes a whole number from 1 to 256, not "0"',
  },
  {
    layers: { file: { worker: 3 } },
    message: 'skein.json: there is no option "worker"; did you mean workers?',
  },
  {
    layers: { file: { workers: true } },
    message: 'skein.json: "workers" takes a string or a number, not true',
  },
  {
    layers: { file: { spa: "true" } },
    message: 'skein.json: "spa" takes true or false, not "true"',
  },
  {
    layers: { file: { header: [{}] } },
    message: 'skein.json: "header" takes a list of strings, not [{}]',
  },
  {
    layers: { file: { help: true } },
    message: 'skein.json: there is no option "help"',
  },
  ...[null, [], "text", 3].map((file) => ({
    layers: { file },
    message: "skein.json takes an object of options",
  })),
  {
    layers: { file: { root: "" } },
    message: 'skein.json: "root" needs a value',
  },
  // Of a place that does not decide, the names and kinds are looked at all the same.
  {
    layers: { args: ["-w", "1"], file: { worker: 2 } },
    message: 'skein.json: there is no option "worker"; did you mean workers?',
  },
];

for (const { layers, message } of mistakes) {
  Deno.test(`options are refused: ${JSON.stringify(layers)}`, () => {
    const error = assertThrows(() => optionsOf(layers), UsageError);
    assertEquals(error.message, message);
  });
}

Deno.test("what holds is shown with its place, defaults as the help has them", () => {
  const asked = readFlags(["--print-config", "-p", "1", "www"]);
  assert(asked.kind === "print-config");
  const env: Environment = { SKEIN_TIMEOUT: "2" };
  const text = describeSettings(
    readSettings(
      asked.given,
      { get: (name) => env[name], names: () => Object.keys(env) },
      { name: "skein.json", content: { spa: true } },
    ),
  );
  const rows = text.split("\n").map((line) => line.split(/ {2,}/));
  const row = (name: string) => rows.find(([first]) => first === name);
  assertEquals(row("root"), ["root", '"www"', "ROOT"]);
  assertEquals(row("port"), ["port", '"1"', "--port"]);
  assertEquals(row("timeout"), ["timeout", '"2"', "SKEIN_TIMEOUT"]);
  assertEquals(row("spa"), ["spa", "true", 'skein.json: "spa"']);
  assertEquals(row("host"), ["host", "127.0.0.1", "default"]);
  assertEquals(row("max-heap"), ["max-heap", "512", "default"]);
  assertEquals(row("app"), ["app", "not set", "default"]);
});

const names = ["port", "host", "workers", "watch", "app", "max-heap"];
const guesses: [string, string | null][] = [
  ["prot", "port"],
  ["ports", "port"],
  ["work", "workers"],
  ["maxheap", "max-heap"],
  ["ap", "app"],
  ["tls-key", null],
  ["xyz", null],
];
for (const [wrong, name] of guesses) {
  Deno.test(`the name nearest to ${wrong} is ${name}`, () => {
    assertEquals(nearest(wrong, names), name);
  });
}
