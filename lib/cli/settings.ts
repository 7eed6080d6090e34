/**
 * The options of a server from all places that may name them: flags, variables, a file.
 * The first of these places that names an option decides. Pure: must not know `Deno`,
 * nor what an option means.
 *
 * @module
 */

import type { ParseArgsConfig } from "node:util";
import { UsageError } from "./flags.ts";
import { hint } from "./nearest.ts";

/** What `parseArgs` makes of a flag. */
export type FlagValue = string | boolean | readonly string[] | undefined;

/** Options by the names of their flags; `root` for ROOT. */
export type FlagValues = Record<string, FlagValue>;

/** Flags as `parseArgs` takes them. */
export type Flags = NonNullable<ParseArgsConfig["options"]>;

/** The variables of the process. */
export interface Environment {
  /** The value of a variable; `undefined` where it is not set, or may not be read. */
  get(name: string): string | undefined;
  /** The names of all variables, as far as they may be read. */
  names(): Iterable<string>;
}

/** A file with options. */
export interface SettingsFile {
  /** How messages call it. */
  readonly name: string;
  /** What is in it: an object, where nothing is wrong. */
  readonly content: unknown;
}

/** The options that hold, and which place each is from. */
export interface Settings {
  readonly values: FlagValues;
  /** Such as `SKEIN_PORT`; none for those of the command line. */
  readonly origins: ReadonlyMap<string, string>;
}

const prefix = "SKEIN_";

/**
 * Puts them together.
 *
 * @param given by flags
 * @param flags all that there are
 * @throws {UsageError} where a place names an option that there is not, or gives it a
 * value of another kind
 */
export function mergeSettings(
  given: FlagValues,
  flags: Flags,
  environment: Environment,
  file: SettingsFile | null,
): Settings {
  const settings = {
    values: { ...given },
    origins: new Map<string, string>(),
  };
  add(settings, fromVariables(environment, flags));
  add(settings, fromPlatform(environment));
  if (file !== null) add(settings, fromFile(file, flags));
  return settings;
}

interface Named {
  readonly option: string;
  readonly value: FlagValue;
  readonly origin: string;
}

// Each says the same as the other: where one was named, a lower place does not count.
const rivals: Readonly<Record<string, readonly string[]>> = {
  listen: ["port", "host"],
  port: ["listen"],
  host: ["listen"],
};

function add(
  { values, origins }: Settings & { origins: Map<string, string> },
  named: readonly Named[],
): void {
  const before = new Set(
    Object.keys(values).filter((name) => values[name] !== undefined),
  );
  for (const { option, value, origin } of named) {
    if (before.has(option)) continue;
    if (rivals[option]?.some((rival) => before.has(rival))) continue;
    values[option] = value;
    origins.set(option, origin);
  }
}

function fromVariables(environment: Environment, flags: Flags): Named[] {
  const named: Named[] = [];
  for (const [option, { type, multiple }] of Object.entries(flags)) {
    const origin = variableOf(option);
    const text = environment.get(origin);
    if (text === undefined || text === "" || isOfAService(origin, text)) {
      continue;
    }
    const value = type === "boolean"
      ? asBoolean(text, origin)
      : multiple
      ? text.split("\n").filter((line) => line !== "")
      : text;
    named.push({ option, value, origin });
  }
  const known = Object.keys(flags).map(variableOf);
  for (const name of environment.names()) {
    if (!name.startsWith(prefix) || known.includes(name)) continue;
    if (isOfAService(name, "")) continue;
    throw new UsageError(
      `There is no variable ${name}${
        hint(
          name.slice(prefix.length),
          known.map((variable) => variable.slice(prefix.length)),
          { prefix },
        )
      }`,
    );
  }
  return named;
}

/** Platforms that run servers say where they should listen. */
function fromPlatform(environment: Environment): Named[] {
  return ["port", "host"].flatMap((option) => {
    const name = option.toUpperCase();
    const value = environment.get(name);
    return value ? [{ option, value, origin: `$${name}` }] : [];
  });
}

/** Kubernetes tells every container of a service that is called `skein` (service
 * environment variables): `SKEIN_SERVICE_HOST`, `SKEIN_PORT=tcp://10.0.0.1:80` and
 * others. */
function isOfAService(name: string, value: string): boolean {
  return /^SKEIN_(?:SERVICE_(?:HOST|PORT)|PORT_[0-9])/.test(name) ||
    /^(?:tcp|udp|sctp):\/\//.test(value);
}

/** The variable that stands for an option. */
function variableOf(option: string): string {
  return prefix + option.toUpperCase().replaceAll("-", "_");
}

function asBoolean(text: string, origin: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new UsageError(`${origin} takes true or false, not "${text}"`);
}

function fromFile({ name, content }: SettingsFile, flags: Flags): Named[] {
  if (
    typeof content !== "object" || content === null || Array.isArray(content)
  ) {
    throw new UsageError(`${name} takes an object of options`);
  }
  return Object.entries(content).map(([option, value]) => {
    const flag = flags[option];
    if (flag === undefined) {
      throw new UsageError(
        `${name}: there is no option "${option}"${
          hint(option, Object.keys(flags))
        }`,
      );
    }
    const read = flag.type === "boolean"
      ? typeof value === "boolean" ? value : undefined
      : flag.multiple
      ? asStrings(value)
      : asString(value);
    if (read === undefined) {
      const wants = flag.type === "boolean"
        ? "true or false"
        : flag.multiple
        ? "a list of strings"
        : "a string or a number";
      throw new UsageError(
        `${name}: "${option}" takes ${wants}, not ${JSON.stringify(value)}`,
      );
    }
    return { option, value: read, origin: `${name}: "${option}"` };
  });
}

function asString(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number"
    ? `${value}`
    : undefined;
}

function asStrings(value: unknown): string[] | undefined {
  const list = Array.isArray(value) ? value : [value];
  const strings = list.map(asString);
  return strings.every((each) => each !== undefined) ? strings : undefined;
}
