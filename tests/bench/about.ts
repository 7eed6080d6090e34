/**
 * Where and when something was measured, in one line: a figure without it says nothing.
 *
 * @module
 */

import { findProgram } from "./installed.ts";

/** The day, the machine and the versions. */
export async function describeRun(): Promise<string> {
  const cores = navigator.hardwareConcurrency;
  const { build: { os }, version: { deno } } = Deno;
  const versions = await Promise.all([
    versionOf("nginx", "-v", /nginx\/([\d.]+)/),
    versionOf("lighttpd", "-v", /lighttpd\/([\d.]+)/),
    versionOf("caddy", "version", /^v?([\d.]+)/),
  ]);
  return [
    new Date().toISOString().slice(0, 10),
    await commit(),
    `${cores} cores${model()}, ${os} ${Deno.osRelease()}`,
    `Deno ${deno}`,
    ...versions,
  ].filter((each) => each !== null).join(", ");
}

/** Which Skein it was. */
function commit(): Promise<string | null> {
  const args = ["-C", import.meta.dirname!, "describe", "--always", "--dirty"];
  return outputOf("git", args).then(
    (text) => `commit ${text.trim()}`,
    () => null,
  );
}

/** Of the processor, where the system tells. */
function model(): string {
  try {
    const text = Deno.readTextFileSync("/proc/cpuinfo");
    const [, name] = /^model name\s*: (.+)$/m.exec(text) ?? [];
    return name === undefined ? "" : ` (${name.trim()})`;
  } catch {
    return "";
  }
}

async function versionOf(
  name: string,
  flag: string,
  pattern: RegExp,
): Promise<string | null> {
  const program = await findProgram(name);
  if (program === undefined) return null;
  const [, version] = pattern.exec(await outputOf(program, [flag])) ?? [];
  return version === undefined ? null : `${name} ${version}`;
}

/** What a program prints; some print their version on stderr. */
async function outputOf(program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args })
    .output();
  if (!success) throw new Error(`${program} fails`);
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}
