/**
 * Part of the stand-in for `@std/assert`: what it is for two values to be equal. It
 * must not know how a difference is shown.
 *
 * @module
 */

/**
 * Whether two values are deeply equal. 0 equals -0 and NaN equals itself; functions
 * are equal if they are the same one; objects need the same class, the same own keys
 * (one that holds undefined counts) and equal values; sets and maps have no order.
 */
export function equal(a: unknown, b: unknown): boolean {
  return deeplyEqual(a, b, new Map());
}

/** `assumed` holds the pairs under comparison, so that a cycle ends where it began. */
type Assumed = Map<object, object>;

function deeplyEqual(a: unknown, b: unknown, assumed: Assumed): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (a instanceof Date && b instanceof Date) {
    return Object.is(a.getTime(), b.getTime());
  }
  if (classOf(a) !== classOf(b)) return false;
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError("Cannot compare what is in a WeakMap or WeakSet");
  }
  if (a instanceof WeakRef) {
    return deeplyEqual(a.deref(), (b as typeof a).deref(), assumed);
  }
  const bytes = elementsOf(a);
  if (bytes) return sameElements(bytes, elementsOf(b)!);
  if (isKnownByItsText(a)) return String(a) === String(b);
  if (assumed.get(a) === b) return true;
  assumed.set(a, b);
  const same = Object.keys(a).length === Object.keys(b).length &&
    sameContents(a, b, assumed);
  if (!same) assumed.delete(a);
  return same;
}

function sameContents(a: object, b: object, assumed: Assumed): boolean {
  if (a instanceof Set && b instanceof Set) {
    return a.size === b.size &&
      a.values().every((item) =>
        b.has(item) ||
        b.values().some((other) => deeplyEqual(item, other, assumed))
      );
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size &&
      a.entries().every((entry) =>
        b.entries().some((other) =>
          deeplyEqual(entry[0], other[0], assumed) &&
          deeplyEqual(entry[1], other[1], assumed)
        )
      );
  }
  const keys = new Set([...comparedKeys(a), ...comparedKeys(b)]);
  return keys.values().every((key) =>
    key in a && key in b &&
    deeplyEqual(Reflect.get(a, key), Reflect.get(b, key), assumed)
  );
}

/** Instances of a class also count for what its accessors say, which its prototype has. */
function comparedKeys(value: object): PropertyKey[] {
  const { ownKeys, getPrototypeOf } = Reflect;
  if (isPlain(value)) {
    return ownKeys(value)
      .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  }
  const keys: PropertyKey[] = [];
  for (
    let holder: object | null = value;
    holder && !isRoot(holder);
    holder = getPrototypeOf(holder)
  ) keys.push(...ownKeys(holder));
  return keys;
}

function isRoot(prototype: object): boolean {
  return prototype === Object.prototype || prototype === Array.prototype;
}

/** An object without a prototype counts as a plain one. */
function classOf(value: object): object {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function isPlain(value: object): boolean {
  return isRoot(classOf(value));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isKnownByItsText(value: object): boolean {
  return value instanceof RegExp || value instanceof URL ||
    value instanceof URLSearchParams;
}

type Elements = ArrayLike<number | bigint>;

function elementsOf(value: object): Elements | undefined {
  if (
    value instanceof ArrayBuffer || value instanceof SharedArrayBuffer
  ) return new Uint8Array(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return value as unknown as Elements;
  }
}

function sameElements(a: Elements, b: Elements): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !Object.is(a[i], b[i])) return false;
  }
  return true;
}
