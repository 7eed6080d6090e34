/**
 * Names, numbers and sizes of a directory listing as people read them: the same on
 * every machine, whatever language it is set to. Must not know HTML.
 *
 * @module
 */

/**
 * A name for the eye: characters that are not seen, or that make others be seen in
 * another place, as their code points, so that no name looks like what it is not.
 */
export function showName(name: string): string {
  return name.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u00ad\u200b\u2060\ufeff]/gu,
    (character) => {
      const code = character.codePointAt(0)!.toString(16).toUpperCase();
      return `‹U+${code.padStart(4, "0")}›`;
    },
  );
}

/** A number of things: 1 file, 1,234 files. */
export function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** In groups of three, on every machine alike: 1,234,567. */
function grouped(number: number): string {
  return `${number}`.replace(/\B(?=([0-9]{3})+$)/g, ",");
}

const units = ["kB", "MB", "GB", "TB", "PB", "EB"];

/** A size in decimal units, with two digits or more that mean something. */
export function humanSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit++;
    // From here on it would be rounded to 1000.
  } while (value >= 999.5 && unit < units.length - 1);
  // And from here on to 10.0.
  const digits = value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
