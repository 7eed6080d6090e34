/**
 * Command lines and what they come to by default.
 */

import {
  type Asked,
  type CommandLine,
  readCommandLine,
  readFlags,
  readSettings,
} from "../../lib/cli/command_line.ts";
import type { SettingsFile } from "../../lib/cli/settings.ts";
import { defaultStaticOptions } from "../../lib/files/static_options.ts";

/** Variables. */
export type Environment = Readonly<Record<string, string>>;

/** What they ask for, in that environment and beside that file. */
export type Parsed =
  | { readonly kind: "run"; readonly options: CommandLine }
  | { readonly kind: Exclude<Asked["kind"], "run"> };

/** Parses them in that environment. */
export function parse(
  args: string[],
  env: Environment = {},
  file: SettingsFile | null = null,
): Parsed {
  const asked = readFlags(args);
  if (asked.kind !== "run") return { kind: asked.kind };
  const environment = {
    get: (name: string) => env[name],
    names: () => Object.keys(env),
  };
  const settings = readSettings(asked.given, environment, file);
  return { kind: "run", options: readCommandLine(settings) };
}

/** What is chosen where nothing is. */
export const defaults: CommandLine = {
  root: null,
  site: defaultStaticOptions,
  list: null,
  app: null,
  isolation: "standard",
  watch: false,
  hostname: "127.0.0.1",
  port: 7878,
  reusePort: false,
  listen: [],
  tls: null,
  basicAuth: null,
  workers: undefined,
  maxStreamedBodyBytes: null,
  compressSockets: false,
  drainMs: 25_000,
  trustProxy: [],
  forwardedFields: "x-forwarded",
  proxyProtocol: false,
  drainDelayMs: 0,
  admin: null,
  accessLog: null,
  quiet: false,
  open: false,
  limits: {},
  serverName: "Skein",
};

/** As they would be typed. */
export function describeCase(args: string[], env: Environment = {}): string {
  const variables = Object.entries(env).map(([name, value]) =>
    `${name}=${JSON.stringify(value)} `
  );
  return `${variables.join("")}${JSON.stringify(args)}`;
}
