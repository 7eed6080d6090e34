/**
 * The path of a target: decoded once, and refused where no name can have it. Pure;
 * must not know what is under ROOT.
 *
 * @module
 */

/** A target in its parts, as they were sent. */
export interface Target {
  /** From the first slash on. */
  readonly path: string;
  /** From the question mark on, or nothing. */
  readonly query: string;
}

/** Takes a target in origin-form apart. */
export function splitTarget(target: string): Target {
  const at = target.indexOf("?");
  if (at < 0) return { path: target, query: "" };
  return { path: target.slice(0, at), query: target.slice(at) };
}

/**
 * The segments of a path, decoded once: what a second decoding would find in them
 * is part of a name.
 *
 * @returns `null` for a path that no name can have: not UTF-8, a NUL, a slash
 * within a segment, `.` or `..` in any spelling
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

/** Whether a path can have a segment for that name: one with a backslash is a file's
 * on some systems, and two names on others. */
export function isSegment(name: string): boolean {
  // deno-lint-ignore no-control-regex
  return !/[\x00/\\]/.test(name);
}

function decodeSegment(part: string): string | null {
  if (!part.includes("%")) return part;
  try {
    // It refuses overlong and otherwise broken UTF-8.
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Dotfiles are the site's own business, but for RFC 8615's directory. */
export function isHidden(segments: readonly string[]): boolean {
  return segments.some((segment, index) =>
    segment.startsWith(".") && !(index === 0 && segment === ".well-known")
  );
}

/** The path of a directory: with one slash in front, for `//host` would lead to
 * another host. */
export function encodeDirectory(segments: readonly string[]): string {
  return `/${segments.map((part) => `${encodeURIComponent(part)}/`).join("")}`;
}
