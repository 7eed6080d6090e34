/**
 * Tells when the runtime has polled the sockets. It polls only when it has nothing else
 * to do, or every 61 steps of its scheduler; until then a ready socket looks idle. So a
 * *probe* is sent: a byte through a connection of this process to itself, which arrives
 * only when the sockets were polled after it was sent. Must not know why it is used.
 *
 * @module
 */

interface Loopback {
  readonly near: Deno.TcpConn;
  readonly far: Deno.TcpConn;
}

const byte = new Uint8Array(1);

export class PollProbe {
  readonly #sink = new Uint8Array(1);
  #loopback: Loopback | null = null;
  #opening: Promise<void> | null = null;
  #closed = false;

  get ready(): boolean {
    return this.#loopback !== null;
  }

  /** Opens the connection; further calls do nothing. If that fails, the probe never
   * becomes ready. */
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
      this.#loopback = { near, far };
      if (this.#closed) this.#end();
    } finally {
      listener.close();
    }
  }

  /** Resolves when the sockets were polled after this call. Only one call at a time. */
  async run(): Promise<void> {
    if (this.#loopback === null) return;
    const { near, far } = this.#loopback;
    try {
      const arrival = far.read(this.#sink);
      await near.write(byte);
      await arrival;
    } catch {
      // The connection was closed.
      this.#loopback = null;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#end();
    await this.#opening;
  }

  #end(): void {
    const loopback = this.#loopback;
    this.#loopback = null;
    loopback?.near.close();
    loopback?.far.close();
  }
}

/** Accepts the connection of `near`: another process could connect first. */
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
