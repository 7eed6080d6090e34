/**
 * What a connection needs of a socket, and the errors of a socket that was closed. Must
 * not know HTTP.
 *
 * @module
 */

import type { SecureChannel } from "../http/exchange.ts";

/** A `Deno.Conn`, or a socket of a test. */
export interface Socket {
  /** Reads at least one byte; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes at least one byte. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the output; the input goes on. */
  closeWrite(): Promise<void>;
  /**
   * Ends both directions; pending reads and writes reject.
   *
   * @param complete whether the client has all that was for it, and is told so where
   * there is a way
   */
  close(complete?: boolean): void;
}

/** Who is at the other end of a connection. */
export interface Client {
  /** Belongs to the connection alone. */
  readonly socket: Socket;
  /** An IP address, a space, a port. */
  readonly peer: string;
  /** What the handshake has found out; `null` where there was none. */
  readonly channel: SecureChannel | null;
}

// All sockets share it, because its bytes are never used. One buffer for each closed
// connection made V8 collect its old generation up to ten times a second.
const sink = new Uint8Array(16 * 1024);

/** Reads and drops all bytes until the end of the input. */
export async function discard(
  socket: Pick<Socket, "read">,
  onRead: () => void,
): Promise<void> {
  while (await socket.read(sink) !== null) onRead();
}

/** Whether an operation failed because the peer or this server has closed the socket,
 * which is not a bug. */
export function isPeerGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.TimedOut ||
    error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted;
}
