/**
 * The load of whole downloads, one after the other, each on a connection of its own. curl reads them and
 * throws them away; what it computes meanwhile is a figure too, so that a reader that is slower than the
 * server is not taken for the server.
 *
 * @module
 */

import { findProgram } from "../installed.ts";
import {
  Absent,
  type Column,
  type Load,
  type Run,
  type Running,
} from "../scenario.ts";
import { showShare, showSpeed } from "../units.ts";
import { curlFormat, type Download, parseCurlOutput } from "./curl_output.ts";

const columns: Column[] = [
  { key: "speed", title: "bytes/s", show: showSpeed, ratio: "to skein" },
  { key: "reader", title: "reader's CPU", show: showShare },
];

const curlTimed = `curl -s -o /dev/null -w '${curlFormat}' "$1"; times`;

/** The load of downloads of `path`, each of `bytes` bytes. */
export function downloads(path: string, bytes: number): Load {
  return {
    columns,
    async measure(server, run) {
      if (await findProgram("curl") === undefined) {
        throw new Absent("curl reads the file and is not installed");
      }
      const url = server.url + path;
      await downloadFor(run.warmUpSeconds, url, run);
      const all = await downloadFor(run.seconds, url, run);
      const whole = all.filter((each) =>
        each.status === 200 && each.bytes === bytes
      );
      const seconds = sum(whole, "seconds");
      return {
        figures: {
          speed: sum(whole, "bytes") / seconds,
          reader: sum(whole, "cpuSeconds") / seconds,
        },
        errors: all.length - whole.length,
      };
    },
  };
}

/** A download that was begun is finished, so there is always one. */
async function downloadFor(
  seconds: number,
  url: Running["url"],
  run: Run,
): Promise<Download[]> {
  const end = performance.now() + seconds * 1000;
  const all: Download[] = [];
  do {
    const curl = run.children.spawn(["sh", "-c", curlTimed, "sh", url]);
    await curl.ended;
    all.push(parseCurlOutput(curl.stdout.text));
  } while (performance.now() < end);
  return all;
}

function sum(all: readonly Download[], key: keyof Download): number {
  return all.reduce((total, each) => total + each[key], 0);
}
