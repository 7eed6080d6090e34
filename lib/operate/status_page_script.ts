/**
 * The script of the status page: follows the stream of events and keeps the page as it
 * says. It runs in a browser. What it shows may come from a client of the server, and is
 * put in as text only. Must not know how the page looks.
 *
 * @module
 */

/** The source of a module. It can have no back quotes, and nothing like a closing tag. */
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
const decimal = (number) => number > 0 && number < 9.95 ? number.toFixed(1) : grouped(number);
const unit = (number, name) => decimal(number) + "\u00a0" + name;

function duration(ms) {
  if (ms > 0 && ms < 0.9995) return unit(ms * 1000, "µs");
  if (ms < 999.5) return unit(ms, "ms");
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return unit(ms / 1000, "s");
  const steps = [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]];
  const [large, largeName, small, smallName] = steps.find(([most]) => seconds >= most);
  const whole = (number) => grouped(Math.floor(number)) + "\u00a0";
  return whole(seconds / large) + largeName + "\u00a0" +
    whole(seconds % large / small) + smallName;
}

function size(bytes) {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  // From 999.5 on it would have four digits.
  for (; bytes >= 999.5 && names.length > 1; names.shift()) bytes /= 1024;
  return unit(bytes, names[0]);
}

function share(part, whole) {
  const percent = part / (whole || 1) * 100;
  return (percent > 0 && percent < 0.05 ? "<0.1" : percent.toFixed(1)) + "\u00a0%";
}

const between = (from, to) => Math.max(0, Date.parse(to) - Date.parse(from));
const day = (iso) => iso.slice(0, 10) + " " + iso.slice(11, 16) + " UTC";

// Nobody reads more of a path, and it may be thousands of characters long. What is
// invisible, or turns the direction of the rest, is shown as its code point.
const longestText = 240;
function shown(text) {
  const short = text.slice(0, longestText) + (text.length > longestText ? "…" : "");
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0).toString(16).toUpperCase();
    return "‹U+" + code.padStart(4, "0") + "›";
  });
}

// Tables. A cell is a text, or lines of a request and what is said of it.
const tables = new Map();

function fill(id, items, keyOf, cellsOf, isMarked = () => false) {
  const { tHead, tBodies: [body] } = byId(id);
  const known = tables.get(id) ?? new Map();
  const rows = new Map();
  for (const item of items) {
    let key = String(keyOf(item));
    // Two requests may look the same.
    while (rows.has(key)) key += "+";
    const row = known.get(key) ?? newRow(tHead.rows[0].cells);
    known.delete(key);
    rows.set(key, row);
    const contents = cellsOf(item);
    [...row.cells].forEach((cell, index) => put(cell, contents[index]));
    row.classList.toggle("marked", isMarked(item));
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
  for (const { className, textContent, cellIndex } of heads) {
    const cell = document.createElement(cellIndex === 0 ? "th" : "td");
    if (cellIndex === 0) cell.scope = "row";
    cell.className = className;
    cell.dataset.name = textContent;
    row.append(cell);
  }
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
  const line = cell.appendChild(document.createElement("div"));
  const request = document.createElement("bdi");
  line.className = "line";
  request.translate = false;
  line.append(request, " ", document.createElement("span"));
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
    return parent.appendChild(node);
  };
  const viewBox = "0 0 " + (slots - 1) + " " + height;
  const plot = figure.querySelector(".plot");
  const svg = make("svg", { role: "img", viewBox, preserveAspectRatio: "none" }, plot);
  make("path", { class: "top", d: "M0 0H" + (slots - 1) }, svg);
  const area = make("path", { class: "area" }, svg);
  const line = make("path", {}, svg);
  const peak = make("path", { class: "peak" }, svg);
  const name = figure.querySelector("figcaption span").textContent;
  return (history) => {
    const values = history.map((entry) => entry[id]);
    if (values.length === 0) return setAttribute(svg, "aria-label", name + ": nothing yet");
    const most = Math.max(...values);
    const at = values.lastIndexOf(most);
    const first = slots - values.length;
    const y = (value) => (height - value / (most || 1) * height).toFixed(1);
    const drawn = "M" + values.map((value, i) => first + i + " " + y(value)).join("L");
    setAttribute(line, "d", drawn);
    setAttribute(area, "d", drawn + "V" + height + "H" + first + "Z");
    // A line of no length has round ends: a dot that is not stretched.
    setAttribute(peak, "d", most > 0 ? "M" + (first + at) + " 0h0" : "");
    const [now, low, high] = [values.at(-1), Math.min(...values), most].map(format);
    const ago = duration((values.length - 1 - at) * slotMs) + " ago";
    const highest = most > 0 ? "highest " + high + ", " + ago : "always 0";
    const span = duration(values.length * slotMs);
    const label = name + " in the last " + span + ": now " + now + ", lowest " + low;
    setAttribute(svg, "aria-label", label + ", " + highest);
    setText(figure.querySelector("b"), now);
    setText(figure.querySelector(".most"), highest);
  };
}

const formats = { perSecond: decimal, p99Ms: duration, queue: grouped, errors: grouped };
const charts = Object.entries(formats).map((entry) => newChart(...entry));

function setFigure(id, value, detail, isFull = false) {
  const figure = byId("figure-" + id);
  setText(figure.querySelector(".value"), value);
  setText(figure.querySelector(".detail"), detail);
  figure.classList.toggle("full", isFull);
}

