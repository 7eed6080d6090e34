/**
 * The chart of the small page as SVG: requests a second and CPU time of a request, by the number of
 * connections. Its colours follow the reader's. Pure.
 *
 * @module
 */

import { pageBytes } from "./page.ts";
import { figureOf, findRow, type Result } from "./results.ts";
import { connectionCounts, smallPageTo } from "./scenarios/small_page.ts";
import { showCount } from "./units.ts";

/** The servers that are shown, and the class of their bars. */
const shown = ["skein", "nginx", "lighttpd", "Caddy", "Deno.serve"];

interface Panel {
  readonly title: string;
  readonly column: string;
  show(value: number): string;
}

const panels: readonly Panel[] = [
  {
    title: "Requests per second (more is better)",
    column: "rate",
    show: (value) => `${(value / 1000).toFixed(1)}k`,
  },
  {
    title: "CPU time of a request, microseconds (less is better)",
    column: "cpu",
    show: (value) => value.toFixed(1),
  },
];

const width = 760;
const panelHeight = 210;
const top = 64;
const barsHeight = 130;
const left = 12;
const groupWidth = (width - 2 * left) / connectionCounts.length;
const barWidth = 30;

const style = `
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 14px; }
  .small { font-size: 10.5px; fill: #57606a; }
  .value { font-size: 10.5px; text-anchor: middle; }
  .count { text-anchor: middle; }
  line { stroke: #8c959f; }
  .b0 { fill: #0969da; } .b1 { fill: #8c959f; } .b2 { fill: #b9c0c8; } .b3 { fill: #4d9a8f; } .b4 { fill: #bc7d2e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9198a1; }
    line { stroke: #656c76; }
    .b0 { fill: #58a6ff; } .b1 { fill: #7d8590; } .b2 { fill: #525a64; } .b3 { fill: #56b3a4; } .b4 { fill: #d29922; }
  }`;

/**
 * The chart.
 *
 * @param about where and when it was measured
 */
export function chart(results: readonly Result[], about: string): string {
  const height = top + panels.length * panelHeight + 26;
  const parts = panels.map((panel, index) =>
    drawPanel(panel, results, top + index * panelHeight)
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${
    escape(summary(results))
  }">
<style>${style}
</style>
<text class="title" x="${left}" y="22">A page of ${pageBytes} bytes, by the number of connections</text>
${legend()}
${parts.join("\n")}
<text class="small" x="${left}" y="${height - 8}">${escape(about)}</text>
</svg>
`;
}

function legend(): string {
  return shown.map((server, index) => {
    const x = left + index * 110;
    return `<rect class="b${index}" x="${x}" y="34" width="12" height="12"/><text x="${
      x + 17
    }" y="44">${server}</text>`;
  }).join("\n");
}

function drawPanel(
  panel: Panel,
  results: readonly Result[],
  y: number,
): string {
  const { title, column } = panel;
  const groups = connectionCounts.map((count) =>
    shown.map((server) => valueOf(results, count, server, column))
  );
  const most = Math.max(...groups.flat().filter(Number.isFinite), 0);
  const base = y + 24 + barsHeight + 16;
  const drawn = groups.map((values, index) =>
    drawGroup(panel, values, {
      most,
      base,
      x: left + index * groupWidth,
      count: connectionCounts[index],
    })
  );
  return `<text x="${left}" y="${y + 16}">${title}</text>
${drawn.join("\n")}
<line x1="${left}" x2="${width - left}" y1="${base}" y2="${base}"/>`;
}

function drawGroup(
  { show }: Panel,
  values: readonly number[],
  place: { most: number; base: number; x: number; count: number },
): string {
  const { most, base, x, count } = place;
  const start = x + (groupWidth - values.length * (barWidth + 3)) / 2;
  const bars = values.map((value, index) => {
    if (!Number.isFinite(value)) return "";
    const height = Math.max(value / most * barsHeight, 1);
    const at = start + index * (barWidth + 3);
    return `<rect class="b${index}" x="${at.toFixed(1)}" y="${
      (base - height).toFixed(1)
    }" width="${barWidth}" height="${
      height.toFixed(1)
    }"/><text class="value" x="${(at + barWidth / 2).toFixed(1)}" y="${
      (base - height - 4).toFixed(1)
    }">${show(value)}</text>`;
  });
  const middle = (x + groupWidth / 2).toFixed(1);
  return `${bars.join("")}<text class="count" x="${middle}" y="${
    base + 16
  }">${count}</text>`;
}

function valueOf(
  results: readonly Result[],
  connections: number,
  server: string,
  column: string,
): number {
  const row = findRow(results, smallPageTo(connections), server);
  return row?.outcome.kind === "measured" ? figureOf(row, column) : NaN;
}

/** The same for who cannot see it. */
function summary(results: readonly Result[]): string {
  return connectionCounts.map((count) => {
    const each = shown.flatMap((server) => {
      const value = valueOf(results, count, server, "rate");
      return Number.isFinite(value) ? `${server} ${showCount(value)}` : [];
    });
    return `Requests per second with ${count} connections: ${each.join(", ")}.`;
  }).join(" ");
}

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(
    /"/g,
    "&quot;",
  );
}
