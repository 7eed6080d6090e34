/**
 * What the hello page has beyond its text: the version, workers and command of this
 * Skein, buttons that copy, and the demonstration. Where the app of the page
 * (`lib/hello/app.ts`) is missing, the page stays as it is. Must not know how Skein
 * chooses a worker: it shows what it gets.
 *
 * @module
 */

const fastEveryMs = 150;
// A browser opens six connections to a server, and the fast requests need one.
const maxSlowOnes = 4;
// More lanes are added when more workers respond.
const maxIdleLanes = 4;
// A slow request that took so much longer than another has waited for a worker.
const waitedMs = 1000;
const drawEveryMs = 100;
/** Of the picture, until a run takes longer. */
const leastSpanMs = 3200;

const byId = (id) => document.getElementById(id);

/** @returns `null` where this page is served by something else */
async function readAbout() {
  try {
    const response = await fetch("/about.json");
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function showAbout({ version, workers, command, admin }) {
  byId("version").textContent = `: Skein ${version}`;
  if (workers === 1) byId("workers").textContent = "1 worker thread";
  else byId("workers").prepend(`${workers} `);
  for (const part of document.querySelectorAll(".command")) {
    part.textContent = command;
  }
  byId("elsewhere").hidden = true;
  if (admin === null) return;
  const link = element("a", "", "status page");
  link.href = admin;
  byId("admin-term").textContent = "health and metrics of this one";
  byId("admin").replaceChildren(link);
}

// --- copying ---

/** A browser has a clipboard for pages of its own machine, and over TLS. */
function addCopyButtons() {
  if (navigator.clipboard === undefined) return;
  for (const code of document.querySelectorAll(".yours dd code")) {
    const word = element("span", "", "Copy");
    const button = element("button");
    button.type = "button";
    button.append(word, element("span", "unseen", ` ${code.textContent}`));
    button.addEventListener("click", () => copy(code, word));
    code.after(button);
  }
}

/** @param word what the button says */
async function copy(code, word) {
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // It was forbidden: what is selected can be copied by hand.
    return getSelection().selectAllChildren(code);
  }
  word.textContent = byId("copied").textContent = "Copied";
  setTimeout(() => {
    word.textContent = "Copy";
    byId("copied").textContent = "";
  }, 2000);
}

// --- the demonstration ---

/** A row of the picture: a name, a thread with requests on it, and what they took. */
class Lane {
  #track = element("div", "track");
  #value = element("div");

  /** @param group what it is added to */
  constructor(group, name) {
    const row = element("div", "lane");
    row.append(element("div", "", name), this.#track, this.#value);
    byId(group).append(row);
  }

  /** Draws a request.
   *
   * @returns what draws how long it has taken until now */
  draw(kind, at, ms = 0) {
    const bar = element("span", kind);
    const grow = (ms) => {
      bar.style.setProperty("--ms", ms);
      bar.title = duration(ms);
    };
    bar.style.setProperty("--at", at);
    grow(ms);
    this.#track.append(bar);
    return grow;
  }

  set value(text) {
    this.#value.textContent = text;
  }
}

/** From the first slow request to the end of the last. */
class Run {
  #begunAt = performance.now();
  #idleLanes;
  /** By the id of a worker: its lane, and what its fast requests took. */
  #workers = new Map();
  /** What grows in the picture. */
  #growing = new Set();
  /** The requests that are over. */
  #slow = [];
  #fast = [];
  #started = 0;

  /** @param workers their number */
  constructor(workers) {
    byId("slow-lanes").replaceChildren();
    byId("worker-lanes").replaceChildren();
    this.#idleLanes = idleLanes(workers);
  }

  get now() {
    return performance.now() - this.#begunAt;
  }

  /** How many slow requests are not over. */
  get open() {
    return this.#started - this.#slow.length;
  }

  /** Sends a slow request. */
  async addSlow() {
    const name = `slow ${++this.#started}`;
    const lane = new Lane("slow-lanes", name);
    const bar = { at: this.now, grow: lane.draw("slow", this.now) };
    this.#growing.add(bar);
    const request = await this.#send("/sleep");
    this.#growing.delete(bar);
    bar.grow(request.ms);
    lane.value = request.failure ?? duration(request.ms);
    this.#slow.push(request);
    if (request.failure === null) this.#drawSleep(request);
  }

  /** Sends fast requests, one after the other, as long as slow ones are open. */
  async sendFast() {
    const timer = setInterval(() => this.#draw(), drawEveryMs);
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, fastEveryMs));
      if (this.open === 0) break;
      const request = await this.#send("/fast");
      this.#fast.push(request);
      if (request.failure === null) this.#drawFast(request);
    }
    clearInterval(timer);
    this.#draw();
  }

  async #send(path) {
    const at = this.now;
    let told = {};
    let failure = null;
    try {
      const response = await fetch(path, { cache: "no-store" });
      if (response.ok) told = await response.json();
      else failure = `status ${response.status}`;
    } catch {
      failure = "no response";
    }
    return { at, ms: this.now - at, failure, ...told };
  }

  #workerOf({ worker }) {
    if (!this.#workers.has(worker)) {
      const lane = this.#idleLanes.shift() ??
        new Lane("worker-lanes", `worker ${this.#workers.size + 1}`);
      this.#workers.set(worker, { lane, took: [] });
    }
    return this.#workers.get(worker);
  }

  /** Which worker it was is known in the end only. */
  #drawSleep(request) {
    const { at, ms, sleptMs } = request;
    const { lane, took } = this.#workerOf(request);
    lane.draw("slept", at + ms - sleptMs, sleptMs);
    if (took.length === 0) lane.value = "asleep";
  }

  #drawFast(request) {
    const { lane, took } = this.#workerOf(request);
    lane.draw("fast", request.at, request.ms);
    took.push(request.ms);
    lane.value = `${took.length} × ${duration(median(took))}`;
  }

  #draw() {
    const { now } = this;
    for (const { at, grow } of this.#growing) grow(now - at);
    byId("lanes").style.setProperty("--span", Math.max(leastSpanMs, now));
  }

  /** What came of it, in sentences. */
  describe() {
    const slow = this.#slow.map(({ ms, failure }) =>
      failure === null ? duration(ms) : `${duration(ms)} (${failure})`
    );
    const took = this.#slow.map(({ ms }) => ms);
    const hasWaited = Math.max(...took) - Math.min(...took) > waitedMs;
    const sentences = [
      slow.length === 1
        ? `The slow request took ${slow}.`
        : `The ${slow.length} slow requests took ${list(slow)}.`,
      this.#describeFast(),
    ];
    if (hasWaited) {
      sentences.push(
        "One worker is kept free for the fast ones; so a slow one has waited for another.",
      );
    }
    return sentences.join(" ");
  }

  #describeFast() {
    const good = this.#fast.filter(({ failure }) => failure === null);
    if (good.length === 0) return "No fast one had a response meanwhile.";
    const workers = new Set(good.map(({ worker }) => worker));
    const others = this.#slow.every(({ worker }) => !workers.has(worker));
    const ms = duration(median(good.map(({ ms }) => ms)));
    const took = good.length === 1
      ? `1 fast one took ${ms}`
      : `${good.length} fast ones took ${ms} each (the median)`;
    const where = workers.size === 1
      ? others ? "another worker" : "the same worker"
      : `${workers.size} ${others ? "other " : ""}workers`;
    return `Meanwhile ${took}, on ${where}.`;
  }
}

