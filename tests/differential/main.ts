/**
 * `deno run -A tests/differential/main.ts [--mutated 100] [--seed 1]`: the same bytes
 * to nginx and to Skein, and every input where they disagree about how many requests
 * there were, that is how many answers came. A disagreement is no fault by itself: it
 * is a place where one of them is stricter, and is to be explained.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { Random } from "../fuzz/random.ts";
import { nextInput, validRequests } from "../fuzz/traffic.ts";
import { statusesOf } from "../fuzz/transcript.ts";
import { RawClient, startTestServer } from "../support/test_server.ts";
import { chunkRows } from "../support/wire_rows/chunks.ts";
import { connectionRows } from "../support/wire_rows/connections.ts";
import { framingRows } from "../support/wire_rows/framing.ts";
import { headRows } from "../support/wire_rows/heads.ts";
import { startNginx } from "./nginx.ts";

interface Input {
  readonly name: string;
  readonly wire: string;
}

const root = new URL("../../static", import.meta.url).pathname;

/** Leaves everything to the directory. With an app content is read whatever the
 * method, so that an expectation of a refused one does not end the connection. */
const nobody = "data:text/javascript,export default { fetch() {} }";

function inputs(mutated: number, seed: number): Input[] {
  const random = new Random(seed);
  const rows = [framingRows, chunkRows, headRows, connectionRows].flat();
  return [
    ...rows,
    ...validRequests.map((wire, i) => ({ name: `valid request ${i}`, wire })),
    ...Array.from({ length: mutated }, (_, i) => ({
      name: `mutated ${i} of seed ${seed}`,
      wire: nextInput(random),
    })),
  ];
}

/** The statuses of all final answers to some bytes with the end of input behind. */
async function ask(port: number, { wire }: Input): Promise<string[]> {
  using client = new RawClient(
    await Deno.connect({ hostname: "127.0.0.1", port }),
  );
  try {
    await client.send(wire);
    await client.conn.closeWrite();
  } catch {
    // It was refused before all of it was sent.
  }
  return answersIn(await client.readAll());
}

function answersIn(transcript: string): string[] {
  try {
    return statusesOf(transcript).map(String);
  } catch {
    // An answer in HTTP/0.9 has no head.
    const page = /^HTTP\/1\.1 /.test(transcript) ? [] : ["a bare page"];
    const heads = transcript.matchAll(/HTTP\/1\.1 ([2-5][0-9]{2}) /g);
    return [...page, ...[...heads].map(([, status]) => status)];
  }
}

/** Escaped, with what repeats itself made short. */
function shown(wire: string): string {
  return JSON.stringify(wire).replace(
    /(.)\1{30,}/g,
    (run, character) => `${character}{${run.length}}`,
  );
}

function listed(statuses: readonly string[]): string {
  return statuses.join(" ") || "nothing";
}

const { values } = parseArgs({
  options: {
    mutated: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
  },
});
const nginx = await startNginx(root);
if (nginx === null) {
  console.log("nginx is not installed: there is nothing to compare with");
} else {
  await using other = nginx;
  await using skein = await startTestServer({ root, app: nobody });
  const all = inputs(Number(values.mutated), Number(values.seed));
  let disagreements = 0;
  for (const input of all) {
    const ours = await ask(skein.port, input);
    const theirs = await ask(other.port, input);
    if (ours.length === theirs.length) continue;
    disagreements++;
    console.log(`${input.name}\n  ${shown(input.wire)}`);
    console.log(`  Skein: ${listed(ours)}; nginx: ${listed(theirs)}`);
  }
  console.log(`${all.length} inputs, ${disagreements} disagreements`);
}
