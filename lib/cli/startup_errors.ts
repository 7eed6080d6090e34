/**
 * What went wrong, in one sentence for whoever started the server, and what to do
 * about it. Must not know how it is told.
 *
 * @module
 */

import { BootError, inOneLine } from "../pool/boot_error.ts";

/** Why a directory cannot be served. */
export function explainRoot(error: unknown, name: string): string {
  if (error instanceof Deno.errors.NotFound) {
    return `There is no directory "${name}"; name one that exists`;
  }
  if (error instanceof Deno.errors.NotADirectory) {
    return `"${name}" is not a directory; name the directory that it is in`;
  }
  return `"${name}" cannot be read (${
    (error as Error).message
  }); name another directory`;
}

/** Why the server did not start at that address. */
export function explain(
  error: unknown,
  { hostname, port }: { hostname: string; port: number },
): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `Port ${port} is in use; end the other server or choose another port with --port`;
  }
  if (
    error instanceof Deno.errors.PermissionDenied && port > 0 && port < 1024
  ) {
    return `Port ${port} is for the superuser; choose one from 1024 up with --port`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable || isUnknownHost(error)) {
    return `${hostname} is no address of this machine; choose another with --host`;
  }
  const message = inOneLine((error as Error).message);
  return error instanceof BootError
    ? `${message}; mend it and start again`
    : `It cannot start: ${message}`;
}

/** A name that leads to no address; that has no error class of its own. */
function isUnknownHost(error: unknown): boolean {
  return error instanceof URIError ||
    /lookup address|no such host/i.test((error as Error).message);
}

/** Why new workers did not take the place of the old ones. */
export function explainReload(why: string, what: string): string {
  return `${what} cannot be reloaded, and the old workers go on: ${
    inOneLine(why)
  }`;
}
