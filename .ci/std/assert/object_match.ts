/**
 * Part of the stand-in for `@std/assert`: the assertion that looks only at
 * what the test mentions.
 *
 * @module
 */

import { equal } from "./equal.ts";
import { difference } from "./difference.ts";
import { failure } from "./failure.ts";

/**
 * Fails unless `actual` agrees with `expected` in all that `expected` mentions, at
 * every depth. Classes do not count; an expected array is the beginning of the actual.
 */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  const part = partOf(actual, expected);
  const wanted = partOf(expected, expected);
  if (equal(part, wanted)) return;
  throw failure("The object does not match", msg, difference(part, wanted));
}

/** What `actual` has of that which `expected` mentions. */
function partOf(
  actual: unknown,
  expected: unknown,
  seen: Map<object, { expected: object; part: unknown }> = new Map(),
): unknown {
  if (!isObject(actual) || !isObject(expected)) return actual;
  if (actual instanceof Date || actual instanceof RegExp) return actual;
  if (actual instanceof Set && expected instanceof Set) {
    return actual.intersection(expected);
  }
  const before = seen.get(actual);
  if (before?.expected === expected) return before.part;
  if (actual instanceof Map && expected instanceof Map) {
    const part = new Map();
    seen.set(actual, { expected, part });
    for (const [key, value] of actual) {
      if (!expected.has(key)) continue;
      part.set(key, partOf(value, expected.get(key), seen));
    }
    return part;
  }
  const isList = Array.isArray(actual) && Array.isArray(expected);
  const part = isList ? [] : {};
  seen.set(actual, { expected, part });
  for (const key of Reflect.ownKeys(expected)) {
    if (!Object.hasOwn(actual, key) || (isList && key === "length")) continue;
    const value = Reflect.get(actual, key);
    Object.defineProperty(part, key, {
      value: partOf(value, Reflect.get(expected, key), seen),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return part;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
