/**
 * Rows of a table that differ in two things only.
 */

/** What is refused, by what it is, and its input. */
export type Refused<Input> = Readonly<Record<string, Input>>;

/** A row for each: it is refused with that status. */
export function refusals<Input>(
  status: number,
  refused: Refused<Input>,
): { name: string; wire: Input; want: number }[] {
  return Object.entries(refused).map(([what, wire]) => ({
    name: `refuses ${what}`,
    wire,
    want: status,
  }));
}