function idleLanes(workers) {
  return Array.from(
    { length: Math.min(workers, maxIdleLanes) },
    (_, index) => new Lane("worker-lanes", `worker ${index + 1}`),
  );
}

/** Makes the button start runs. */
function prepareRuns(workers) {
  const button = byId("start");
  const most = Math.min(workers, maxSlowOnes);
  let run = null;
  const show = (text) => {
    // It keeps the focus, which a button that is disabled would lose.
    button.ariaDisabled = `${run !== null && run.open === most}`;
    button.textContent = run === null
      ? "Start a slow request"
      : "Start another one meanwhile";
    byId("told").textContent = text;
  };
  button.addEventListener("click", async () => {
    if (run !== null) {
      if (run.open < most) await addSlow(run);
      return;
    }
    const begun = run = new Run(workers);
    addSlow(begun);
    await begun.sendFast();
    run = null;
    show(begun.describe());
  });
  const addSlow = async (run) => {
    const over = run.addSlow();
    show(running(run.open));
    await over;
    if (run.open > 0) show(running(run.open));
  };
  idleLanes(workers);
  byId("told").textContent = workers === 1
    ? "There is one worker only: the fast ones will wait."
    : "Press it again meanwhile: one worker stays free.";
  byId("live").hidden = false;
}

function running(open) {
  return open === 1
    ? "A slow request is running."
    : `${open} slow requests are running.`;
}

// --- words and elements ---

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function duration(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function list(texts) {
  return new Intl.ListFormat("en").format(texts);
}

const about = await readAbout();
if (about !== null) {
  showAbout(about);
  prepareRuns(about.workers);
}
addCopyButtons();
