/**
 * A stand-in for `@std/assert`, written for this project and used only where JSR
 * cannot be reached: `.ci/std.ts` then puts it into `vendor/` under the real
 * package's name and version. It holds the assertions that tests here use, with the
 * real ones' signatures and verdicts; the wording of a failure is its own, and tests
 * must not depend on it. It must not know the server.
 *
 * @module
 */

import { difference, format } from "./difference.ts";
import { equal } from "./equal.ts";
import { AssertionError, failure } from "./failure.ts";

export { assertIsError, assertRejects, assertThrows } from "./errors.ts";
export { assertObjectMatch } from "./object_match.ts";
export { AssertionError, equal };

/** The values that count as false. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Whatever has a length and elements, except a string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** Fails unless `expr` counts as true. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails unless `expr` counts as false. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Fails always. */
export function fail(msg?: string): never {
  throw failure("Failed assertion", msg);
}

/** Fails always: for a place that no test run may come to. */
export function unreachable(msg?: string): never {
  throw failure("Unreachable", msg);
}

/** Fails unless the two are deeply equal, in the sense of {@linkcode equal}. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw failure("Values are not equal", msg, difference(actual, expected));
}

/** Fails if the two are deeply equal, in the sense of {@linkcode equal}. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw failure("Values are equal", msg, format(actual));
}

/** Fails unless the two are the same, in the sense of `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw format(actual) === format(expected)
    ? failure("Values look alike but are not the same", msg, format(actual))
    : failure("Values are not the same", msg, difference(actual, expected));
}

/** Fails if the two are the same, in the sense of `Object.is`. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!Object.is(actual, expected)) return;
  throw failure("Values are the same", msg, format(actual));
}

/** Fails unless two numbers differ by at most `tolerance`, by default 1e-7 of `expected`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  tolerance ??= isFinite(expected) ? Math.abs(expected) * 1e-7 : 1e-7;
  const gap = Math.abs(expected - actual);
  if (gap <= tolerance) return;
  throw failure(
    `${actual} is not close to ${expected}: ${gap} is more than ${tolerance}`,
    msg,
  );
}

/** Fails on null and undefined. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual !== null && actual !== undefined) return;
  throw failure(`Got ${actual} where a value is wanted`, msg);
}

/** Fails unless `actual` is an instance of the class. */
export function assertInstanceOf<
  // deno-lint-ignore no-explicit-any
  T extends abstract new (...args: any[]) => any,
>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  throw failure(`Not an instance of ${expectedType.name}`, msg, format(actual));
}

/** Fails unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (actual > expected) return;
  throw unordered(actual, ">", expected, msg);
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (actual >= expected) return;
  throw unordered(actual, ">=", expected, msg);
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw unordered(actual, "<", expected, msg);
}

/** Fails unless `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (actual <= expected) return;
  throw unordered(actual, "<=", expected, msg);
}

/** Fails unless the text holds the other one. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (actual.includes(expected)) return;
  throw failure(`${format(expected)} is not in the text`, msg, format(actual));
}

/** Fails unless the text matches. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) return;
  throw failure(`The text does not match ${expected}`, msg, format(actual));
}

/** Fails if the text matches. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (!expected.test(actual)) return;
  throw failure(`The text matches ${expected}`, msg, format(actual));
}

/** Fails unless each expected element is deeply equal to one of the actual ones. */
export function assertArrayIncludes<T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
): void {
  const present = Array.from(actual);
  const missing = Array.from(expected)
    .filter((wanted) => !present.some((item) => equal(item, wanted)));
  if (missing.length === 0) return;
  throw failure(
    `Elements are missing: ${format(missing)}`,
    msg,
    `in ${format(actual)}`,
  );
}

function unordered(
  actual: unknown,
  relation: string,
  expected: unknown,
  msg: string | undefined,
): AssertionError {
  return new AssertionError(
    msg ?? `Not true: ${format(actual)} ${relation} ${format(expected)}`,
  );
}
