/**
 * The family of static files: one page that is worth compressing, one large file, many small ones.
 *
 * @module
 */

import { htmlPage } from "../html.ts";
import { type Expected, indexPage } from "../loads/answers.ts";
import { busy, busyWithSizes, cold } from "../loads/busy.ts";
import { downloads } from "../loads/download.ts";
import type { Scenario } from "../scenario.ts";
import { caddy } from "../servers/caddy.ts";
import { lighttpdDeflate } from "../servers/lighttpd.ts";
import { nginx, nginxGzip } from "../servers/nginx.ts";
import { sirv, sirvPrecompressed } from "../servers/sirv.ts";
import { type Checkout, skein } from "../servers/skein.ts";
import { stdFileServer } from "../servers/std_file_server.ts";

/** The scenarios of this family. */
export function staticFiles(checkouts: readonly Checkout[]): Scenario[] {
  return [compressedPage, largeFile, manyFiles, coldFiles]
    .map((each) => each(checkouts));
}

function compressedPage(checkouts: readonly Checkout[]): Scenario {
  const headers = { "accept-encoding": "br, gzip" };
  return {
    name: "static page",
    what:
      "A page of 10 KiB to 64 connections that accept br and gzip; nginx and Caddy compress each anew",
    servers: [
      ...checkouts.map((each) => skein(each)),
      nginxGzip,
      lighttpdDeflate,
      caddy,
      sirvPrecompressed,
      stdFileServer,
    ],
    prepare: (root) =>
      Deno.writeTextFile(`${root}/index.html`, htmlPage(10_240, 1)),
    load: busyWithSizes(() => ({
      connections: 64,
      headers,
      expected: indexPage,
    })),
    bars: [],
  };
}

const largeBytes = 2 ** 30;

function largeFile(checkouts: readonly Checkout[]): Scenario {
  return {
    name: "static 1 GiB file",
    what: "A file of 1 GiB, one whole download after the other",
    servers: [...checkouts.map((each) => skein(each)), nginx],
    // It has a length and takes no room on the disk; that it is in the page cache is the warm-up's work.
    async prepare(root) {
      using file = await Deno.create(`${root}/large.bin`);
      await file.truncate(largeBytes);
    },
    load: downloads("large.bin", largeBytes),
    bars: [{
      says: "Skein's bytes/s of a 1 GiB file as a share of nginx's",
      figure: { server: "skein", column: "speed" },
      over: { server: "nginx", column: "speed" },
      limit: { kind: "at least", value: 1.3 },
    }],
  };
}

const fileCount = 1000;
/** More than Skein is asked for in a second. */
const coldFileCount = 10_000;
const cycle = `${import.meta.dirname}/../programs/cycle.lua`;

function manyFiles(checkouts: readonly Checkout[]): Scenario {
  const script = { file: cycle, args: [String(fileCount)] };
  const [first, ...samples] = [0, 499, fileCount - 1].map(asked);
  return {
    name: "static 1000 files",
    what: "1000 pages of 0.5 to 4 KiB in turn, to 64 connections",
    servers: [
      ...checkouts.map((each) => skein(each)),
      nginx,
      sirv,
      stdFileServer,
    ],
    prepare: (root) => writeFiles(root, fileCount),
    load: busy(() => ({ connections: 64, script, ...first, samples })),
    bars: [{
      says: "Skein's requests/s of 1000 files over sirv's",
      figure: { server: "skein", column: "rate" },
      over: { server: "sirv", column: "rate" },
      limit: { kind: "at least", value: 4 },
    }],
  };
}

function coldFiles(checkouts: readonly Checkout[]): Scenario {
  const script = { file: cycle, args: [String(coldFileCount)] };
  return {
    name: "static cold files",
    what: "The first request for each of 10 000 files, to 64 connections",
    servers: [...checkouts.map((each) => skein(each)), nginx],
    prepare: (root) => writeFiles(root, coldFileCount),
    load: cold(() => ({
      ...{ connections: 64, script },
      ...asked(coldFileCount - 1),
    })),
    bars: [],
  };
}

function asked(index: number): { path: string; expected: Expected } {
  const path = fileName(index);
  return { path, expected: { kind: "file", file: path } };
}

function fileName(index: number): string {
  const part = String(index % 20).padStart(2, "0");
  // The script of wrk has the same names.
  return `part-${part}/page-${String(index).padStart(3, "0")}.html`;
}

async function writeFiles(root: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const path = `${root}/${fileName(index)}`;
    if (index < 20) await Deno.mkdir(path.slice(0, path.lastIndexOf("/")));
    // Any order of sizes will do, so long as neighbours differ.
    const bytes = 512 + (index * 37 % 64) * 56;
    await Deno.writeTextFile(path, htmlPage(bytes, index));
  }
}
