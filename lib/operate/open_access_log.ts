/**
 * Opens an access log: a file or stdout, in a format. Must not know flags.
 *
 * @module
 */

import { AccessLog } from "./access_log.ts";
import { fileTarget, LogFile, stdoutTarget } from "./log_file.ts";
import { LineFormatter, type LineOptions } from "./log_line.ts";

/** A pipe without a reader opens only when one comes. */
const openMs = 200;

/** Where lines go, and what they are like. */
export interface AccessLogPlan {
  /** The path of a file, or `null` for stdout. */
  readonly path: string | null;
  readonly line: LineOptions;
  /** Lines in a second; `undefined` for all. */
  readonly maxInSecond: number | undefined;
}

/**
 * Opens it, so that a file that cannot be written is known at once.
 *
 * @param warn receives one line for the operator
 * @throws what opening throws
 */
export async function openAccessLog(
  { path, line, maxInSecond }: AccessLogPlan,
  warn: (line: string) => void,
): Promise<AccessLog> {
  const target = path === null ? stdoutTarget() : fileTarget(path);
  const file = new LogFile(target, warn);
  await file.open(openMs);
  const formatter = new LineFormatter(line);
  return new AccessLog({ file, formatter, warn, maxInSecond });
}
