/**
 * The style sheet of the status page, in the look of the directory listing. Must not
 * know what the page shows.
 *
 * @module
 */

/** On --wool, --tint and --notice every text colour has the contrast of 4.5:1 that WCAG
 * AA demands, in both schemes, also while the data is dimmed. --red, --pale and --line
 * are for lines and areas only. */
export const statusPageStyle = `
:root {
  color-scheme: light dark;
  --wool: #f8f4ec;
  --ink: #24222c;
  --soft: #5d5966;
  --blue: #2f4f9e;
  --pale: #a9c3ec66;
  --red: #dc4a2d;
  --blush: #dc4a2d33;
  --alarm: #a32c15;
  --tint: #fbe6dc;
  --notice: #f6e7b8;
  --line: #ddd6c9;
  --hover: #f0eadd;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --wool: #17161d;
    --ink: #f1ede4;
    --soft: #b1adba;
    --blue: #a9c3ec;
    --pale: #6a90d833;
    --alarm: #ffab97;
    --tint: #3a201d;
    --notice: #453a14;
    --line: #35333f;
    --hover: #211f29;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  max-width: 80rem;
  margin: 0 auto;
  padding: clamp(1rem, 3vw, 2.5rem) clamp(0.75rem, 3vw, 2.5rem) 3rem;
  background: var(--wool);
  color: var(--soft);
  font: 1rem/1.45 "Iowan Old Style", "Palatino Linotype", Palatino, P052, serif;
  font-variant-numeric: tabular-nums lining-nums;
}
header {
  display: grid;
  grid-template-columns: auto 1fr;
  align-items: center;
  gap: 0 1rem;
  padding: 0 0.5rem;
}
header svg { display: block; width: 3.75rem; animation: wind 1s ease-out; }
h1,
h2,
p,
dl,
dd,
figure { margin: 0; }
h1 {
  color: var(--ink);
  font-size: 2rem;
  line-height: 1.15;
  letter-spacing: -0.01em;
}
h1 span { color: var(--soft); font-size: 1rem; font-weight: normal; }
h2 {
  margin: 2.25rem 0 0.5rem;
  padding: 0 0.5rem;
  color: var(--ink);
  font-size: 1.25rem;
  line-height: 1.25;
}
.unseen {
  position: absolute;
  overflow: hidden;
  width: 1px;
  height: 1px;
  margin: 0;
  clip-path: inset(50%);
  white-space: nowrap;
}
#state { color: var(--ink); font-weight: bold; overflow-wrap: anywhere; }
#state:not(:empty)::before {
  content: "";
  display: inline-block;
  width: 0.625em;
  height: 0.625em;
  margin-right: 0.5em;
  border: 2px solid var(--blue);
  border-radius: 50%;
  background: var(--blue);
  forced-color-adjust: none;
}
#state[data-state="draining"]::before {
  border-color: var(--red);
  background: none;
}
#state[data-state="unavailable"] { color: var(--alarm); }
#state[data-state="unavailable"]::before {
  border-color: var(--red);
  border-radius: 0;
  background: var(--red);
}
/* In sight wherever the reader is: it says that all the rest is old. */
.notice:not(:empty) {
  position: sticky;
  z-index: 1;
  top: 0;
  margin-top: 1rem;
  padding: 0.5rem 0.75rem;
  border-left: 4px solid var(--red);
  background: var(--notice);
  color: var(--ink);
}
#data { transition: opacity 0.3s; }
.stale :is(#data, #state) {
  --ink: var(--soft);
  --blue: var(--soft);
  --red: var(--soft);
  --alarm: var(--soft);
  --tint: transparent;
  --pale: transparent;
  --blush: transparent;
  opacity: 0.88;
}

/* Figures and charts */
.figures {
  display: grid;
  grid-template-columns: repeat(5, 1fr);
  margin-top: 1.25rem;
  border-top: 2px solid var(--red);
}
.figures > div {
  padding: 0.5rem 0.5rem 0.625rem;
  border-bottom: 1px solid var(--line);
}
.figures dd { overflow-wrap: anywhere; }
.figures .value { color: var(--ink); font-size: 1.625rem; line-height: 1.2; }
.figures .detail { min-height: 1.45em; font-size: 0.875rem; font-style: italic; }
.figures .full .value,
.figures .full .detail { color: var(--alarm); }
.charts {
  display: grid;
  grid-template-columns: repeat(4, 1fr);
  gap: 1.25rem 2rem;
  padding: 0 0.5rem;
}
.chart figcaption,
.chart .scale {
  display: flex;
  justify-content: space-between;
  align-items: baseline;
  gap: 0 1rem;
}
.chart b { color: var(--ink); white-space: nowrap; }
.chart .scale { font-size: 0.875rem; font-style: italic; }
.chart svg {
  display: block;
  width: 100%;
  height: 4.5rem;
  margin: 0.375rem 0;
  overflow: visible;
  border-bottom: 1px solid var(--line);
  fill: none;
  stroke: var(--blue);
  stroke-width: 1.5;
  stroke-linejoin: round;
  stroke-linecap: round;
}
.chart svg * { vector-effect: non-scaling-stroke; }
.chart .area { fill: var(--pale); stroke: none; }
.chart .top { stroke: var(--line); stroke-width: 1; stroke-dasharray: 1 4; }
.chart .peak { stroke-width: 6; }
.chart.errors svg { stroke: var(--red); }
.chart.errors .area { fill: var(--blush); }

/* Tables */
.pair,
.three {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
  gap: 0 3rem;
}
.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); }
.pair > *,
.three > * { min-width: 0; }
table { width: 100%; border-collapse: collapse; }
caption {
  caption-side: bottom;
  padding: 0.5rem 0.5rem 0;
  font-size: 0.875rem;
  font-style: italic;
  text-align: start;
}
th,
td {
  padding: 0.3125rem 0.5rem;
  font-weight: normal;
  text-align: start;
  vertical-align: baseline;
  white-space: nowrap;
}
thead th { border-bottom: 2px solid var(--red); }
tbody tr { border-bottom: 1px solid var(--line); }
tbody tr:not(.none):hover { background: var(--hover); }
tbody th,
td { color: var(--ink); }
table:has(.none:not([hidden])) caption { display: none; }
.none td { color: var(--soft); font-style: italic; white-space: normal; }
.number { text-align: end; }
th.state { min-width: 11.5rem; }
.wide { width: 100%; }
td.wide,
th.wide { white-space: normal; overflow-wrap: anywhere; }
.line { display: flex; align-items: baseline; gap: 0 0.75rem; }
.line bdi { font: 0.875em/1.45 ui-monospace, Menlo, Consolas, monospace; }
.line bdi:empty { display: none; }
.line span { flex: none; color: var(--soft); }
tbody .marked,
tbody tr.marked:hover { background: var(--tint); }
.marked > :first-child { box-shadow: inset 4px 0 var(--red); }
.marked .state,
.marked .line span { color: var(--alarm); }
.marked .state { font-weight: bold; }
@media (max-width: 60rem) {
  .charts { grid-template-columns: 1fr 1fr; }
}
@media (max-width: 44rem) {
  .figures { grid-template-columns: 1fr 1fr; }
  .charts { grid-template-columns: 1fr; }
}
/* On a small screen a worker is a few lines, its numbers with their names above them. */
@media (max-width: 56rem) {
  #workers { display: flex; flex-direction: column; }
  #workers caption { order: 1; }
  #workers thead {
    position: absolute;
    overflow: hidden;
    width: 1px;
    height: 1px;
    clip-path: inset(50%);
  }
  #workers tbody { display: block; border-top: 2px solid var(--red); }
  #workers tbody tr {
    display: grid;
    grid-template-columns: 5fr 4fr 4fr 5fr;
    padding: 0.375rem 0;
  }
  #workers tbody :is(th, td) { padding: 0.125rem 0.5rem; }
  #workers tbody th { font-weight: bold; }
  #workers td.state { grid-column: span 3; }
  #workers td:is(.wide, [colspan]) { grid-column: 1 / -1; }
  #workers td.number { text-align: start; }
  #workers .named::before {
    content: attr(data-name);
    content: attr(data-name) / "";
    display: block;
    color: var(--soft);
    font-size: 0.8125rem;
  }
  #workers .marked { box-shadow: inset 4px 0 var(--red); }
  #workers .marked > :first-child { box-shadow: none; }
}
@keyframes wind {
  from { clip-path: inset(0 100% 0 0); }
}
@media (prefers-reduced-motion: reduce) {
  header svg { animation: none; }
  #data { transition: none; }
}
`;
