/**
 * `Deno.cron` for an app that every worker loads: each of them has the schedule, and the
 * first that asks runs the task. So it runs once, also while workers are replaced. Must
 * not know who is asked.
 *
 * @module
 */

export type Task = () => void | Promise<void>;
/** `Deno.cron`. */
export type Cron = (
  name: string,
  schedule: string | Deno.CronSchedule,
  ...rest: [Task] | [object, Task]
) => Promise<void>;

/** Asks whether this worker runs a task at that time. */
export type ClaimTask = (name: string, minute: number) => Promise<boolean>;

/** Deno's finest schedule: a minute. */
const slotMs = 60_000;

/** To be called before the app is loaded; without `--unstable-cron` there is none. */
export function runCronsOnce(claim: ClaimTask): void {
  const { cron } = Deno as unknown as { cron?: Cron };
  if (cron === undefined) return;
  Object.defineProperty(Deno, "cron", { value: onlyOnce(cron, claim) });
}

/** The same cron, whose tasks run where they are claimed. */
export function onlyOnce(cron: Cron, claim: ClaimTask): Cron {
  return (name, schedule, ...rest) => {
    const task = rest.pop() as Task;
    const options = rest as unknown as [object];
    return cron(name, schedule, ...options, claimed(name, task, claim));
  };
}

function claimed(name: string, task: Task, claim: ClaimTask): Task {
  /** A task that has failed is called again (`backoffSchedule`), by this worker. */
  let failed = false;
  return async () => {
    // It is called within the minute, some milliseconds early or late.
    const minute = Math.round(Date.now() / slotMs);
    if (!failed && !await claim(name, minute)) return;
    failed = true;
    await task();
    failed = false;
  };
}

/** The answers to claims, on their way. */
export class Claims {
  readonly #ask: (name: string, minute: number) => void;
  readonly #asked = new Map<string, (granted: boolean) => void>();

  /** @param ask sends the question; `answer` is called with what comes back */
  constructor(ask: (name: string, minute: number) => void) {
    this.#ask = ask;
  }

  readonly claim: ClaimTask = (name, minute) =>
    new Promise((resolve) => {
      this.#asked.set(`${minute} ${name}`, resolve);
      this.#ask(name, minute);
    });

  answer(name: string, minute: number, granted: boolean): void {
    const key = `${minute} ${name}`;
    this.#asked.get(key)?.(granted);
    this.#asked.delete(key);
  }
}
