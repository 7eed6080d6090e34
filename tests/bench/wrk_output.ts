/**
 * Reads what `wrk --latency` prints. Pure: it never runs wrk, so its tests need none.
 *
 * @module
 */

/** The figures of one run of wrk. */
export interface WrkFigures {
  requests: number;
  requestsPerSecond: number;
  bytesPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers outside 2xx and 3xx, and socket errors of every kind, timeouts included. */
  errors: number;
}

const msPerUnit: Record<string, number> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

// wrk counts bytes in powers of 1024 and calls them KB, MB and GB.
const bytesPerUnit: Record<string, number> = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

/**
 * The figures in wrk's output.
 *
 * @throws {SyntaxError} If a line that wrk always prints is missing.
 */
export function parseWrkOutput(output: string): WrkFigures {
  return {
    requestsPerSecond: Number(
      find(output, /^Requests\/sec:\s+([\d.]+)/m, "Requests/sec")[1],
    ),
    bytesPerSecond: bytes(
      find(output, /^Transfer\/sec:\s+([\d.]+)(\w+)/m, "Transfer/sec"),
    ),
    p50Ms: milliseconds(find(output, /^\s+50%\s+([\d.]+)(\w+)/m, "50%")),
    p99Ms: milliseconds(find(output, /^\s+99%\s+([\d.]+)(\w+)/m, "99%")),
    requests: Number(find(output, /^\s*(\d+) requests in /m, "requests in")[1]),
    errors: badAnswers(output) + socketErrors(output),
  };
}

function find(output: string, pattern: RegExp, line: string): RegExpExecArray {
  const match = pattern.exec(output);
  if (match === null) {
    throw new SyntaxError(`Cannot read wrk's output: it has no "${line}" line`);
  }
  return match;
}

function milliseconds([, value, unit]: RegExpExecArray): number {
  return Number(value) * scale(msPerUnit, unit);
}

function bytes([, value, unit]: RegExpExecArray): number {
  return Number(value) * scale(bytesPerUnit, unit);
}

function scale(units: Record<string, number>, unit: string): number {
  if (!(unit in units)) {
    throw new SyntaxError(`Cannot read wrk's output: unknown unit "${unit}"`);
  }
  return units[unit];
}

/** wrk prints this line and the next only when there is something to say. */
function badAnswers(output: string): number {
  return Number(/^\s*Non-2xx or 3xx responses: (\d+)/m.exec(output)?.[1] ?? 0);
}

function socketErrors(output: string): number {
  const line = /^\s*Socket errors: (.*)$/m.exec(output)?.[1] ?? "";
  return [...line.matchAll(/\d+/g)].reduce(
    (sum, [count]) => sum + Number(count),
    0,
  );
}
