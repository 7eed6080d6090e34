/**
 * What a connection needs of a socket, and the ways in which a socket says that it
 * is over. Must not know HTTP.
 *
 * @module
 */

/** A socket: `Deno.Conn`, or a test's own. */
export interface Socket {
  /** Reads at least one byte; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes at least one byte. */
  write(bytes: Uint8Array): Promise<number>;
  /** Sends the end of the output; the input goes on. */
  closeWrite(): Promise<void>;
  /** Ends both; what is pending rejects. */
  close(): void;
}

// One for all: nobody ever looks at it. One for each connection that is closed had V8
// collect its old generation up to ten times a second, for the buffers' sake.
const sink = new Uint8Array(16 * 1024);

/** Reads and throws away so many bytes, or all that there are until the end. */
export async function discard(
  socket: Pick<Socket, "read">,
  maxBytes: number,
): Promise<void> {
  for (let discarded = 0; discarded < maxBytes;) {
    const count = await socket.read(sink);
    if (count === null) return;
    discarded += count;
  }
}

/** Whether an operation on a socket failed because the peer, or somebody here, has
 * ended it: daily life, and nobody's bug. */
export function isPeerGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.TimedOut ||
    error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted;
}
