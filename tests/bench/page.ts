/**
 * The small page that most scenarios ask for, as a file: every server answers with these bytes.
 *
 * @module
 */

/** About 250 bytes: small enough that the cost of a request is all there is to measure. */
const page = `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Hello!</title>
  </head>
  <body>
    <h1>Hello!</h1>
    <p>Hi from Skein, or from the server that it is measured against. Same page, same bytes.</p>
  </body>
</html>
`;

/** The media type that every server sends with it. */
export const pageType = "text/html; charset=utf-8";

/** Writes the page as the index of `root`. */
export async function writePage(root: string): Promise<void> {
  await Deno.writeTextFile(`${root}/index.html`, page);
}
