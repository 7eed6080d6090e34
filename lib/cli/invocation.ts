/**
 * How and where Skein was started, and so what its arguments name: paths are those of
 * the directory in which the command was typed. Must not know what is there.
 *
 * @module
 */

import { fromFileUrl, join, resolve, toFileUrl } from "@std/path";
import type { ListenAddress } from "../server/listen.ts";
import { explainForeignApp, projectOf, quoted } from "./app_project.ts";
import type { AuthFlags } from "./auth_flags.ts";
import { environment } from "./environment.ts";
import { UsageError } from "./flags.ts";
import { startCommand } from "./start_command.ts";
import type { StartCommand } from "./startup_errors.ts";
import type { TlsFlags } from "./tls_flags.ts";

/** What a binary has in it, by its path from the main module. */
const embedded = "embedded:";

/** One start of the program. */
export class Invocation {
  readonly #main: Pick<ImportMeta, "url" | "filename" | "dirname">;
  readonly #args: readonly string[];
  /** Whether this is the source, which has a configuration of its own. */
  readonly #isCheckout: boolean;

  /** @param main what the main module knows of itself */
  constructor(
    main: Pick<ImportMeta, "url" | "filename" | "dirname">,
    args: readonly string[],
  ) {
    this.#main = main;
    this.#args = args;
    this.#isCheckout = main.url.endsWith("/main.ts");
  }

  /** The directory in which the command was typed. `deno task` changes into the
   * project's directory and leaves the other one in `INIT_CWD`. */
  get directory(): string {
    const cwd = Deno.cwd();
    const caller = cwd === this.#main.dirname ? environment("INIT_CWD") : cwd;
    return caller ?? cwd;
  }

  /** A path as the system takes it. */
  path(path: string): string {
    return resolve(this.directory, path);
  }

  /** An address with such a path. */
  address(address: ListenAddress): ListenAddress {
    return "path" in address
      ? { ...address, path: this.path(address.path) }
      : address;
  }

  /** The same for certificates and their keys. */
  tls(tls: TlsFlags): TlsFlags {
    const { pairs, clientCa, redirectFrom } = tls;
    return {
      ...tls,
      pairs: pairs.map(({ cert, key }) => ({
        cert: this.path(cert),
        key: this.path(key),
      })),
      clientCa: clientCa && this.path(clientCa),
      redirectFrom: redirectFrom && this.address(redirectFrom),
    };
  }

  /** And for passwords. */
  auth(auth: AuthFlags): AuthFlags {
    return { ...auth, file: this.path(auth.file) };
  }

  /** @param module a path or a URL */
  appUrl(module: string): string {
    if (Deno.build.standalone && module.startsWith(embedded)) {
      return new URL(module.slice(embedded.length), this.#main.url).href;
    }
    return /^[a-z][a-z0-9+.-]+:/i.test(module)
      ? module
      : toFileUrl(this.path(module)).href;
  }

  /** How Skein was started. */
  get command(): StartCommand {
    const { filename } = this.#main;
    if (Deno.build.standalone) return { kind: "binary" };
    if (!this.#isCheckout || filename === undefined) return { kind: "package" };
    const words = [filename, ...this.#args];
    return { kind: "checkout", text: words.map(quoted).join(" ") };
  }

  /** The command as it can be typed here, without options. */
  get commandText(): string {
    const { kind } = this.command;
    return startCommand({
      kind,
      path: kind === "binary" ? Deno.execPath() : fromFileUrl(this.#main.url),
      directory: this.directory,
      byNpx: environment("npm_command") === "exec",
    });
  }

  /**
   * A checkout has its own configuration, by which other projects are not run.
   *
   * @param version of the package that could be made
   * @throws {UsageError} where an app belongs to one
   */
  refuseForeign(app: string, version: string): void {
    const url = new URL(this.appUrl(app));
    const checkout = this.#main.dirname;
    if (
      Deno.build.standalone || !this.#isCheckout || url.protocol !== "file:"
    ) return;
    const path = fromFileUrl(url);
    const project = projectOf(path);
    if (project === null || project.directory === checkout) return;
    const dist = join(checkout!, "dist");
    const tarball = `skein-${version}.tgz`;
    throw new UsageError(explainForeignApp(path, project, dist, tarball));
  }
}

/** An app as messages call it: where it is within a binary tells nothing. */
export function nameOf(app: string): string {
  return app.startsWith(embedded) ? app.slice(app.lastIndexOf("/") + 1) : app;
}

/**
 * The sockets that systemd has passed (sd_listen_fds(3)).
 *
 * @throws {UsageError} where there are none
 */
export function passedSockets(): ListenAddress[] {
  const count = Number(environment("LISTEN_FDS") ?? 0);
  if (environment("LISTEN_PID") !== `${Deno.pid}` || !(count > 0)) {
    throw new UsageError(
      "--listen systemd: no sockets were passed to this process",
    );
  }
  return Array.from({ length: count }, (_, index) => ({ fd: 3 + index }));
}
