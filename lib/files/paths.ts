/**
 * Decodes the path of a target once, and refuses what cannot be the name of a file.
 * Pure; must not know what is under ROOT.
 *
 * @module
 */

import { SEPARATOR } from "@std/path/constants";

export interface Target {
  readonly path: string;
  /** With the question mark in front; empty where there is no query. */
  readonly query: string;
}

/** @param target in origin-form */
export function splitTarget(target: string): Target {
  const at = target.indexOf("?");
  if (at < 0) return { path: target, query: "" };
  return { path: target.slice(0, at), query: target.slice(at) };
}

/**
 * Decodes the segments of a path once: a `%` in the result is part of a name.
 *
 * @returns `null` for a path that cannot be the name of a file: not UTF-8, a NUL, a
 * slash within a segment, `.` or `..` in any spelling
 */
export function decodePath(path: string): string[] | null {
  const segments: string[] = [];
  for (const part of path.split("/")) {
    if (part === "") continue;
    const segment = decodeSegment(part);
    if (segment === null || segment === "." || segment === "..") return null;
    if (!isSegment(segment)) return null;
    segments.push(segment);
  }
  return segments;
}

/** A backslash is part of a name on some systems, and a separator on others. */
export function isSegment(name: string): boolean {
  // deno-lint-ignore no-control-regex
  return !/[\x00/\\]/.test(name);
}

function decodeSegment(part: string): string | null {
  if (!part.includes("%")) return part;
  try {
    // Throws for overlong and otherwise broken UTF-8.
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Names that begin with a dot are hidden, except the directory of RFC 8615. So are the
 * rules of the site, at the top. */
export function isHidden(segments: readonly string[]): boolean {
  return segments.some((segment, index) =>
    segment.startsWith(".") && !(index === 0 && segment === ".well-known")
  ) || (segments.length === 1 && isRulesFile(segments[0]));
}

/** Whether a name at the top is that of a file of rules, or of a compressed form. Some
 * file systems do not tell capital letters from small ones. */
export function isRulesFile(name: string): boolean {
  return /^_(redirects|headers)(\.(br|zst|gz))?$/i.test(name);
}

/**
 * The same for the real path of a file. Names that begin with two dots are not hidden
 * there, where a link leads to them: a volume of Kubernetes has its files below
 * `..2026_01_01_00_00_00.1`, and `..data` leads there.
 */
export function isHiddenByRealPath(segments: readonly string[]): boolean {
  return isHidden(segments.filter((segment) => !segment.startsWith("..")));
}

/** The path of what is in a directory, by the segments that lead there. The functions of
 * `@std/path` would take their time over dots, which cannot be there. */
export function below(directory: string, segments: readonly string[]): string {
  return [directory, ...segments].join(SEPARATOR);
}

/** The path of the directory that a path is in. */
export function above(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf(SEPARATOR), 1));
}

/** The path of a directory. One slash in front: `//host` would lead to another host. */
export function encodeDirectory(segments: readonly string[]): string {
  return `/${segments.map((part) => `${encodeURIComponent(part)}/`).join("")}`;
}

/** The key under which caches have the file of a target. Of a target with a query, or
 * with what has to be decoded, there is none. */
export function keyOfTarget(target: string): string {
  return target.endsWith("/") ? `${target}index.html` : target;
}
