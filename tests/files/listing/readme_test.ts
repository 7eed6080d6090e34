/**
 * A README as HTML: what it may not bring into the page, and where its links lead.
 */

import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { renderReadme } from "../../../lib/files/listing/readme.ts";

const rel = 'rel="nofollow noreferrer"';

const rows: [name: string, markdown: string, html: string][] = [
  [
    "raw HTML",
    "<b onclick=alert(1)>x</b>",
    "<p>&lt;b onclick=alert(1)&gt;x&lt;/b&gt;</p>",
  ],
  [
    "a block of HTML",
    "<script>\nalert(1)\n</script>",
    "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>",
  ],
  [
    "a link that runs a script",
    "[a](javascript:alert(1))",
    "<p>[a](javascript:alert(1))</p>",
  ],
  [
    "the same, encoded",
    "[a](java&#115;cript&colon;alert(1))",
    "<p>[a](javascript:alert(1))</p>",
  ],
  [
    "a picture that runs a script",
    "![a](vbscript:x)",
    "<p>![a](vbscript:x)</p>",
  ],
  [
    "a document in a link",
    "[a](data:text/html,x)",
    "<p>[a](data:text/html,x)</p>",
  ],
  ["a relative link", "[a](docs/)", '<p><a href="docs/">a</a></p>'],
  [
    "a link elsewhere",
    "[a](https://b.example/)",
    `<p><a href="https://b.example/" ${rel}>a</a></p>`,
  ],
  [
    "a link to another host without a scheme",
    "[a](//b.example/)",
    `<p><a href="//b.example/" ${rel}>a</a></p>`,
  ],
  ["a picture", "![a](b.png)", '<p><img src="b.png" alt="a"></p>'],
  [
    "a picture of another site",
    "![a](https://b.example/c.png)",
    `<p><a href="https://b.example/c.png" ${rel}>a</a></p>`,
  ],
  [
    "a picture of another site in a link",
    "[![a](https://b.example/c.png)](d)",
    '<p><a href="d">a</a></p>',
  ],
  [
    "an address in a text",
    "see https://b.example/c. Not main.rs or www.b.example",
    `<p>see <a href="https://b.example/c" ${rel}>https://b.example/c</a>. Not main.rs or www.b.example</p>`,
  ],
  [
    "tasks",
    "- [x] a\n- [ ] *b*\n- [y] c\n- [ ](d)",
    '<ul>\n<li class="task"><input type="checkbox" disabled="" aria-label="Task" checked="">a</li>\n' +
    '<li class="task"><input type="checkbox" disabled="" aria-label="Task"><em>b</em></li>\n' +
    '<li>[y] c</li>\n<li><a href="d"> </a></li>\n</ul>',
  ],
  [
    "a table, which can be scrolled by keys",
    "|a|\n|-|\n|b|",
    '<div class="table" role="group" aria-label="Table" tabindex="0">\n<table>\n' +
    "<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n" +
    "</table>\n</div>",
  ],
  [
    "headings with anchors",
    "# A & b\n## A & b\n[x](#a--b)",
    '<h2 id="readme-a--b">A &amp; b</h2>\n' +
    '<h3 id="readme-a--b-1">A &amp; b</h3>\n' +
    '<p><a href="#readme-a--b">x</a></p>',
  ],
  [
    "the last heading",
    '###### "x"',
    '<h6 id="readme-x">&quot;x&quot;</h6>',
  ],
];

for (const [name, markdown, html] of rows) {
  Deno.test(`renderReadme() renders ${name}`, () => {
    assertEquals(renderReadme(markdown), `${html}\n`);
  });
}

const refers = `[a]: ${"x".repeat(20_000)}\n\n${"[a]".repeat(10_000)}`;
const wide = `|${"a|".repeat(100)}\n|${"-|".repeat(100)}\n`;
/** Without a bound they take a minute, or become 200 MB. */
const tooLarge: Record<string, string> = {
  "references": refers,
  "pictures elsewhere": refers.replaceAll("[a]", "![a]").replace(
    "![a]: ",
    "[a]: http://",
  ),
  "a table with many columns": `${wide}${"|\n".repeat(200)}`,
  "many tables": `${wide}${"|\n".repeat(20)}\n`.repeat(10),
};

for (const [name, markdown] of Object.entries(tooLarge)) {
  Deno.test(`renderReadme() shows as it is written what is too large: ${name}`, () => {
    const html = renderReadme(`<b>\n\n${markdown}`);
    assertStringIncludes(html, "<pre>&#60;b&#62;\n\n");
    assertLess(html.length, 10 * markdown.length);
  });
}

Deno.test("renderReadme() comes to an end with what nests", () => {
  const bytes = 64 * 1024;
  for (
    const piece of [
      "> ",
      "[",
      "![[]()",
      "*a_",
      "1. ",
      "[a][",
      "`",
      "<a ",
      "https://",
    ]
  ) {
    renderReadme(piece.repeat(bytes / piece.length));
  }
});
