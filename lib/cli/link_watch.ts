/**
 * Watches where paths lead to: a deployment may swap a link. Must not know what happens
 * then.
 *
 * @module
 */

// A look costs 20 us a path. What the system tells of changes, it tells of one directory
// at a time, and each part of a path may be a link.
const everyMs = 500;

/**
 * Watches paths.
 *
 * @param onChange called where one of them leads elsewhere; not while it leads nowhere
 */
export function watchLinks(
  paths: readonly string[],
  onChange: () => void,
): Disposable {
  const known = paths.map(realPath);
  const timer = setInterval(() => {
    let changed = false;
    for (const [index, path] of paths.entries()) {
      const real = realPath(path);
      if (real === null || real === known[index]) continue;
      known[index] = real;
      changed = true;
    }
    if (changed) onChange();
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** `null` where it leads nowhere. */
function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null;
  }
}
