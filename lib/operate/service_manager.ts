/**
 * The service manager that has started the process (systemd, or who speaks its
 * protocol): it is told when the server is ready, reloads, ends, and lives
 * (sd_notify(3)). Must not know what the server does.
 *
 * @module
 */

/** Reads a variable of the environment. */
export type Env = (name: string) => string | undefined;

/** A socket that sends datagrams to a path; its API is not stable yet. */
interface DatagramSocket {
  send(
    bytes: Uint8Array,
    to: { readonly transport: "unixpacket"; readonly path: string },
  ): Promise<number>;
  close(): void;
}

type ListenDatagram = (
  options: { readonly transport: "unixpacket"; readonly path: string },
) => DatagramSocket;

const encoder = new TextEncoder();

/** Tells a service manager; does nothing where there is none. */
export class ServiceManager {
  readonly #socket: DatagramSocket | null;
  readonly #path: string;
  readonly #watchdogMs: number | null;
  #watchdog: ReturnType<typeof setInterval> | undefined;

  /**
   * @param env has `NOTIFY_SOCKET`, and perhaps `WATCHDOG_USEC` and `WATCHDOG_PID`
   * @param warn receives one line where the manager cannot be told
   */
  constructor(env: Env, warn: (line: string) => void) {
    const path = env("NOTIFY_SOCKET") ?? "";
    // The first character of a name that is in no directory.
    this.#path = path.replace(/^@/, "\0");
    this.#socket = path === "" ? null : open(warn);
    this.#watchdogMs = watchdogMs(env);
  }

  /** It serves. */
  ready(status: string): void {
    this.#send(`READY=1\nSTATUS=${inOneLine(status)}`);
  }

  /** New workers are started. `ready` follows. */
  reloading(): void {
    this.#send("RELOADING=1\nSTATUS=Reloading");
  }

  /** It is about to end. */
  stopping(): void {
    this.#send("STOPPING=1\nSTATUS=Finishing requests");
  }

  /** Says that it lives, as often as the manager wants, while that is so. Where the
   * event loop does not turn, nobody says it. */
  watch(isAlive: () => boolean): void {
    if (this.#watchdogMs === null || this.#socket === null) return;
    this.#watchdog = setInterval(() => {
      if (isAlive()) this.#send("WATCHDOG=1");
    }, this.#watchdogMs / 2);
  }

  #send(text: string): void {
    this.#socket?.send(encoder.encode(text), {
      transport: "unixpacket",
      path: this.#path,
    }).catch(() => {
      // The manager is gone: there is nobody to tell.
    });
  }

  close(): void {
    clearInterval(this.#watchdog);
    this.#socket?.close();
  }
}

/** A socket whose name is in no directory: the runtime refuses one without a name. */
function open(warn: (line: string) => void): DatagramSocket | null {
  const { listenDatagram } = Deno as unknown as {
    listenDatagram?: ListenDatagram;
  };
  try {
    if (listenDatagram === undefined) {
      throw new Error("run with --unstable-net");
    }
    return listenDatagram({
      transport: "unixpacket",
      path: `\0skein-${Deno.pid}`,
    });
  } catch (error) {
    warn(`The service manager cannot be told: ${(error as Error).message}`);
    return null;
  }
}

/** How long it may be silent; `null` where nobody watches this process. */
function watchdogMs(env: Env): number | null {
  const pid = env("WATCHDOG_PID");
  if (pid !== undefined && pid !== `${Deno.pid}`) return null;
  const microseconds = Number(env("WATCHDOG_USEC") ?? NaN);
  return microseconds > 0 ? Math.max(microseconds / 1000, 2) : null;
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
