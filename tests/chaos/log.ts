/**
 * What may stand in the log of a server under chaos, and the numbers of the
 * requests that failed.
 *
 * @module
 */

/** The time of a line. */
const time = /^\d{4}-\S+Z /;

const failed = /^Request ([0-9a-f]{8}) \((?:GET|POST) \/\S+\) failed: (.*)$/;

const reasons: readonly RegExp[] = [
  /^Error: thrown on purpose$/,
  /^Error: (?:Deno\.exit|self\.close)\(\) ends this/,
  /^TypeError: The app's fetch\(\) must return a Resp/,
  /^TypeError: The bytes of the response were transferred$/,
];

const others: readonly RegExp[] = [
  // The lines of a stack.
  /^ {4}at /,
  /^Request [0-9a-f]{8} \((?:GET|POST) \/(?:never|loop\S*)\) timed out \(see --timeout\)$/,
  /^Response cut off \(GET \/dying-stream\): Error: died on purpose$/,
  /^Unhandled rejection: Error: rejected on purpose$/,
  /^Uncaught: Error: thrown in a timer on purpose$/,
  /^A worker was replaced: (?:the app called|a handler had to be stopped)/,
  /^A worker (?:is lost|was ended): /,
];

/** Looks at a log as it is written. */
export class ChaosLog {
  /** The lines that nothing explains. */
  readonly unexpected: string[] = [];
  /** The numbers of requests that failed. */
  readonly failures = new Set<string>();
  /** Workers that were replaced, or lost. */
  replaced = 0;

  /** Looks at a line. */
  readonly read = (entry: string): void => {
    const line = entry.replace(time, "");
    const [, number, reason] = failed.exec(line) ?? [];
    if (number !== undefined) this.failures.add(number);
    if (/^A worker (?:is lost|was (?:ended|replaced)): /.test(line)) {
      this.replaced++;
    }
    const isExpected = reason === undefined
      ? others.some((pattern) => pattern.test(line))
      : reasons.some((pattern) => pattern.test(reason));
    if (!isExpected) this.unexpected.push(line);
  };
}
