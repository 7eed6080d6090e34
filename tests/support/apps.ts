/**
 * The apps of `tests/apps`, by their names, and apps that are code in a test.
 */

/** The module of an app. */
export function appUrl(name: string): URL {
  return new URL(`../apps/${name}.ts`, import.meta.url);
}

/** The URL of a module with that code. */
export function inlineApp(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