function setLimited(id, number, limit, more = "") {
  const isFull = number >= limit;
  const detail = (isFull ? "the limit of " : "of ") + grouped(limit) + more;
  setFigure(id, grouped(number), detail, isFull);
}

function showFigures({ now, startedAt, requests, queue, connections, process, workers }) {
  const sum = (key) => workers.reduce((total, worker) => total + worker[key], 0);
  const oldest = queue.length > 0 ? ", oldest " + duration(queue.oldestMs) : "";
  setFigure("uptime", duration(between(startedAt, now)), "since " + day(startedAt));
  setFigure("perSecond", decimal(requests.perSecond), grouped(requests.total) + " in all");
  for (const [key, number] of [["p50", 2], ["p90", 10], ["p99", 100]]) {
    setFigure(key, duration(requests[key + "Ms"]), "1 in " + number + " takes longer");
  }
  setFigure("active", grouped(requests.active), grouped(sum("inFlight")) + " in workers");
  setLimited("queue", queue.length, queue.limit, oldest);
  setLimited("connections", connections.total, connections.limit);
  setFigure("memory", size(process.rssBytes), size(sum("heapBytes")) + " in heaps");
  setFigure("delay", duration(process.eventLoopDelayMs), "of the main thread");
}

const busyMs = 1000;
const maxLines = 3;
const isBusy = (worker) => worker.busyForMs !== null && worker.busyForMs > busyMs;

function runningLines({ running, inFlight }) {
  const lines = running.toSorted((a, b) => b.forMs - a.forMs).slice(0, maxLines)
    .map(({ request, forMs }) => [request, "for " + duration(forMs)]);
  const more = inFlight - lines.length;
  if (more > 0) lines.push(["", grouped(more) + " more in flight"]);
  return lines.length > 0 ? lines : [["", "no request"]];
}

function showWorkers(workers) {
  fill("workers", workers, ({ id }) => id, (worker) => [
    "Worker " + worker.id,
    worker.state + (isBusy(worker) ? ", busy for " + duration(worker.busyForMs) : ""),
    runningLines(worker),
    grouped(worker.jobs),
    grouped(worker.inFlight),
    size(worker.heapBytes),
    duration(worker.ageMs),
  ], isBusy);
  const parts = [workers.length === 1 ? "1 worker" : grouped(workers.length) + " workers"];
  for (const state of ["ready", "booting", "retiring"]) {
    const number = workers.filter((worker) => worker.state === state).length;
    if (number > 0) parts.push(grouped(number) + " " + state);
  }
  const busy = workers.filter(isBusy).length;
  if (busy > 0) parts.push(grouped(busy) + " busy for more than 1 s");
  setText(byId("workers").caption, parts.join(", "));
}

function showTables({ now, longest, routes, requests, connections, ...rest }) {
  fill("longest", longest, ({ worker, request }) => worker + request, (one) =>
    [[[one.request, ""]], duration(one.forMs), String(one.worker ?? "none")]);
  fill("routes", routes, ({ route }) => route, ({ route, jobs, meanMs, heavy }) =>
    [[[route, ""]], grouped(jobs), duration(meanMs), heavy ? "heavy" : "light"]);
  fill("replacements", rest.replacements, ({ at, why }) => at + why, ({ at, why }) =>
    [duration(between(at, now)), shown(why)]);
  const fillCounts = (id, counts, isMarked) => {
    const all = Object.values(counts).reduce((sum, number) => sum + number, 0);
    // The share only where there is a column for it.
    fill(id, Object.entries(counts), ([name]) => name, ([name, number]) =>
      [shown(name.replaceAll("_", " ")), grouped(number), share(number, all)], isMarked);
  };
  fillCounts("statuses", requests.statuses);
  fillCounts("rejected", requests.rejected);
  fillCounts("connectionStates", connections.byState);
  const { lostThreads, reloads, log } = rest;
  const events = { "lost threads": lostThreads, reloads, "dropped log lines": log.dropped };
  fillCounts("events", events, ([name, number]) => number > 0 && name !== "reloads");
}

function show(status) {
  const { version, state, why } = status;
  const word = state[0].toUpperCase() + state.slice(1);
  setText(byId("version"), shown(version));
  setText(byId("state"), word + (why === null ? "" : ": " + shown(why)));
  setAttribute(byId("state"), "data-state", state);
  showFigures(status);
  for (const draw of charts) draw(status.history);
  showWorkers(status.workers);
  showTables(status);
  shownAt = status.now;
  byId("data").hidden = false;
  setNotice("", state);
}

function setNotice(text, titled = "not connected") {
  const isOld = text !== "" && shownAt !== undefined;
  const of = isOld ? ". What follows is of " + shownAt.slice(11, 19) + " UTC." : "";
  setText(byId("notice"), text + of);
  setText(document.querySelector("title"), "Skein: " + titled);
  document.body.classList.toggle("stale", isOld);
}

// A server whose main thread stands still keeps its connections open.
const quietMs = 5000;
const givenUpMs = 15_000;
let source, heardAt, shownAt;

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
  const { readyState, CLOSED, OPEN } = source;
  // A browser tries again by itself, but not after a response that is no stream.
  if (readyState === CLOSED || silentMs > givenUpMs) connect();
  else if (readyState === OPEN && silentMs > quietMs) setNotice("Nothing heard for 5 s");
}, 1000);
`;
