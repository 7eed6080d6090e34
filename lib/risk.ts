/**
 * How a job may hold up others that are given to the same worker after it.
 *
 * @module
 */

/**
 * What is known of that:
 *
 * - `light`: it does not.
 * - `unknown`: nobody has seen one like it, and none is being tried.
 * - `costly`: it does, or one like it is being tried for the first time.
 * - `blocking`: one like it does at this moment.
 */
export type Risk = "light" | "unknown" | "costly" | "blocking";

/** The lowest first. */
export const risks: readonly Risk[] = [
  "light",
  "unknown",
  "costly",
  "blocking",
];
