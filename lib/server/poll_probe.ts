/**
 * Tells whether the runtime has polled the sockets since a given moment. It polls only
 * when it has nothing else to do, or every 61 turns of its scheduler; until then a socket
 * looks idle, however ready it is. So a *probe* is sent: a byte through a connection to
 * oneself, which arrives only when the sockets were polled after it was sent. Must not
 * know who asks.
 *
 * @module
 */

/** The two ends of a connection to oneself. */
interface Loop {
  readonly near: Deno.TcpConn;
  readonly far: Deno.TcpConn;
}

const byte = new Uint8Array(1);

export class PollProbe {
  readonly #sink = new Uint8Array(1);
  #loop: Loop | null = null;
  #opening: Promise<void> | null = null;
  #closed = false;

  /** Whether it has a connection to send through. */
  get ready(): boolean {
    return this.#loop !== null;
  }

  /** Opens its connection; further calls do nothing. Where that fails it never becomes
   * ready.
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

  /** Resolves when the sockets were polled after this call. One call at a time. */
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

/** Accepts that one connection: another process could connect first. */
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
