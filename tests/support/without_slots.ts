/**
 * Loaded before anything else, makes the runtime look like one whose objects keep
 * nothing under symbols that can be found.
 */

const real = Object.getOwnPropertySymbols;

Object.getOwnPropertySymbols = (object) =>
  real(object).filter(({ description }) =>
    description?.startsWith("Symbol.") ?? false
  );

Object.assign(globalThis, { withoutSlots: true });
