/**
 * A way to know that the kernel has been asked for news. The runtime asks which
 * sockets are ready only when it has nothing else to do, or every 61 turns of its
 * scheduler; what it has not asked about looks idle, however ready it is. So a
 * *pulse* is sent: a byte through a socket of one's own, which arrives only when
 * the question was asked after it. Must not know who wants to know.
 *
 * @module
 */

/** The two ends of a connection to oneself. */
interface Loop {
  readonly near: Deno.TcpConn;
  readonly far: Deno.TcpConn;
}

const byte = new Uint8Array(1);

/** A heart that beats when asked to. */
export class PollProbe {
  readonly #sink = new Uint8Array(1);
  #loop: Loop | null = null;
  #opening: Promise<void> | null = null;
  #closed = false;

  /** Whether `run` has a socket to send through. */
  get ready(): boolean {
    return this.#loop !== null;
  }

  /** Opens its socket, some time soon; again and again is as good as once. Where
   * that fails it never becomes ready.
   *
   * @param onFailure is told why
   */
  open(onFailure: (error: Error) => void): void {
    this.#opening ??= this.#connect().catch((error) => {
      if (!this.#closed) onFailure(error);
    });
  }

  async #connect(): Promise<void> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    try {
      const { port } = listener.addr;
      const near = await Deno.connect({ hostname: "127.0.0.1", port });
      const far = await acceptFrom(listener, near);
      near.setNoDelay(true);
      this.#loop = { near, far };
      if (this.#closed) this.#end();
    } finally {
      listener.close();
    }
  }

  /** Resolves when the kernel has been asked since this was called. One at a time. */
  async run(): Promise<void> {
    if (this.#loop === null) return;
    const { near, far } = this.#loop;
    try {
      const arrival = far.read(this.#sink);
      await near.write(byte);
      await arrival;
    } catch {
      // It was closed.
      this.#loop = null;
    }
  }

  /** Ends it, and resolves when it has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#end();
    await this.#opening;
  }

  #end(): void {
    const loop = this.#loop;
    this.#loop = null;
    loop?.near.close();
    loop?.far.close();
  }
}

/** Accepts that very connection: another process could connect first. */
async function acceptFrom(
  listener: Deno.TcpListener,
  near: Deno.TcpConn,
): Promise<Deno.TcpConn> {
  for (;;) {
    const far = await listener.accept();
    if (far.remoteAddr.port === near.localAddr.port) return far;
    far.close();
  }
}
