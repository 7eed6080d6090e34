/**
 * Seeking in a sound, as a browser does it: it asks for the part that it wants to
 * hear, and not for all that comes before (RFC 9110 section 14).
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { browserTest, watch, watchNetwork } from "../../support/browser.ts";
import { until } from "../../support/in_time.ts";

const bytesPerSecond = 44_100 * 2;
const seconds = 400;

/**
 * Silence, mono, in samples of two bytes. So much of it (35 MB) that a browser that
 * has been told to wait for a listener has by far not loaded it all.
 */
function wav(): Uint8Array {
  const dataBytes = seconds * bytesPerSecond;
  const bytes = new Uint8Array(44 + dataBytes);
  const view = new DataView(bytes.buffer);
  const encoder = new TextEncoder();
  const name = (at: number, text: string) =>
    bytes.set(encoder.encode(text), at);
  name(0, "RIFF");
  view.setUint32(4, 36 + dataBytes, true);
  name(8, "WAVE");
  name(12, "fmt ");
  view.setUint32(16, 16, true);
  // PCM, one channel.
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, bytesPerSecond / 2, true);
  view.setUint32(28, bytesPerSecond, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  name(36, "data");
  view.setUint32(40, dataBytes, true);
  return bytes;
}

const player = `<!doctype html>
<link rel="icon" href="data:,">
<audio preload="metadata" src="/silence.wav"></audio>
`;

/** Runs in the page: what the player says after it, or that it failed. */
function heard(event: string, action = ""): string {
  return `new Promise((resolve, reject) => {
    const audio = document.querySelector("audio");
    const told = () => resolve({
      duration: audio.duration,
      currentTime: audio.currentTime,
      seekableTo: audio.seekable.length && audio.seekable.end(0),
    });
    audio.onerror = () => reject(new Error(audio.error.message));
    audio.addEventListener(${JSON.stringify(event)}, told, { once: true });
    ${action}
    if (${JSON.stringify(event)} === "loadedmetadata" && audio.readyState > 0) {
      told();
    }
  })`;
}

function firstByte(range: string | undefined): number {
  return Number(/^bytes=([0-9]+)-/.exec(range ?? "")?.[1]);
}

interface Player {
  readonly duration: number;
  readonly currentTime: number;
  readonly seekableTo: number;
}

browserTest(
  "a browser seeks far ahead in a sound, and loads only what it needs for it",
  async ({ browser, url }) => {
    const page = await browser.newPage();
    const { complaints } = watch(page);
    const exchanges = await watchNetwork(page);
    await page.goto(`${url}/player.html`);
    const loaded = await page.evaluate<Player>(heard("loadedmetadata"));
    assertAlmostEquals(loaded.duration, seconds, 0.1);
    assertAlmostEquals(loaded.seekableTo, seconds, 0.1);

    const target = 0.9 * seconds;
    const sought = await page.evaluate<Player>(
      heard("seeked", `audio.currentTime = ${target};`),
    );
    assertAlmostEquals(sought.currentTime, target, 0.1);

    const size = 44 + seconds * bytesPerSecond;
    const answered = () =>
      exchanges.filter(({ path, status }) =>
        path === "/silence.wav" && status !== 0
      );
    // It began about where the listener wanted to go.
    await until(() =>
      answered().some(({ request }) =>
        Math.abs(firstByte(request["range"]) / size - 0.9) < 0.05
      )
    );
    for (const { request, status, response } of answered()) {
      const range = /^bytes=([0-9]+)-([0-9]*)$/.exec(request["range"] ?? "");
      assert(range !== null, `It asked for ${request["range"]}`);
      const [, first, last] = range;
      assertEquals([status, response["content-range"]], [
        206,
        `bytes ${first}-${last || size - 1}/${size}`,
      ]);
    }
    // Loads that it gave up for others are no complaints.
    assertEquals(
      complaints.filter((text) => !text.includes("net::ERR_ABORTED")),
      [],
    );
  },
  { files: { "player.html": player, "silence.wav": wav() } },
);
