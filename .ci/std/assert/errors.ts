/**
 * Part of the stand-in for `@std/assert`: assertions on what code throws.
 *
 * @module
 */

import { difference, format } from "./difference.ts";
import { failure } from "./failure.ts";

// deno-lint-ignore no-explicit-any
type AnyClass<T> = abstract new (...args: any[]) => T;

/** Fails unless `error` is an error of that class whose message holds the text. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: AnyClass<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw failure("Not an Error", msg, format(error));
  }
  if (ErrorClass && !(error instanceof ErrorClass)) {
    throw failure(`Not a ${ErrorClass.name}`, msg, error.stack ?? error.name);
  }
  const message = withoutColors(error.message);
  const matches = msgMatches instanceof RegExp
    ? msgMatches.test(message)
    : message.includes(withoutColors(msgMatches ?? ""));
  if (matches) return;
  throw failure(
    "The error's message is another",
    msg,
    difference(error.message, String(msgMatches)),
  );
}

/** Fails unless the function throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Fails unless the function throws such an error; returns it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: AnyClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  ...rest: ErrorExpectation
): unknown {
  const { ErrorClass, msgIncludes, msg } = readExpectation(rest);
  let thrown: { error: unknown } | undefined;
  try {
    fn();
  } catch (error) {
    thrown = { error };
  }
  if (!thrown) throw failure("The function did not throw", msg);
  if (ErrorClass) assertIsError(thrown.error, ErrorClass, msgIncludes, msg);
  return thrown.error;
}

/** Fails unless the function returns a promise that rejects; resolves to the reason. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Fails unless the function's promise rejects with such an error; resolves to it. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: AnyClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...rest: ErrorExpectation
): Promise<unknown> {
  const { ErrorClass, msgIncludes, msg } = readExpectation(rest);
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch (error) {
    // A caller that awaits would not notice the difference; one that does not would.
    throw failure(
      "The function threw instead of rejecting",
      msg,
      format(error),
    );
  }
  if (typeof promise?.then !== "function") {
    throw failure("The function returned no promise", msg, format(promise));
  }
  let rejected: { error: unknown } | undefined;
  try {
    await promise;
  } catch (error) {
    rejected = { error };
  }
  if (!rejected) throw failure("The promise did not reject", msg);
  if (ErrorClass) assertIsError(rejected.error, ErrorClass, msgIncludes, msg);
  return rejected.error;
}

/** The arguments of assertThrows() and assertRejects() after the function. */
type ErrorExpectation = [
  ErrorClassOrMsg?: AnyClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
];

function readExpectation([first, second, third]: ErrorExpectation) {
  if (typeof first === "string") return { msg: first };
  return { ErrorClass: first, msgIncludes: second, msg: third };
}

function withoutColors(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}
