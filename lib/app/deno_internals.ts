/**
 * What the runtime keeps in its own objects, under symbols. None of it is documented:
 * whoever uses it checks what is found, and does without where it is missing. Must
 * not know what it is used for.
 *
 * @module
 */

/** An object as what it keeps. */
export type Slots = Record<symbol, unknown>;

/**
 * The symbol under which such an object keeps something.
 *
 * @param name the symbol's description
 */
export function slotOf(object: object, name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find(({ description }) =>
    description === name
  );
}

/** Where `Headers` keep their fields: as a list of names and values. */
export const listSlot: symbol | undefined = slotOf(
  new Headers(),
  "header list",
);
