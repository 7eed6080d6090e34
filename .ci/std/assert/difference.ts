/**
 * Part of the stand-in for `@std/assert`: how a failure shows two values, and where
 * they differ. It must not know what it is for values to be equal.
 *
 * @module
 */

/** What to delete from (-) and add to (+) the actual value to get the expected one. */
export function difference(actual: unknown, expected: unknown): string {
  const areTexts = typeof actual === "string" && typeof expected === "string";
  const lines = areTexts ? textLines : inspectedLines;
  const marked = diffLines(lines(actual), lines(expected));
  if (marked.every((line) => line.startsWith("  "))) {
    return ["Both look like this:", "", ...beginning(marked)].join("\n");
  }
  return ["- actual, + expected", "", ...aroundChanges(marked)].join("\n");
}

/** One property a line, in a fixed order, so that two values can be laid side by side. */
export function format(value: unknown): string {
  return Deno.inspect(value, {
    compact: false,
    depth: Infinity,
    iterableLimit: 10_000,
    sorted: true,
    strAbbreviateSize: Infinity,
    trailingComma: true,
  });
}

/** Quoted, each with its end: a CR more or less is what tests of HTTP are about. */
function textLines(text: unknown): string[] {
  return String(text).split(/(?<=\n)/).map((line) => JSON.stringify(line));
}

function inspectedLines(value: unknown): string[] {
  return format(value).split("\n");
}

/** Each line begins with its mark: "  " for one that both have. */
function diffLines(a: string[], b: string[]): string[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (
    tail < a.length - head && tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) tail++;
  return [
    ...a.slice(0, head).map((line) => `  ${line}`),
    ...diffMiddle(
      a.slice(head, a.length - tail),
      b.slice(head, b.length - tail),
    ),
    ...a.slice(a.length - tail).map((line) => `  ${line}`),
  ];
}

/** Past this many pairs of lines, finding what two values share takes too long. */
const maxComparedPairs = 1_000_000;

function diffMiddle(a: string[], b: string[]): string[] {
  if (a.length * b.length > maxComparedPairs) {
    return [...a.map((line) => `- ${line}`), ...b.map((line) => `+ ${line}`)];
  }
  // shared[i][j]: how many lines a from i and b from j have in common, in order.
  const shared = Array.from(
    { length: a.length + 1 },
    () => new Uint32Array(b.length + 1),
  );
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      shared[i][j] = a[i] === b[j]
        ? shared[i + 1][j + 1] + 1
        : Math.max(shared[i + 1][j], shared[i][j + 1]);
    }
  }
  const marked: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      marked.push(`  ${a[i++]}`);
      j++;
    } else if (
      j === b.length || (i < a.length && shared[i + 1][j] >= shared[i][j + 1])
    ) {
      marked.push(`- ${a[i++]}`);
    } else {
      marked.push(`+ ${b[j++]}`);
    }
  }
  return marked;
}

/** Of a long value, only the places that differ and what is near them. */
function aroundChanges(lines: string[]): string[] {
  const contextLines = 3;
  const isNear = lines.map(() => false);
  lines.forEach((line, at) => {
    if (line.startsWith("  ")) return;
    isNear.fill(true, Math.max(0, at - contextLines), at + contextLines + 1);
  });
  const shown: string[] = [];
  lines.forEach((line, at) => {
    if (isNear[at]) shown.push(line);
    else if (at === 0 || isNear[at - 1]) shown.push("  ...");
  });
  return beginning(shown);
}

/** No more than fits a screen. */
function beginning(lines: string[]): string[] {
  const maxLines = 60;
  return lines.length <= maxLines ? lines : [
    ...lines.slice(0, maxLines),
    `  ... and ${lines.length - maxLines} more`,
  ];
}
