/**
 * sirv from the npm registry, on Node, which it is made for and where it does more than on Deno.
 *
 * @module
 */

import { brotliCompressSync, gzipSync } from "node:zlib";
import { findProgram } from "../installed.ts";
import { onPrintedUrl } from "../ready.ts";
import { Absent, type Place, type Server } from "../scenario.ts";

const version = "3.0.2";

const program = `
import { createServer } from "node:http";
import sirv from "sirv";

const [root, options] = process.argv.slice(2);
const server = createServer(sirv(root, JSON.parse(options)));
server.listen(0, "127.0.0.1", () => {
  console.log(\`sirv is listening on http://127.0.0.1:\${server.address().port}/\`);
});
`;

/** sirv that serves the root's files as they are. */
export const sirv: Server = {
  name: "sirv",
  start: (place) => startSirv(place, place.root, {}),
};

/** sirv cannot compress, so it is given every file of the root in each coding: it has no work with it. */
export const sirvPrecompressed: Server = {
  name: "sirv, precompressed",
  async start(place) {
    const root = `${place.dir}/root`;
    await compressInto(root, place.root);
    return await startSirv(place, root, { brotli: true, gzip: true });
  },
};

async function startSirv(
  { dir, children }: Place,
  root: string,
  options: Record<string, boolean>,
) {
  const node = await findProgram("node");
  if (node === undefined) throw new Absent("Node is not installed");
  await install(dir);
  await Deno.writeTextFile(`${dir}/sirv.mjs`, program);
  const command = [node, `${dir}/sirv.mjs`, root, JSON.stringify(options)];
  return onPrintedUrl(children.spawn(command));
}

/** Deno installs it where Node finds it: a machine that has Node only as a program needs no npm. */
async function install(dir: string): Promise<void> {
  const manifest = { private: true, dependencies: { sirv: version } };
  await Deno.writeTextFile(`${dir}/package.json`, JSON.stringify(manifest));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--no-lock"],
    cwd: dir,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Absent("sirv cannot be had from the npm registry");
}

/** The files of the top of `root` with their compressed siblings, as a build would leave them. */
async function compressInto(target: string, root: string): Promise<void> {
  await Deno.mkdir(target);
  for await (const { name, isFile } of Deno.readDir(root)) {
    if (!isFile) continue;
    const bytes = await Deno.readFile(`${root}/${name}`);
    await Deno.writeFile(`${target}/${name}`, bytes);
    await Deno.writeFile(`${target}/${name}.br`, brotliCompressSync(bytes));
    await Deno.writeFile(`${target}/${name}.gz`, gzipSync(bytes));
  }
}
