/**
 * The style sheet of a directory listing. It is part of the page, so that a served
 * directory needs no style sheet of its own. Must not know what is listed.
 *
 * @module
 */

/** On --wool, every text colour has the contrast of 4.5:1 that WCAG AA demands, in both
 * schemes. --red and --line are for lines only. */
export const listingStyle = `
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
@media (prefers-color-scheme: dark) {
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
nav li + li::before {
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
h1,
nav li,
tbody th {
  overflow-wrap: anywhere;
  white-space: break-spaces;
}
table {
  width: 100%;
  border-collapse: collapse;
  font-variant-numeric: tabular-nums;
}
caption {
  caption-side: bottom;
  padding: 0.75rem 0.5rem;
  font-size: 0.9375rem;
  font-style: italic;
  text-align: start;
}
th,
td {
  padding: 0;
  font-weight: normal;
  text-align: start;
  vertical-align: baseline;
}
thead th {
  border-bottom: 2px solid var(--red);
  white-space: nowrap;
}
tbody tr {
  border-bottom: 1px solid var(--line);
}
tbody tr:hover {
  background: var(--hover);
}
th > a,
th > span,
td {
  display: block;
  padding: 0.5rem;
}
td {
  display: table-cell;
  white-space: nowrap;
}
.size {
  text-align: end;
}
tbody th {
  width: 100%;
}
a {
  color: var(--blue);
  text-decoration-color: var(--red);
  text-underline-offset: 0.2em;
}
tbody a,
thead a {
  text-decoration-line: none;
}
a:hover {
  text-decoration-line: underline;
}
thead a {
  color: var(--soft);
}
[aria-sort] > a {
  color: var(--ink);
  font-weight: bold;
}
[aria-sort="ascending"] > a::after {
  content: " \\2191";
  content: " \\2191" / "";
}
[aria-sort="descending"] > a::after {
  content: " \\2193";
  content: " \\2193" / "";
}
.directory > a {
  font-weight: bold;
}
a:focus-visible {
  outline: 3px solid var(--red);
  outline-offset: -1px;
  border-radius: 2px;
}
th.time {
  padding-left: 1.5rem;
}
td.time {
  padding-left: 2rem;
}
/* On a phone, the name has a line of its own. Size and time are on the next line. */
@media (max-width: 34rem) {
  table,
  caption,
  thead,
  tbody {
    display: block;
  }
  thead tr {
    display: flex;
  }
  thead .name {
    flex: 1;
  }
  th.time {
    padding-left: 0;
  }
  tbody tr {
    display: grid;
    grid-template-columns: 1fr auto;
    padding: 0.125rem 0;
  }
  tbody th {
    grid-column: 1 / -1;
  }
  tbody th > * {
    padding-bottom: 0.25rem;
  }
  td {
    padding-top: 0;
    font-size: 0.9375rem;
  }
  /* Not display: none, which would give the next cells another header. */
  td:empty {
    padding: 0;
  }
  td.time {
    grid-area: 2 / 1;
  }
  td.time:not(:empty) {
    padding-left: 0.5rem;
  }
  tbody .up > a,
  td.none {
    padding-block: 0.5rem;
  }
}
`;
