/**
 * Colours of a terminal (ECMA-48 section 8.3.117). Pure: must not know whether there is
 * one.
 *
 * @module
 */

const codes = { bold: 1, dim: 2, red: 31, yellow: 33, cyan: 36 };

export type Style = keyof typeof codes;

/** Gives a text a style. */
export type Painter = (style: Style, text: string) => string;

/** @param colored whether there is a terminal that shows colours */
export function painter(colored: boolean): Painter {
  return (style, text) =>
    colored ? `\x1b[${codes[style]}m${text}\x1b[0m` : text;
}
