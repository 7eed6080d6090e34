/**
 * Errors as sentences for the operator: what is wrong and what to do about it. Must
 * not know how the sentences are printed.
 *
 * @module
 */

import { basename, dirname } from "@std/path";
import { BootError, plain } from "../pool/boot_error.ts";
import { UsageError } from "./flags.ts";
import { hint } from "./nearest.ts";
import { notANetwork } from "./operate_flags.ts";

/** Why Skein does not start, for who has started it. The message is a sentence. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}

/**
 * Why a directory cannot be served.
 *
 * @param name as it was given
 * @param path where that is
 */
export function explainRoot(
  error: unknown,
  name: string,
  path: string = name,
): string {
  if (error instanceof Deno.errors.NotFound && isModule(name)) {
    return `There is no "${name}"${
      besides(path, isModule, `--app ${folderOf(name)}`) ||
      "; name a directory that exists, or an app with --app"
    }`;
  }
  if (error instanceof Deno.errors.NotFound) {
    return `There is no directory "${name}"${
      besides(path, null, folderOf(name)) ||
      "; name one that exists"
    }`;
  }
  if (error instanceof Deno.errors.NotADirectory && isModule(name)) {
    return `"${name}" is a module; to serve the app in it, write --app ${name}`;
  }
  if (error instanceof Deno.errors.NotADirectory) {
    return `"${name}" is not a directory; name the directory that it is in`;
  }
  if (isOfTheSystem(error)) {
    return `"${name}" belongs to the system and is not served; name another directory`;
  }
  return `"${name}" cannot be read (${
    (error as Error).message
  }); name another directory`;
}

/** All but the last part, as it was written. */
function folderOf(name: string): string {
  return /^.*\/(?=[^/])/.exec(name)?.[0] ?? "";
}

/** What lies where a missing file or directory would lie, and has almost its name. */
function besides(
  path: string,
  isMeant: ((name: string) => boolean) | null,
  prefix: string,
): string {
  try {
    const names = Array.from(Deno.readDirSync(dirname(path)))
      .filter(({ name, isDirectory }) => isMeant?.(name) ?? isDirectory)
      .map(({ name }) => name);
    return hint(basename(path), names, { prefix });
  } catch {
    return "";
  }
}

function isModule(name: string): boolean {
  return /\.(?:[cm]?[jt]s|[jt]sx)$/.test(name);
}

/** Why an access log cannot be written. */
export function explainAccessLog(error: unknown, name: string): string {
  return `The access log "${name}" cannot be opened (${
    (error as Error).message
  }); name another file with --access-log`;
}

/** Why the people on call cannot ask. */
export function explainAdmin(error: unknown): string {
  return error instanceof Deno.errors.AddrInUse
    ? "The address of --admin is in use; choose another"
    : `The address of --admin cannot be listened on (${
      (error as Error).message
    }); choose another`;
}

/** Deno guards /proc, /dev and /sys: they give power over the process. */
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable &&
    error.message.startsWith("Requires all access");
}

/** How Skein was started. */
export type StartCommand =
  | { readonly kind: "binary" }
  /** With options that are not known. */
  | { readonly kind: "package" }
  /** By its own configuration: what stands behind `deno run` is all that counts. */
  | { readonly kind: "checkout"; readonly text: string };

/** With which code the program ends, and what it says. */
export type Failure = readonly [code: 1 | 2, sentence: string];

/** What ends a start: 2 where the command line is wrong. */
export function failureOf(
  error: Error,
  place: Parameters<typeof explain>[1] & {
    readonly trustProxy: readonly string[];
  },
): Failure {
  const { message, name } = error;
  if (error instanceof RangeError && place.trustProxy.includes(message)) {
    return [2, notANetwork(message)];
  }
  return error instanceof UsageError || name === "PlainAuthError"
    ? [2, message]
    : [1, explain(error, place)];
}

/** Whether a change of the app may help: it is there, and does not load. */
export function isMendable(error: unknown): boolean {
  return error instanceof BootError && !/^There is no /.test(error.message);
}

/** Why the server did not start at that address. */
export function explain(
  error: unknown,
  { hostname, port, listen = [], command = { kind: "package" } }: {
    hostname: string;
    port: number;
    listen?: readonly unknown[];
    command?: StartCommand;
  },
): string {
  const message = plain((error as Error).message);
  if (error instanceof BootError) {
    return message + missingModuleHint(message) +
      permissionHint(message, command);
  }
  if (
    /^(?:Startup|KeyPair|Redirect|PasswordFile)Error$/.test(
      (error as Error).name,
    )
  ) {
    return message;
  }
  if (error instanceof Deno.errors.AddrInUse && listen.length > 0) {
    return "An address of --listen is in use; end the other server or choose another";
  }
  if (error instanceof Deno.errors.AddrInUse) {
    const other = port < 65535 ? port + 1 : port - 1;
    return `Port ${port} is in use; end the other server, or choose another port: --port ${other}`;
  }
  if (
    error instanceof Deno.errors.PermissionDenied && port > 0 && port < 1024
  ) {
    return `Port ${port} needs root privileges; choose one from 1024 up with --port`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable || isUnknownHost(error)) {
    return `${hostname} is not an address of this machine; choose another with --host`;
  }
  return `Skein cannot start: ${message}`;
}

function missingModuleHint(message: string): string {
  const [, path] = /^There is no module (\/.*)$/.exec(message) ?? [];
  if (path === undefined) return "";
  return besides(path, isModule, "") || "; name one that exists";
}

/** Deno names the permission that an app lacks, but not where to put it. */
export function permissionHint(message: string, command: StartCommand): string {
  const [, flag] = /, run again with the (--allow-[a-z]+) flag/.exec(message) ??
    [];
  if (flag === undefined) return "";
  return `\n${permissionAdvice(flag, command)}`;
}

function permissionAdvice(flag: string, command: StartCommand): string {
  switch (command.kind) {
    case "binary":
      return `The binary was compiled without ${flag}`;
    case "checkout":
      return `To allow everything: deno run -A ${command.text}`;
    case "package":
      return `Add ${flag} to the command that starts Skein, right behind "deno run"`;
  }
}

/** A failed name lookup has no error class of its own. */
function isUnknownHost(error: unknown): boolean {
  return error instanceof URIError ||
    /lookup address|no such host/i.test((error as Error).message);
}

/** Why the old workers were not replaced. */
export function explainReload(why: string, what: string): string {
  return `${what} cannot be reloaded, and the old workers go on: ${plain(why)}`;
}
