/**
 * What a decision came to: its value, or the status with which it refused.
 */

import { HttpError } from "../../lib/http/error.ts";

/** A value, or the status of the refusal. */
export function verdict<Value>(decide: () => Value): Value | number {
  try {
    return decide();
  } catch (error) {
    return refusal(error);
  }
}

/** The status of a refusal; an error that is none is thrown on. */
export function refusal(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  throw error;
}
