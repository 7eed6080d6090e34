/**
 * Whether chaos came to nothing.
 *
 * @module
 */

import type { ChaosResult } from "./chaos.ts";

/**
 * How much the memory may grow between two sets of fresh workers. Some hundreds of
 * workers come and go in a minute; one that left its heap behind would take 5 MiB.
 */
const maxGrownBytes = 96 * 1024 * 1024;

/** What does not hold, a line each. */
export function findings(result: ChaosResult): string[] {
  const { complaints, unexpected, unlogged, grownBytes } = result;
  const found = [
    ...complaints.map((complaint) => `Wrong: ${complaint}`),
    ...unexpected.map((line) => `Unexpected in the log: ${line}`),
    ...unlogged.map((number) => `Not in the log: ${number}`),
  ];
  if (grownBytes !== null && grownBytes > maxGrownBytes) {
    found.push(`The memory grew by ${grownBytes} bytes`);
  }
  return found;
}
