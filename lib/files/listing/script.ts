/**
 * The script of a listing: its filter, and times in the reader's zone. The page is whole
 * without it. Must not know how the page is made, but for the elements it looks for.
 *
 * @module
 */

/** Changes with the hash below it. Rows are looked up when the filter gets the focus, and
 * only those that appear or disappear are touched. Times are written in slices, so that
 * a long page heeds its reader meanwhile. */
export const listingScript = `
const box = document.getElementById("filter");
const say = document.getElementById("matches");
const plain = (text) => /^[ -~]*$/.test(text)
  ? text.toLowerCase()
  : text.normalize("NFKD").replace(/\\p{M}/gu, "").toLowerCase();
let groups = null;
const read = () => Array.from(document.querySelectorAll(".names > tbody"), (body) => ({
  body,
  rows: Array.from(body.rows, (row) => ({
    row,
    name: row.className === "fixed" ? null : plain(row.cells[0].textContent),
    isHidden: row.hidden,
  })),
}));
const ready = () => {
  if (groups === null || document.readyState === "loading") groups = read();
};
const filter = () => {
  ready();
  const wanted = plain(box.value.trim());
  let all = 0, matches = 0;
  for (const { body, rows } of groups) {
    const shown = rows.filter(({ name }) => name === null || name.includes(wanted));
    const fixed = rows.filter(({ name }) => name === null).length;
    all += rows.length - fixed;
    matches += shown.length - fixed;
    body.hidden = shown.length === 0;
    // The rows of a group that is hidden are left as they are.
    if (body.hidden) continue;
    body.style.setProperty("--rows", shown.length);
    const kept = new Set(shown);
    for (const one of rows) {
      if (one.isHidden !== kept.has(one)) continue;
      one.row.hidden = one.isHidden = !one.isHidden;
    }
  }
  const number = matches === 0 ? "None" : matches.toLocaleString("en");
  say.textContent = wanted === "" ? "" : number + " of " + all.toLocaleString("en");
};
if (box !== null) {
  box.parentNode.hidden = false;
  box.addEventListener("focus", ready);
  box.addEventListener("input", filter);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && box.value.trim() !== "") {
      document.querySelector(".names tbody:not([hidden]) tr:not(.fixed):not([hidden]) a")?.click();
    } else if (event.key === "Escape") {
      if (box.value === "") box.blur();
      box.value = "";
      filter();
      event.preventDefault();
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target === box) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    box.select();
    box.focus();
  });
}
const two = (number) => String(number).padStart(2, "0");
const local = (date) => String(date.getFullYear()).padStart(4, "0") + "-" +
  two(date.getMonth() + 1) + "-" + two(date.getDate()) + " " +
  two(date.getHours()) + ":" + two(date.getMinutes());
addEventListener("DOMContentLoaded", () => {
  if (box !== null && box.value !== "") filter();
  const header = document.querySelector(".names thead .time a");
  header.textContent = "Changed";
  header.title = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const times = document.querySelectorAll(".names time");
  document.querySelector(".names").addEventListener("pointerover", ({ target }) => {
    if (target.localName !== "time") return;
    target.title = target.dateTime.replace("T", " ").replace("Z", " UTC");
  });
  let next = 0;
  const write = () => {
    const end = Math.min(next + 500, times.length);
    for (; next < end; next++) {
      const time = times[next];
      time.firstChild.data = local(new Date(time.dateTime));
    }
    if (next < times.length) setTimeout(write);
  };
  write();
});
`;

/** The SHA-256 of the script, as a policy names it. */
export const listingScriptHash =
  "sha256-IKVja7CO62d5Ti/5Zj34hCZYFNd8EzH3opaIVCwLR3A=";
