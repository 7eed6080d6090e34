/**
 * Content that both sides can make: any piece of it tells which request it belongs
 * to, and where in its content it belongs.
 *
 * @module
 */

/** So many characters. */
export function contentOf(word: string, length: number): string {
  let content = "";
  for (let at = 0; content.length < length; at++) content += `${word}.${at} `;
  return content.slice(0, length);
}
