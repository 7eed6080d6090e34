/**
 * The links of a listing, read as a browser reads them.
 */

/** What a browser reads in an attribute or a text: only these references occur. */
export function unescapeHtml(text: string): string {
  return text.replace(
    /&#([0-9]+);/g,
    (_, code) => String.fromCodePoint(Number(code)),
  );
}

/** The targets of the links in the rows or wherever the pattern looks. */
export function hrefsIn(
  page: string,
  pattern: RegExp = /<th scope="row".*?<\/th>/g,
): (string | null)[] {
  return page.match(pattern)!.map((cell) => {
    const href = /<a href="([^"]*)"/.exec(cell);
    return href && unescapeHtml(href[1]);
  });
}
