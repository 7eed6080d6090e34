/**
 * The style sheet of a directory listing. It is part of the page, so that a served
 * directory needs no style sheet of its own. Must not know what is listed.
 *
 * @module
 */

import { pageStyle } from "../../http/page_style.ts";

/** What a table needs besides. */
export const listingStyle = `${pageStyle}h1,
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
