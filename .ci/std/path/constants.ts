/**
 * The constants of the stand-in for `@std/path`: without modules of the runtime, which
 * take longer to load than a worker takes to start.
 *
 * @module
 */

/** What stands between two parts of a path on this system: `/`, or `\` on Windows. */
export const SEPARATOR: "/" | "\\" = Deno.build.os === "windows" ? "\\" : "/";
