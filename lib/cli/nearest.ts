/**
 * The name that somebody may have meant. Pure.
 *
 * @module
 */

/** Of a longer name more letters may be wrong. */
function mostMistakes(length: number): number {
  return length < 4 ? 1 : Math.max(2, length / 3);
}

/** The name that is nearest to another, or `null` where none is near. */
export function nearest(
  wrong: string,
  names: Iterable<string>,
): string | null {
  if (wrong === "") return null;
  const ranked = [...names].map((name) => ({
    name,
    mistakes: name.startsWith(wrong) ? 0.5 : distance(wrong, name),
  })).sort((a, b) => a.mistakes - b.mistakes);
  const first = ranked.at(0);
  return first === undefined || first.mistakes > mostMistakes(wrong.length)
    ? null
    : first.name;
}

/** How many letters have to be put in, taken out, replaced or swapped with the next one
 * (Damerau 1964, Levenshtein 1965). */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1] + Number(from[i - 1] !== to[j - 1]);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] &&
          from[i - 2] === to[j - 1]
        ? before[j - 2] + 1
        : Infinity;
      next.push(Math.min(replaced, swapped, row[j] + 1, next[j - 1] + 1));
    }
    before = row;
    row = next;
  }
  return row[to.length];
}

/** Ends a sentence about a name that there is not. */
export function hint(wrong: string, names: Iterable<string>): string {
  const name = nearest(wrong, names);
  return name === null ? "" : `; did you mean ${name}?`;
}
