/**
 * The script of the status page: follows the stream of events and keeps the page as it
 * says. It runs in a browser. What it shows may come from a client of the server, and is
 * put in as text only. Must not know how the page looks.
 *
 * @module
 */

// In it are no back quotes and nothing like a closing tag, for where it stands.
/** The source of a module. */
export const statusPageScript = String.raw`
const byId = (id) => document.getElementById(id);

// What did not change is not touched: a selection stays, and nothing is announced.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// Numbers for reading. Their spaces are no places to break a line.
const grouped = (number) =>
  String(Math.round(number)).replace(/\B(?=([0-9]{3})+$)/g, "\u202f");
const decimal = (number) =>
  number > 0 && number < 9.95 ? number.toFixed(1) : grouped(number);
const unit = (number, name) => decimal(number) + "\u00a0" + name;
const count = (number, noun) =>
  grouped(number) + " " + noun + (number === 1 ? "" : "s");

function duration(ms) {
  if (ms < 999.5) return unit(ms, "ms");
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return unit(ms / 1000, "s");
  const two = (large, largeName, small, smallName) =>
    large + "\u00a0" + largeName + "\u00a0" + small + "\u00a0" + smallName;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, "min", seconds % 60, "s");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return two(hours, "h", minutes % 60, "min");
  return two(grouped(hours / 24 - hours / 24 % 1), "d", hours % 24, "h");
}

function size(bytes) {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  let power = 0;
  // From 999.5 on it would have four digits.
  while (bytes >= 999.5 && power < names.length - 1) {
    bytes /= 1024;
    power++;
  }
  return power === 0 ? grouped(bytes) + "\u00a0B" : unit(bytes, names[power]);
}

function share(part, whole) {
  const percent = whole === 0 ? 0 : part / whole * 100;
  if (percent > 0 && percent < 0.05) return "<\u00a00.1\u00a0%";
  return percent.toFixed(1) + "\u00a0%";
}

const clock = (iso) => iso.slice(11, 19) + " UTC";
const day = (iso) => iso.slice(0, 10) + " " + iso.slice(11, 16) + " UTC";

// Nobody reads more of a path, and it may be thousands of characters long. What is
// invisible, or turns the direction of the rest, is shown as its code point.
const longestText = 240;
function shown(text) {
  const short = text.length > longestText
    ? text.slice(0, longestText) + "…"
    : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0).toString(16).toUpperCase();
    return "‹U+" + code.padStart(4, "0") + "›";
  });
}

// Tables. A cell is a text, or lines of a request and what is said of it.
const tables = new Map();

function fill(id, items, keyOf, cellsOf, isBusy = () => false) {
  const table = byId(id);
  const heads = table.tHead.rows[0].cells;
  const body = table.tBodies[0];
  const known = tables.get(id) ?? new Map();
  const rows = new Map();
  for (const item of items) {
    let key = String(keyOf(item));
    // Two requests may look the same.
    while (rows.has(key)) key += "+";
    const row = known.get(key) ?? newRow(heads);
    known.delete(key);
    rows.set(key, row);
    cellsOf(item).forEach((content, index) => put(row.cells[index], content));
    row.classList.toggle("busy", isBusy(item));
  }
  tables.set(id, rows);
  for (const row of known.values()) row.remove();
  body.querySelector(".none").hidden = rows.size > 0;
  // Only those that are out of order are moved, for that ends a selection.
  let place = body.firstElementChild;
  for (const row of rows.values()) {
    if (row === place) place = place.nextElementSibling;
    else body.insertBefore(row, place);
  }
}

function newRow(heads) {
  const row = document.createElement("tr");
  [...heads].forEach((head, index) => {
    const cell = document.createElement(index === 0 ? "th" : "td");
    if (index === 0) cell.scope = "row";
    cell.className = head.className;
    cell.dataset.name = head.textContent;
    row.append(cell);
  });
  return row;
}

function put(cell, content) {
  if (typeof content === "string") return setText(cell, content);
  while (cell.children.length > content.length) cell.lastElementChild.remove();
  content.forEach(([request, detail], index) => {
    const line = cell.children[index] ?? newLine(cell);
    setText(line.firstElementChild, shown(request));
    setText(line.lastElementChild, detail);
  });
}

function newLine(cell) {
  const line = document.createElement("div");
  const request = document.createElement("bdi");
  line.className = "line";
  request.translate = false;
  line.append(request, " ", document.createElement("span"));
  cell.append(line);
  return line;
}

// Charts: one unit of x is one entry of the history, the newest at the right.
const slots = 150;
const slotMs = 2000;
const height = 60;

function newChart(id, format) {
  const figure = byId("chart-" + id);
  const make = (name, attributes, parent) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    parent.append(node);
    return node;
  };
  const svg = make("svg", {
    role: "img",
    viewBox: "0 0 " + (slots - 1) + " " + height,
    preserveAspectRatio: "none",
  }, figure);
  figure.insertBefore(svg, figure.lastElementChild.previousElementSibling);
  make("path", { class: "top", d: "M0 0H" + (slots - 1) }, svg);
  const area = make("path", { class: "area" }, svg);
  const line = make("path", {}, svg);
  const peak = make("path", { class: "peak" }, svg);
  const name = figure.querySelector("figcaption span").textContent;
  return (history) => {
    const values = history.map((entry) => entry[id]);
    const most = Math.max(0, ...values);
    const at = values.lastIndexOf(most);
    const first = slots - values.length;
    const y = (value) => (height - value / (most || 1) * height).toFixed(1);
    const points = values.map((value, index) => first + index + " " + y(value));
    const drawn = "M" + points.join("L");
    const any = values.length > 0;
    setAttribute(line, "d", any ? drawn : "");
    setAttribute(area, "d", any ? drawn + "V" + height + "H" + first + "Z" : "");
    // A line of no length has round ends: a dot that is not stretched.
    setAttribute(peak, "d", most > 0 ? "M" + (first + at) + " 0h0" : "");
    const now = any ? format(values.at(-1)) : "–";
    const ago = duration((values.length - 1 - at) * slotMs) + " ago";
    const highest = most > 0 ? "highest " + format(most) + ", " + ago : "always 0";
    setText(figure.querySelector("b"), now);
    setText(figure.querySelector(".most"), any ? highest : "");
    const label = any
      ? name + " in the last " + duration(values.length * slotMs) + ": now " +
        now + ", lowest " + format(Math.min(...values)) + ", " + highest
      : name + ": nothing is known yet";
    setAttribute(svg, "aria-label", label);
  };
}

const charts = [
  newChart("perSecond", decimal),
  newChart("p99Ms", duration),
  newChart("queue", grouped),
  newChart("errors", grouped),
];

function setFigure(id, value, detail, isFull = false) {
  const figure = byId("figure-" + id);
  setText(figure.querySelector(".value"), value);
  setText(figure.querySelector(".detail"), detail);
  figure.classList.toggle("full", isFull);
}

const ofLimit = (number, limit) =>
  number < limit ? "of " + grouped(limit) : "the limit is reached";

function showFigures({ requests, queue, connections, process, workers, ...rest }) {
  const sum = (key) => workers.reduce((total, worker) => total + worker[key], 0);
  const upMs = Date.parse(rest.now) - Date.parse(rest.startedAt);
  setFigure("uptime", duration(upMs), "since " + day(rest.startedAt));
  const total = grouped(requests.total) + " in all";
  setFigure("perSecond", decimal(requests.perSecond), total);
  setFigure("p50", duration(requests.p50Ms), "1 in 2 takes longer");
  setFigure("p90", duration(requests.p90Ms), "1 in 10 takes longer");
  setFigure("p99", duration(requests.p99Ms), "1 in 100 takes longer");
  const inWorkers = grouped(sum("inFlight")) + " in workers";
  setFigure("active", grouped(requests.active), inWorkers);
  const oldest = queue.length > 0 ? ", oldest " + duration(queue.oldestMs) : "";
  const isFull = queue.length >= queue.limit;
  const inQueue = ofLimit(queue.length, queue.limit) + oldest;
  setFigure("queue", grouped(queue.length), inQueue, isFull);
  const { total: open, limit } = connections;
  setFigure("connections", grouped(open), ofLimit(open, limit), open >= limit);
  const heaps = size(sum("heapBytes")) + " in heaps";
  setFigure("memory", size(process.rssBytes), heaps);
  setFigure("delay", duration(process.eventLoopDelayMs), "of the main thread");
}

const busyMs = 1000;
const maxLines = 3;
const isBusy = (worker) => worker.busyForMs !== null && worker.busyForMs > busyMs;

function runningLines({ running }) {
  if (running.length === 0) return [["", "nothing"]];
  const lines = running.toSorted((a, b) => b.forMs - a.forMs)
    .slice(0, maxLines)
    .map(({ request, forMs }) => [request, "for " + duration(forMs)]);
  const more = running.length - lines.length;
  return more > 0 ? [...lines, ["", "and " + grouped(more) + " more"]] : lines;
}

function showWorkers(workers) {
  fill("workers", workers, (worker) => worker.id, (worker) => [
    "Worker " + worker.id,
    worker.state +
    (isBusy(worker) ? ", busy for " + duration(worker.busyForMs) : ""),
    runningLines(worker),
    grouped(worker.jobs),
    grouped(worker.inFlight),
    size(worker.heapBytes),
    duration(worker.ageMs),
  ], isBusy);
  const states = ["ready", "booting", "retiring"].map((state) => {
    const number = workers.filter((worker) => worker.state === state).length;
    return number === 0 ? "" : ", " + grouped(number) + " " + state;
  });
  const busy = workers.filter(isBusy).length;
  const text = count(workers.length, "worker") + states.join("") +
    (busy === 0 ? "" : ", " + grouped(busy) + " busy for more than 1 s") + ".";
  setText(byId("workers").caption, text);
}

function showTables(status) {
  const { requests } = status;
  fill("longest", status.longest, (one) => one.worker + " " + one.request, (one) => [
    [[one.request, ""]],
    duration(one.forMs),
    one.worker === null ? "none" : String(one.worker),
  ], (one) => one.forMs > busyMs && one.worker !== null);
  fill("routes", status.routes, (one) => one.route, (one) => [
    [[one.route, ""]],
    grouped(one.jobs),
    duration(one.meanMs),
    one.heavy ? "heavy" : "light",
  ]);
  const fillCounts = (id, counts, ...more) => {
    const cellsOf = ([name, number]) => [
      shown(name),
      grouped(number),
      ...more.map((next) => next(number)),
    ];
    fill(id, Object.entries(counts), ([name]) => name, cellsOf);
  };
  const all = Object.values(requests.statuses).reduce((sum, one) => sum + one, 0);
  fillCounts("statuses", requests.statuses, (number) => share(number, all));
  fillCounts("rejected", requests.rejected);
  fillCounts("connectionStates", status.connections.byState);
  fill("replacements", status.replacements, ({ at, why }) => at + why, ({ at, why }) => [
    duration(Math.max(0, Date.parse(status.now) - Date.parse(at))),
    shown(why),
  ]);
  fillCounts("events", {
    "Lost threads": status.lostThreads,
    "Reloads": status.reloads,
    "Dropped lines of the access log": status.log.dropped,
  });
}

function showState({ version, state, why }) {
  setText(byId("version"), shown(version));
  const word = state[0].toUpperCase() + state.slice(1);
  setText(byId("state"), shown(why === null ? word : word + ": " + why));
  setAttribute(byId("state"), "data-state", state);
  if (document.title !== "Skein: " + state) document.title = "Skein: " + state;
}

let shownAt = null;

function show(status) {
  showState(status);
  showFigures(status);
  for (const draw of charts) draw(status.history);
  showWorkers(status.workers);
  showTables(status);
  shownAt = status.now;
  byId("data").hidden = false;
  setNotice("");
}

function setNotice(text) {
  const old = text !== "" && shownAt !== null
    ? ". What follows is of " + clock(shownAt) + "."
    : "";
  setText(byId("notice"), text + old);
  byId("data").classList.toggle("stale", text !== "");
}

// A server whose main thread stands still keeps its connections open.
const quietMs = 5000;
const givenUpMs = 15_000;
const lookMs = 1000;
let source;
let heardAt;

function connect() {
  source?.close();
  source = new EventSource("events");
  heardAt = performance.now();
  source.addEventListener("message", ({ data }) => {
    heardAt = performance.now();
    show(JSON.parse(data));
  });
  source.addEventListener("error", () => setNotice("Not connected; trying again"));
}

connect();
setInterval(() => {
  const silentMs = performance.now() - heardAt;
  // A browser tries again by itself, but not after a response that is no stream.
  if (source.readyState === EventSource.CLOSED || silentMs > givenUpMs) connect();
  else if (source.readyState === EventSource.OPEN && silentMs > quietMs) {
    setNotice("Connected, but nothing was heard for 5 s; trying again");
  }
}, lookMs);
`;
