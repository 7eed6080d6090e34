/** The workers that are made while something runs, by the options that they get. */

/** Runs it, and tells with which options it made workers. */
export async function recordWorkers(
  body: () => Promise<void>,
): Promise<WorkerOptions[]> {
  const made: WorkerOptions[] = [];
  const TrueWorker = globalThis.Worker;
  globalThis.Worker = class extends TrueWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      made.push(options ?? {});
    }
  };
  try {
    await body();
  } finally {
    globalThis.Worker = TrueWorker;
  }
  return made;
}
