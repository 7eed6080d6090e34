/**
 * Listens: on an address of this machine, or on a socket file. Must not know what
 * connections are for.
 *
 * @module
 */

import type { SecureChannel } from "../http/exchange.ts";
import type { Socket } from "./socket.ts";

/** A connection that was accepted. */
export interface AcceptedSocket extends Socket {
  readonly remoteAddr: Deno.Addr;
  /** Sends small pieces at once; only sockets of a network have that. */
  setNoDelay?(on: boolean): void;
  /**
   * Does the handshake without which there are no requests; only sockets of a listener
   * that asks for one have that.
   *
   * @param received what was read already
   * @returns `null` where it fails
   */
  secure?(received: Uint8Array): Promise<SecuredSocket | null>;
}

/** A connection behind its handshake. */
export interface SecuredSocket {
  readonly socket: Socket;
  readonly channel: SecureChannel;
}

/** What a server may listen on: a listener of Deno, or one that looks like it. */
export interface Listener {
  readonly addr: Deno.NetAddr | Deno.UnixAddr;
  /** Whether another process has made it, and goes on listening. */
  readonly isPassed?: boolean;
  accept(): Promise<AcceptedSocket>;
  close(): void;
}

/** Where to listen. */
export type ListenAddress =
  | { readonly hostname: string; readonly port: number }
  | {
    /** Of the socket file. */
    readonly path: string;
    /** Permissions of the socket file; by default the process's umask decides. */
    readonly mode?: number;
  }
  /** A socket that another process has passed on. */
  | { readonly fd: number };

/** Where to listen, as a listener is told. */
export type ListenTarget =
  | {
    readonly hostname: string;
    readonly port: number;
    /** Whether other processes may listen on that port too: the kernel gives each new
     * connection to one of them (SO_REUSEPORT of socket(7)). */
    readonly reusePort: boolean;
  }
  | { readonly path: string }
  | { readonly fd: number };

/** Opens a listener. */
export type OpenListener = (target: ListenTarget) => Promise<Listener>;

/** Opens one of Deno's, or one that looks like it. */
export const openListener: OpenListener = async (target) => {
  if ("port" in target) return Deno.listen(target);
  if ("path" in target) return Deno.listen({ transport: "unix", ...target });
  // Its module of the runtime takes a while to load.
  const { NodeListener } = await import("./node_listener.ts");
  return await NodeListener.open(target);
};

/**
 * Begins to listen.
 *
 * @param reusePort whether other processes may listen on that port too
 * @param open how
 * @throws {Deno.errors.AddrInUse} and the like
 */
export async function listen(
  address: ListenAddress,
  reusePort = false,
  open: OpenListener = openListener,
): Promise<Listener> {
  if ("fd" in address) return await open(address);
  if (!("path" in address)) return await open({ ...address, reusePort });
  const { path, mode } = address;
  const listener = await listenUnix(path, open);
  try {
    if (mode !== undefined) Deno.chmodSync(path, mode);
    return listener;
  } catch (error) {
    stopListening(listener);
    throw error;
  }
}

/** Stops, and removes the socket file that it has made. */
export function stopListening(listener: Listener): void {
  const { addr } = listener;
  listener.close();
  if (!("path" in addr) || listener.isPassed) return;
  try {
    Deno.removeSync(addr.path);
  } catch {
    // It was removed already, or may not be.
  }
}

/** A socket file that a server has left behind is replaced; a living one is an error. */
async function listenUnix(path: string, open: OpenListener): Promise<Listener> {
  try {
    return await open({ path });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    if (await isAlive(path)) throw error;
    await Deno.remove(path);
    return await open({ path });
  }
}

/** Whether somebody accepts there. What is no socket is not to be removed either: it
 * refuses connections just as one that was left behind. */
async function isAlive(path: string): Promise<boolean> {
  if (!(await Deno.lstat(path)).isSocket) return true;
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.ConnectionRefused);
  }
}
