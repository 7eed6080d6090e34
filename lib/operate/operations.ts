/**
 * The parts for the people on call, put together: the access log, what is counted, and
 * the admin listener. Each is there only where it was asked for. Must not know flags.
 *
 * @module
 */

import type { RequestListener } from "../http/exchange.ts";
import { listen, type ListenAddress } from "../server/listen.ts";
import type { Skein } from "../skein.ts";
import type { AccessLog } from "./access_log.ts";
import type { Admin } from "./admin.ts";
import { slotMs } from "./latency_window.ts";
import { ProcessWatch } from "./process_watch.ts";
import type { ServiceManager } from "./service_manager.ts";
import { Traffic } from "./traffic.ts";

/** What was asked for. */
export interface OperationsOptions {
  readonly accessLog: AccessLog | null;
  readonly admin: ListenAddress | null;
  readonly version: string;
  readonly manager: ServiceManager;
  /** Hears of bugs. */
  readonly onBug: (error: unknown) => void;
}

/** What one server has for the people on call. */
export class Operations {
  readonly #options: OperationsOptions;
  readonly #traffic: Traffic | null;
  #admin: Admin | null = null;
  #watch: ProcessWatch | null = null;
  #turns: ReturnType<typeof setInterval> | undefined;
  /** Why the server is not ready, though it could be. */
  #ending: string | null = null;

  constructor(options: OperationsOptions) {
    this.#options = options;
    this.#traffic = options.admin === null ? null : new Traffic();
  }

  /** For `onRequest`; `undefined` where nothing is made of the events. */
  get onRequest(): RequestListener | undefined {
    const log = this.#options.accessLog?.add;
    const count = this.#traffic?.observe;
    if (log === undefined || count === undefined) return log ?? count;
    return (event) => {
      log(event);
      count(event);
    };
  }

  /**
   * Listens for the people on call.
   *
   * @returns where; `null` where nobody asked for it
   * @throws what `Deno.listen` throws
   */
  async listen(skein: Skein): Promise<Deno.NetAddr | Deno.UnixAddr | null> {
    const { admin, accessLog, version, onBug } = this.#options;
    const traffic = this.#traffic;
    if (admin === null || traffic === null) return null;
    const listener = await listen(admin);
    // Nobody pays for it who did not ask for it.
    const { Admin } = await import("./admin.ts");
    const watch = this.#watch = new ProcessWatch();
    this.#turns = setInterval(
      () => traffic.recent.turn(skein.pool.queued),
      slotMs,
    );
    this.#admin = new Admin({
      listener,
      source: () => {
        const inspection = skein.inspect();
        return {
          version,
          inspection,
          traffic,
          process: watch.figures,
          droppedLines: accessLog?.dropped ?? 0,
          notReady: this.#ending ?? reasonOf(inspection.state),
        };
      },
      onBug,
    });
    return listener.addr;
  }

  /** The server serves. */
  started(skein: Skein, status: string): void {
    const { manager } = this.#options;
    manager.ready(status);
    // While no worker can serve, a restart may help.
    manager.watch(() => skein.pool.ready > 0);
  }

  /** A reload begins. */
  reloading(): void {
    this.#options.manager.reloading();
  }

  /** It is over. */
  reloaded(status: string): void {
    this.#options.manager.ready(status);
  }

  /** From now on the server says that it is not ready, and serves on. */
  announceEnd(): void {
    this.#ending = "The server is about to end.";
    this.#options.manager.stopping();
  }

  /** The access log goes on in the file that its path leads to by then. */
  reopenLog(): void {
    this.#options.accessLog?.reopen();
  }

  /** Ends all of it, and writes what waits for so long at most. */
  async end(timeoutMs: number): Promise<void> {
    clearInterval(this.#turns);
    this.#watch?.close();
    await this.#admin?.close();
    await this.#options.accessLog?.end(timeoutMs);
    this.#options.manager.close();
  }
}

function reasonOf(state: "ready" | "draining" | "unavailable"): string | null {
  switch (state) {
    case "ready":
      return null;
    case "draining":
      return "The server is ending.";
    case "unavailable":
      return "No worker can serve.";
  }
}
