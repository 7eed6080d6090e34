/**
 * How a help is laid out on a terminal of 80 columns. Pure.
 *
 * @module
 */

const width = 80;

export function headingOf(text: string, bold: boolean): string {
  return bold ? `\x1b[1m${text}\x1b[22m` : text;
}

/** Breaks a text into lines that begin at a column; not at a no-break space. */
export function wrap(text: string, column: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (column + longer.length <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line]
    .map((each) => " ".repeat(column) + each.replaceAll(noBreakSpace, " "))
    .join("\n");
}

export const noBreakSpace = "\u00a0";
