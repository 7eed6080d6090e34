/**
 * The style sheet of a directory listing. It is part of the page, so that a served
 * directory needs no style sheet of its own. Must not know what is listed.
 *
 * @module
 */

import { pageStyle } from "../../http/page_style.ts";
import { iconStyle } from "./icons.ts";

/** What a listing needs besides what all pages have. The rules of its table are nested: a
 * README may have tables too. */
export const listingStyle = `${pageStyle}h1,
nav li,
tbody th {
  overflow-wrap: anywhere;
  white-space: break-spaces;
}
/* On one line, so that the list does not jump when the number of matches appears. */
.filter {
  display: flex;
  align-items: center;
  gap: 0.75rem;
  margin: 0 0 0.75rem;
  padding: 0 0.5rem;
}
.filter[hidden] {
  display: none;
}
.filter input {
  box-sizing: border-box;
  flex: 0 1 16rem;
  min-width: 3rem;
  padding: 0.25rem 0.5rem;
  border: 1px solid var(--soft);
  border-radius: 3px;
  background: transparent;
  color: var(--ink);
  font: inherit;
}
.filter kbd,
small {
  padding: 0 0.4em;
  border: 1px solid var(--line);
  border-radius: 3px;
  color: var(--soft);
  font: 0.8125rem/1.4 ui-monospace, monospace;
}
small {
  display: inline-block;
}
@media (hover: none) {
  .filter kbd {
    display: none;
  }
}
.filter output {
  white-space: nowrap;
}
.filter input:focus-visible {
  outline: 3px solid var(--red);
  outline-offset: -1px;
}
.names {
/* Rows are laid out each by itself, and only where their group is near what is in
   sight: the columns of a table depend on all 10 000 of its rows. */
thead,
tbody,
caption {
  display: block;
}
& {
  display: flex;
  flex-direction: column;
  font-variant-numeric: tabular-nums;
}
tr {
  display: grid;
  grid-template-columns: minmax(0, 1fr) 6rem 11.5rem;
}
tbody {
  --row: 2.625rem;
  content-visibility: auto;
  contain-intrinsic-size: none calc(var(--rows) * var(--row));
}
tbody tr {
  border-bottom: 1px solid var(--line);
}
tbody[hidden],
tbody tr[hidden] {
  display: none;
}
caption {
  order: 1;
  padding: 0.75rem 0.5rem;
  font-size: 0.9375rem;
  font-style: italic;
  text-align: start;
}
th,
td {
  display: block;
  padding: 0;
  font-weight: normal;
  text-align: start;
}
thead th {
  border-bottom: 2px solid var(--red);
  white-space: nowrap;
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
  white-space: nowrap;
}
.size,
th + td {
  text-align: end;
}
td.none {
  grid-column: 1 / -1;
}
tbody th > * {
  padding-inline-start: 2.25rem;
  background: 0.5rem 0.625rem / 1.25rem 1.25rem no-repeat;
}
tbody a,
thead a {
  text-decoration-line: none;
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
th.time {
  padding-left: 1.5rem;
}
td + td {
  padding-left: 2rem;
}
/* On a phone, the name has a line of its own. Size and time are on the next line. */
@media (max-width: 34rem) {
  thead tr {
    grid-template-columns: 1fr auto auto;
  }
  th.time {
    padding-left: 0;
  }
  tbody {
    --row: 4.25rem;
  }
  tbody tr {
    grid-template-columns: 1fr auto;
    padding: 0.125rem 0;
  }
  tbody th,
  td.none {
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
  td + td {
    grid-area: 2 / 1;
  }
  td + td:not(:empty) {
    padding-left: 2.25rem;
  }
  tbody .up > a,
  td.none {
    padding-block: 0.5rem;
  }
  td.none {
    font-size: inherit;
  }
}
${iconStyle}}
@media print {
  .filter,
  .zip {
    display: none;
  }
}
.zip {
  margin: 0;
  padding: 0 0.5rem;
}
.readme {
  margin-top: 2.5rem;
  padding: 1.5rem 0.5rem 0;
  border-top: 2px solid var(--red);
  color: var(--ink);
  overflow-wrap: anywhere;
}
.readme :is(h2, h3, h4, h5, h6) {
  margin: 1.5em 0 0.5em;
  line-height: 1.25;
}
.readme > :first-child {
  margin-top: 0;
}
.readme img {
  max-width: 100%;
}
.readme :is(code, pre) {
  background: var(--hover);
  font: 0.875em/1.5 ui-monospace, monospace;
}
.readme code {
  padding: 0.1em 0.3em;
}
.readme pre {
  padding: 0.75rem;
  white-space: pre-wrap;
}
.readme pre code {
  padding: 0;
  font-size: 1em;
}
.readme .table {
  margin-block: 1em;
  overflow-x: auto;
}
.readme .table:focus-visible {
  outline: 3px solid var(--red);
}
.readme table {
  border-collapse: collapse;
  overflow-wrap: normal;
}
.readme :is(th, td) {
  padding: 0.25rem 0.75rem;
  border: 1px solid var(--line);
}
.readme table code {
  white-space: nowrap;
}
.readme .task {
  list-style: none;
}
.readme .task input {
  margin: 0 0.5em 0 -1.5em;
  accent-color: var(--blue);
}
.readme :is(ul, ol) {
  padding-inline-start: 1.75rem;
}
.readme hr {
  margin-block: 1.5em;
  border: 0;
  border-top: 1px solid var(--line);
}
.readme blockquote {
  margin-inline: 0;
  padding-inline-start: 1rem;
  border-inline-start: 3px solid var(--line);
}
`;
