/**
 * The curves of a long run as a picture: memory, descriptors and threads over time.
 *
 * @module
 */

import type { Sample } from "./soak.ts";

const width = 800;
const height = 150;
const margin = 60;

const curves: readonly { name: string; of: (sample: Sample) => number }[] = [
  { name: "memory, MiB", of: ({ rssBytes }) => rssBytes / 1024 / 1024 },
  { name: "descriptors", of: ({ descriptors }) => descriptors },
  { name: "threads", of: ({ threads }) => threads },
  { name: "requests/s", of: ({ perSecond }) => perSecond },
];

/** The text of an SVG file. */
export function chart(samples: readonly Sample[]): string {
  const all = curves.map(({ name, of }, index) =>
    curve(name, samples.map(of), index * (height + 40) + 30)
  );
  const minutes = (samples.at(-1)?.seconds ?? 0) / 60;
  const total = curves.length * (height + 40) + 40;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${
    width + 2 * margin
  } ${total}" font-family="sans-serif" font-size="13">
<style>
  text { fill: #222 } polyline { fill: none; stroke: #06c; stroke-width: 1.5 }
  line { stroke: #999 }
  @media (prefers-color-scheme: dark) { text { fill: #ddd } polyline { stroke: #6cf } }
</style>
${all.join("\n")}
<text x="${margin}" y="${total - 10}">0</text>
<text x="${width + margin}" y="${total - 10}" text-anchor="end">${
    minutes.toFixed(0)
  } minutes</text>
</svg>
`;
}

function curve(name: string, values: readonly number[], top: number): string {
  const max = Math.max(...values, 1);
  const points = values.map((value, index) => {
    const x = margin + index / Math.max(values.length - 1, 1) * width;
    const y = top + height - value / max * height;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const bottom = top + height;
  return `<text x="${margin}" y="${top - 6}">${name}, up to ${
    max.toFixed(0)
  }</text>
<line x1="${margin}" y1="${bottom}" x2="${margin + width}" y2="${bottom}"/>
<polyline points="${points.join(" ")}"/>`;
}
