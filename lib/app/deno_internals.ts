/**
 * What Deno keeps in its own objects under symbols. It is not documented: a caller
 * checks what it finds, and works without it where it is missing. Must not know what it
 * is used for.
 *
 * @module
 */

export type Slots = Record<symbol, unknown>;

/** The symbol with that description under which an object keeps something. */
export function slotOf(object: object, name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find(({ description }) =>
    description === name
  );
}

/** Where `Headers` keep their fields, as a list of names and values. */
export const listSlot: symbol | undefined = slotOf(
  new Headers(),
  "header list",
);
