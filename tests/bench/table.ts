/**
 * Text tables: rows of cells in, lines of equal columns out. It knows nothing of what they say.
 *
 * @module
 */

/**
 * Lays `rows` out in columns, the first flush left and the others flush right. A row with fewer cells
 * than the heading ends early and its last cell may run on, so that a sentence can stand in for figures
 * without stretching a column.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(layOut(["server", "p99"], [["nginx", "2 ms"]]), ["server   p99", "nginx   2 ms"]);
 * ```
 */
export function layOut(
  heading: readonly string[],
  rows: readonly string[][],
): string[] {
  const full = [
    heading,
    ...rows.filter((row) => row.length === heading.length),
  ];
  const widths = heading.map((_, column) =>
    Math.max(...full.map((row) => row[column].length))
  );
  widths[0] = Math.max(...[heading, ...rows].map((row) => row[0].length));
  return [heading, ...rows].map((row) => line(row, widths));
}

function line(row: readonly string[], widths: readonly number[]): string {
  const endsEarly = row.length < widths.length;
  const cells = row.map((cell, column) => {
    if (column === 0) return cell.padEnd(widths[column]);
    return endsEarly && column === row.length - 1
      ? cell
      : cell.padStart(widths[column]);
  });
  return cells.join("  ").trimEnd();
}
