/**
 * The small page that most scenarios ask for, as a file: every server answers with these bytes.
 *
 * @module
 */

/** Small enough that the cost of a request is nearly all there is to measure. */
export const pageBytes = 855;

/** Below some 500 bytes `Deno.serve` has a faster way. */
export const tinyPageBytes = 250;

const start = `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Hello!</title>
  </head>
  <body>
    <h1>Hello!</h1>
    <p>Hi from Skein, or from the server beside it.</p>
`;
const end = `  </body>
</html>
`;
const filler = "Same page, same bytes. ";

/** The media type that every server sends with it. */
export const pageType = "text/html; charset=utf-8";

/** Writes the page as the index of `root`. */
export async function writePage(root: string): Promise<void> {
  await Deno.writeTextFile(`${root}/index.html`, page(pageBytes));
}

/** Writes a smaller one. */
export async function writeTinyPage(root: string): Promise<void> {
  await Deno.writeTextFile(`${root}/index.html`, page(tinyPageBytes));
}

function page(bytes: number): string {
  const missing = bytes - start.length - end.length;
  return start + filler.repeat(bytes).slice(0, missing - 1) + "\n" + end;
}
