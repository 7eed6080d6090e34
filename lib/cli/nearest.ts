/**
 * The names that somebody may have meant. Pure.
 *
 * @module
 */

/** Of a longer name more letters may be wrong. */
function mostMistakes(length: number): number {
  return length < 4 ? 1 : Math.max(2, length / 3);
}

/** The name that is nearest to another, or `null` where no name is near. */
export function nearest(
  wrong: string,
  names: Iterable<string>,
): string | null {
  return nearestOf(wrong, names).at(0) ?? null;
}

/** The names that are near to another, the nearest first. */
function nearestOf(wrong: string, names: Iterable<string>): string[] {
  if (wrong === "") return [];
  return [...names].map((name) => ({ name, mistakes: mistakes(wrong, name) }))
    .filter(({ mistakes }) => mistakes <= mostMistakes(wrong.length))
    .sort((a, b) => a.mistakes - b.mistakes)
    .map(({ name }) => name);
}

/** A part of a name counts as more than one wrong letter, and as less than two. */
function mistakes(wrong: string, name: string): number {
  if (name.startsWith(wrong)) return 0.5;
  const letters = distance(wrong, name);
  return contains(name, wrong) || contains(wrong, name)
    ? Math.min(letters, 1.5)
    : letters;
}

function contains(whole: string, part: string): boolean {
  return part.length >= 4 && whole.toLowerCase().includes(part.toLowerCase());
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

/**
 * Ends a sentence about a name that does not exist.
 *
 * @param most how many names are told at most
 * @param prefix what all names begin with
 */
export function hint(
  wrong: string,
  names: Iterable<string>,
  { most = 1, prefix = "" }: {
    readonly most?: number;
    readonly prefix?: string;
  } = {},
): string {
  const near = nearestOf(wrong, names).slice(0, most)
    .map((name) => prefix + name);
  const last = near.pop();
  if (last === undefined) return "";
  const others = near.length === 0 ? "" : `${near.join(", ")} or `;
  return `; did you mean ${others}${last}?`;
}
