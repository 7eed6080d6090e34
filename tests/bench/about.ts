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
    `${cores} cores${model()}, ${os} ${Deno.osRelease()}`,
    `Deno ${deno}`,
    ...versions.filter((each) => each !== null),
  ].join(", ");
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
  const { stdout, stderr } = await new Deno.Command(program, { args: [flag] })
    .output();
  const text = new TextDecoder().decode(stdout) +
    new TextDecoder().decode(stderr);
  const [, version] = pattern.exec(text) ?? [];
  return version === undefined ? null : `${name} ${version}`;
}
