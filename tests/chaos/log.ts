/**
 * What may stand in the log of a server under chaos, and the numbers of the
 * requests that failed.
 *
 * @module
 */

const failed = /^Request ([0-9a-f]{8}) failed: /;

const expected: readonly RegExp[] = [
  // The lines of a stack.
  /^ {4}at /,
  /^Request [0-9a-f]{8} failed: Error: thrown on purpose$/,
  /^Request [0-9a-f]{8} failed: Error: (?:Deno\.exit|self\.close)\(\) ends this/,
  /^Request [0-9a-f]{8} failed: TypeError: The app's fetch\(\) returned no Resp/,
  /^Request [0-9a-f]{8} failed: TypeError: The bytes of an answer were given away$/,
  /^Unhandled rejection: Error: rejected on purpose$/,
  /^Uncaught: Error: thrown in a timer on purpose$/,
  /^Error: died on purpose$/,
  /^A worker is replaced: (?:the app called|a handler had to be stopped)/,
  /^A worker is lost: /,
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
  readonly read = (line: string): void => {
    const number = failed.exec(line)?.[1];
    if (number !== undefined) this.failures.add(number);
    if (/^A worker is /.test(line)) this.replaced++;
    if (!expected.some((pattern) => pattern.test(line))) {
      this.unexpected.push(line);
    }
  };
}
