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
 * - `blocking`: one like it does at this moment, or did for very long when it last ran.
 */
export type Risk = "light" | "unknown" | "costly" | "blocking";

/** What takes so many milliseconds takes very long: other costly jobs do not wait for
 * it, but it waits for them. */
export const veryLongMs = 1000;

/** The lowest first. */
export const risks: readonly Risk[] = [
  "light",
  "unknown",
  "costly",
  "blocking",
];
