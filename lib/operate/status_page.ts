/**
 * The page at `/` of the admin listener: the pool of worker threads, alive. Owns its
 * text and its policy. It loads nothing; its script opens the stream of events beside
 * it. Must not know how a status is made, or who may see it.
 *
 * @module
 */

import { statusPageScript } from "./status_page_script.ts";
import { statusPageStyle } from "./status_page_style.ts";

/** A column of a table, and the class of its cells. */
type Column = readonly [name: string, className?: string];

/** What the script finds by its id, with `none` as what an empty table says. */
interface Table {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly none: string;
}

// Only this script can run, whatever is ever taken for markup. It cannot send what it
// shows to elsewhere either.
const policy = `default-src 'none'; script-src 'sha256-${await digest(
  statusPageScript,
)}'; ` +
  "style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

// static/favicon.svg, so that the page needs no other file.
const mark =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-55 -55 110 110" fill="none" aria-hidden="true">
<mask id="m" maskUnits="userSpaceOnUse" x="-110" y="-110" width="220" height="220">
<path fill="#fff" d="M-110 -110h220v220h-220" />
<path stroke="#000" stroke-width="31" d="M-16.3 16.6C-11.1 12.6-5.6 6.4 0 0S11.1-12.6 16.3-16.6" />
</mask>
<g stroke-width="7.1" transform="rotate(-58)">
<g mask="url(#m)">
<path stroke="#3b5fb5" d="M-37.4 0C-37.4 3.1-36.5 6.4-35.1 8.9S-31.7 12.9-30.3 13.3S-26.9 13.6-22.6 10.6S-12.5 1.3-6.5-5.6S5.8-19.8 12.6-24.6S27.6-31.8 34.8-29.9S46.8-22.9 49.9-17.5S54.6-6.1 54.6 0S53.1 12.2 49.9 17.5S41.9 28 34.8 29.9S19.4 29.4 12.6 24.6S-0.5 12.6-6.5 5.6S-18.3-7.5-22.6-10.6S-28.9-13.6-30.3-13.3S-33.6-11.4-35.1-8.9S-37.4-3.1-37.4 0Z" />
<path stroke="#a9c3ec" d="M-46 0C-46 4.6-44.8 9.3-42.5 13.2S-36.8 20.4-32.5 21.6S-23.2 21.5-17.6 17.6S-6 6.9 0 0S12-13.6 17.6-17.6S28.3-22.7 32.5-21.6S40.2-17.2 42.5-13.2S46-4.6 46 0S44.8 9.3 42.5 13.2S36.8 20.4 32.5 21.6S23.2 21.5 17.6 17.6S6 6.9 0 0S-12-13.6-17.6-17.6S-28.3-22.7-32.5-21.6S-40.2-17.2-42.5-13.2S-46-4.6-46 0Z" />
<path stroke="#dc4a2d" d="M-54.6 0C-54.6 6.1-53.1 12.2-49.9 17.5S-41.9 28-34.8 29.9S-19.4 29.4-12.6 24.6S0.5 12.6 6.5 5.6S18.3-7.5 22.6-10.6S28.9-13.6 30.3-13.3S33.6-11.4 35.1-8.9S37.4-3.1 37.4 0S36.5 6.4 35.1 8.9S31.7 12.9 30.3 13.3S26.9 13.6 22.6 10.6S12.5 1.3 6.5-5.6S-5.8-19.8-12.6-24.6S-27.6-31.8-34.8-29.9S-46.8-22.9-49.9-17.5S-54.6-6.1-54.6 0Z" />
</g>
<path stroke="#3b5fb5" d="M-22.6 10.6C-18.3 7.5-12.5 1.3-6.5-5.6S5.8-19.8 12.6-24.6" />
<path stroke="#a9c3ec" d="M-17.6 17.6C-12 13.6-6 6.9 0 0S12-13.6 17.6-17.6" />
<path stroke="#dc4a2d" d="M-12.6 24.6C-5.8 19.8 0.5 12.6 6.5 5.6S18.3-7.5 22.6-10.6" />
</g>
</svg>`;

/** The whole page, a constant: what it shows comes to it later. */
export const statusPage: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Skein status</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(mark)}">
<style>${statusPageStyle}</style>
</head>
<body>
<header>
${mark}
<div>
<h1>Skein <span id="version"></span></h1>
<p id="state" role="status"></p>
</div>
</header>
<main>
<noscript><p class="notice">This page needs JavaScript.</p></noscript>
<p id="notice" class="notice" role="status">Connecting</p>
<div id="data" hidden>
<h2 class="unseen">Now</h2>
<dl class="figures">
${figure("uptime", "Up for")}
${figure("perSecond", "Requests per second")}
${figure("p50", "p50")}
${figure("p90", "p90")}
${figure("p99", "p99")}
${figure("active", "Active requests")}
${figure("queue", "Queue")}
${figure("connections", "Connections")}
${figure("memory", "Memory")}
${figure("delay", "Event loop delay")}
</dl>
<h2>The last 5 minutes</h2>
<div class="charts">
${chart("perSecond", "Requests per second")}
${chart("p99Ms", "p99")}
${chart("queue", "Queue")}
${chart("errors", "Errors in 2 s")}
</div>
${
  table({
    id: "workers",
    title: "Workers",
    caption: "",
    columns: [
      ["Worker"],
      ["State", "state"],
      ["Runs", "wide"],
      ["Jobs", "number named"],
      ["In flight", "number named"],
      ["Heap", "number named"],
      ["Age", "number named"],
    ],
    none: "There is no worker.",
  })
}
<div class="pair">
${
  table({
    id: "longest",
    title: "Longest requests",
    caption: "Under way now, the longest first.",
    columns: [["Request", "wide"], ["For", "number"], ["Worker", "number"]],
    none: "No request is under way.",
  })
}
${
  table({
    id: "routes",
    title: "Routes by cost",
    caption: "Heavy routes leave a worker free for light ones.",
    columns: [
      ["Route", "wide"],
      ["Jobs", "number"],
      ["Mean", "number"],
      ["Kind"],
    ],
    none: "No route has been measured.",
  })
}
</div>
<div class="three">
${
  table({
    id: "statuses",
    title: "Responses",
    caption: "By status, since the start.",
    columns: [["Status", "wide"], ["Number", "number"], ["Share", "number"]],
    none: "There was no response.",
  })
}
${
  table({
    id: "rejected",
    title: "Rejected",
    caption: "By reason, since the start.",
    columns: [["Reason", "wide"], ["Number", "number"]],
    none: "No request was rejected.",
  })
}
${
  table({
    id: "connectionStates",
    title: "Connections",
    caption: "By what they do now.",
    columns: [["State", "wide"], ["Number", "number"]],
    none: "There is no connection.",
  })
}
</div>
<div class="pair">
${
  table({
    id: "replacements",
    title: "Replaced workers",
    caption: "The newest first, at most 20.",
    columns: [["Ago", "number"], ["Why", "wide"]],
    none: "No worker was replaced.",
  })
}
${
  table({
    id: "events",
    title: "Since the start",
    caption: "A lost thread could not be stopped.",
    columns: [["What", "wide"], ["Number", "number"]],
    none: "",
  })
}
</div>
</div>
</main>
<script type="module">${statusPageScript}</script>
</body>
</html>
`;

function figure(id: string, name: string): string {
  return `<div id="figure-${id}"><dt>${name}</dt><dd><div class="value"></div><div class="detail"></div></dd></div>`;
}

/** Only the frame: the script draws what is inside. */
function chart(id: string, name: string): string {
  return `<figure id="chart-${id}" class="chart ${id}">
<figcaption><span>${name}</span> <b></b></figcaption>
<div class="plot"></div>
<p class="scale"><span>5 min ago</span> <span class="most">nothing yet</span></p>
</figure>`;
}

function table({ id, title, caption, columns, none }: Table): string {
  const heads = columns.map(([name, className]) =>
    `<th scope="col"${className ? ` class="${className}"` : ""}>${name}</th>`
  );
  return `<section>
<h2 id="title-${id}">${title}</h2>
<table id="${id}" aria-labelledby="title-${id}">
<caption>${caption}</caption>
<thead>
<tr>${heads.join("")}</tr>
</thead>
<tbody>
<tr class="none"><td colspan="${columns.length}">${none}</td></tr>
</tbody>
</table>
</section>`;
}

/** The hash of a script as a policy names it. */
async function digest(script: string): Promise<string> {
  const bytes = new TextEncoder().encode(script);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toBase64();
}
