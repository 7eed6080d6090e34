/**
 * Inside a worker: runs a function that can be stopped from outside, however it
 * loops. Must not know what the function does.
 *
 * @module
 */

import vm from "node:vm";

// The script is compiled once; what it calls is found under a name of its own.
const guardedKey = "skein batch turn";
const guardedScript = new vm.Script(
  `globalThis[Symbol.for(${JSON.stringify(guardedKey)})]()`,
);

/**
 * Names the function that `runGuarded` runs; there can be one in a thread.
 *
 * @param run is called without arguments
 */
export function guard(run: () => void): void {
  (globalThis as Record<symbol, unknown>)[Symbol.for(guardedKey)] = run;
}

/**
 * Runs that function for so long at most; a call is about 10 us.
 *
 * @returns whether it came to its end; else it was stopped
 * @throws whatever it throws
 */
export function runGuarded(timeoutMs: number): boolean {
  try {
    guardedScript.runInThisContext({ timeout: timeoutMs });
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    return false;
  }
}

/**
 * Runs the microtasks that a job has left, so that what follows an `await` of
 * something that is there already (a body that is in memory, say) is under the
 * watchdog too, and its answer in the batch. It is the runtime's own, and not
 * documented; where it is missing, such an answer comes a little later and such a
 * loop is for the pool to notice.
 */
export const runMicrotasks: () => void = (() => {
  type Internals = Record<
    symbol,
    { core?: { runMicrotasks?: () => void } } | undefined
  >;
  const { internal } = Deno as unknown as { internal?: symbol };
  const core = internal && (Deno as unknown as Internals)[internal]?.core;
  return core?.runMicrotasks ?? (() => {});
})();
