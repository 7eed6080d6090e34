/**
 * Reads what a timed download by curl prints. Pure: it never runs curl.
 *
 * @module
 */

/** What `-w` is given: one line of words. */
export const curlFormat = "%{http_code} %{size_download} %{time_total}\\n";

/** One download. */
export interface Download {
  status: number;
  bytes: number;
  seconds: number;
  /** What curl itself computed meanwhile. */
  cpuSeconds: number;
}

/**
 * Reads the line of {@link curlFormat}, and behind it what the shell's `times` prints: the shell's own
 * user and system time, and in a second line those of its children.
 *
 * @throws {SyntaxError} If that is not what the output is.
 */
export function parseCurlOutput(output: string): Download {
  const match = /^(\d+) (\d+) ([\d.]+)\n.*\n(\S+) (\S+)\n$/.exec(output);
  if (match === null) {
    throw new SyntaxError(`Cannot read curl's output: ${output.slice(0, 80)}`);
  }
  const [, status, bytes, seconds, user, system] = match;
  return {
    status: Number(status),
    bytes: Number(bytes),
    seconds: Number(seconds),
    cpuSeconds: shellSeconds(user) + shellSeconds(system),
  };
}

/** `1m2.5s` is 62.5. */
function shellSeconds(text: string): number {
  const match = /^(\d+)m([\d.]+)s$/.exec(text);
  if (match === null) throw new SyntaxError(`Cannot read the time ${text}`);
  return Number(match[1]) * 60 + Number(match[2]);
}
