/**
 * The style that all pages of the server's own have in common: colours, type, the way
 * home and the heading. Must not know what a page is about.
 *
 * @module
 */

/** On --wool, every text colour has the contrast of 4.5:1 that WCAG AA demands, in both
 * schemes. --red and --line are for lines only. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --wool: #f8f4ec;
  --ink: #24222c;
  --soft: #5d5966;
  --blue: #2f4f9e;
  --red: #dc4a2d;
  --line: #ddd6c9;
  --hover: #f0eadd;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --wool: #17161d;
    --ink: #f1ede4;
    --soft: #b1adba;
    --blue: #a9c3ec;
    --line: #35333f;
    --hover: #211f29;
  }
}
body {
  margin: 0;
  padding: clamp(1.25rem, 5vw, 4rem) clamp(0.75rem, 4vw, 3rem);
  background: var(--wool);
  color: var(--soft);
  font: 1.0625rem/1.5 "Iowan Old Style", "Palatino Linotype", Palatino, P052,
    serif;
}
main {
  max-width: 54rem;
  margin: 0 auto;
}
nav ol {
  display: flex;
  flex-wrap: wrap;
  margin: 0;
  padding: 0 0.5rem;
  list-style: none;
}
nav li:not(:last-child)::after {
  content: "/";
  content: "/" / "";
  margin: 0 0.5em;
  color: var(--red);
}
h1 {
  margin: 0.25rem 0 1.25rem;
  padding: 0 0.5rem;
  color: var(--ink);
  font-size: clamp(1.75rem, 6vw, 2.75rem);
  line-height: 1.15;
  letter-spacing: -0.01em;
}
a {
  color: var(--blue);
  text-decoration-color: var(--red);
  text-underline-offset: 0.2em;
}
a:hover {
  text-decoration-line: underline;
}
a:focus-visible {
  outline: 3px solid var(--red);
  outline-offset: -1px;
  border-radius: 2px;
}
`;
