/**
 * Decides when the process ends, and whether it still finishes requests: listens for
 * signals. Must not know what a request is.
 *
 * @module
 */

/**
 * The same signal again within this time is still the same Ctrl-C: the terminal sends
 * it to the whole process group, and a task runner passes it on as well. That takes a
 * few milliseconds; a person who presses a key again needs longer.
 */
const sameSignalMs = 300;

/** The signals that a process is sent, and what follows from them. */
export class Lifetime {
  /** Resolves when the process should finish its requests and end. */
  readonly ending = Promise.withResolvers<void>();
  /** Resolves at the second signal: the process should end at once. */
  readonly cutOff = Promise.withResolvers<void>();
  #lastSignal: { readonly name: Deno.Signal; readonly at: number } | null =
    null;
  readonly #hasTerminal = Deno.stdin.isTerminal();
  /** The exit code where all requests were finished. */
  exitCode = 0;
  /** Called where SIGHUP asks for a reload. */
  onHangup: () => void = () => {};

  constructor() {
    Deno.addSignalListener("SIGHUP", () => this.#hangup());
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(name, () => this.#signal(name));
    }
  }

  #signal(name: Deno.Signal): void {
    const now = performance.now();
    const last = this.#lastSignal;
    if (last?.name === name && now - last.at < sameSignalMs) return;
    this.#lastSignal = { name, at: now };
    if (last === null) this.ending.resolve();
    else this.cutOff.resolve();
  }

  /** SIGHUP asks for a reload, or says that the terminal was closed. A server that was
   * started in that terminal must not outlive it. */
  #hangup(): void {
    if (this.#hasTerminal && !Deno.stdin.isTerminal()) this.ending.resolve();
    else this.onHangup();
  }

  /** Waits, but no longer than until the process should end at once. */
  async delay(ms: number): Promise<void> {
    if (ms === 0 || this.exitCode !== 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([waited, this.cutOff.promise]);
    clearTimeout(timer);
  }

  /** Ends with code 1, so that the service manager starts another process. */
  endWithFailure(): void {
    this.exitCode = 1;
    this.ending.resolve();
  }
}

/**
 * What is said when the process begins to end.
 *
 * @param requests that have no response yet
 * @param sockets WebSockets that are open
 * @returns `null` where there is nothing to finish
 */
export function endingText(requests: number, sockets: number): string | null {
  const work = [
    ...requests > 0 ? [`finishing ${counted(requests, "request")}`] : [],
    ...sockets > 0 ? [`closing ${counted(sockets, "WebSocket")}`] : [],
  ].join(" and ");
  return work === ""
    ? null
    : `${work[0].toUpperCase()}${work.slice(1)}; Ctrl-C again to stop now`;
}

/** The same, by how many connections are in each state. */
export function endingOf(
  byState: Readonly<Record<string, number>>,
): string | null {
  const count = (...states: string[]) =>
    states.reduce((sum, state) => sum + (byState[state] ?? 0), 0);
  const requests = count("head", "body", "waiting", "writing");
  return endingText(requests, count("upgraded"));
}

/** What is said of connections that were not waited for. */
export function cutOffText(count: number): string {
  const connections = `${counted(count, "connection")} ${
    count === 1 ? "was" : "were"
  }`;
  return `${connections} cut off before the response was complete`;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
