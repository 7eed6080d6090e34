/**
 * Sets of ranges that are large.
 */

/** The value of a Range of so many single bytes. */
export function manyRanges(count: number): string {
  const specs = Array.from(
    { length: count },
    (_, i) => `${i * 200}-${i * 200}`,
  );
  return `bytes=${specs.join(",")}`;
}
