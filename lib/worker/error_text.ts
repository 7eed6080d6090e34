/**
 * An error as text for the log, whatever was thrown. Must not know who logs it.
 *
 * @module
 */

// A chain of causes may be a ring.
const maxErrors = 16;
// An app may throw a megabyte of text, for each request.
const maxCharacters = 16 * 1024;
const inspectOptions = { strAbbreviateSize: 200, depth: 2 };

/**
 * The stack of an error and of its causes, or the text of another thrown value, of
 * bounded length. Never throws itself, and always returns a string: an app may throw a
 * value that cannot be shown, or an error whose stack cannot cross between threads.
 */
export function errorText(error: unknown): string {
  return bounded(
    error,
    (error) => stackOf(error, false) + propertiesOf(error),
  );
}

/** The same for an app that cannot be loaded: the frames of the server tell nothing of
 * that, even where there are no others. */
export function loadErrorText(error: unknown): string {
  return bounded(error, (error) => stackOf(error, true))
    .replace(importedFromHere, "");
}

function bounded(error: unknown, stack: (error: Error) => string): string {
  try {
    const text = describe(error, stack).join("\nCaused by: ");
    return shownText(
      text.length <= maxCharacters
        ? text
        : `${text.slice(0, maxCharacters)}... (${text.length} characters)`,
    );
  } catch {
    return "Thrown: something that cannot be shown";
  }
}

// The runtime writes positions in colour, where the process has a terminal.
// deno-lint-ignore no-control-regex
const colorCode = /\x1b\[[0-9;]*m/g;

/** Control characters, which a client may have brought into the message, would reach the
 * terminal of whoever reads the text. Line breaks and tabs stay. */
function shownText(text: string): string {
  return text.replace(colorCode, "").replace(
    // deno-lint-ignore no-control-regex
    /[\0-\x08\x0b-\x1f\x7f-\x9f]/g,
    (character) =>
      `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** What of an error is in its text already. */
const shown = new Set(["name", "message", "stack", "cause", "errors"]);

/** What a library has noted in an error, a database its code and detail. */
function propertiesOf(error: Error): string {
  const others = Object.entries(error).filter(([name]) => !shown.has(name));
  return others.length === 0
    ? ""
    : ` ${Deno.inspect(Object.fromEntries(others), inspectOptions)}`;
}

/** A stack as far as it is the app's: the frames of the server and the runtime tell
 * its author nothing. They stay where the server itself has failed.
 *
 * @param always whether they are left out then, too */
function stackOf(error: Error, always: boolean): string {
  const lines = `${error.stack ?? error}`.split("\n");
  const isFrame = (line: string) => /^ {4}at /.test(line);
  const isForeign = (line: string) =>
    /\b(?:ext|node):|\bevalmachine\.<anonymous>:|\(<anonymous>\)$/.test(line) ||
    line.includes(ownModules);
  const own = lines.filter((line) => !isFrame(line) || !isForeign(line));
  const isOurs = !own.some(isFrame) &&
    lines.find(isFrame)?.includes(ownModules);
  return (isOurs && !always ? lines : own).join("\n");
}

// The folder of the server's modules, bundled or not.
const ownModules = import.meta.url.replace(/(?:worker\/)?[^/]*$/, "");
/** Deno says so of the module that a worker imports first: the app. */
const importedFromHere = new RegExp(
  ` imported from ['"]?${RegExp.escape(ownModules)}[^\\s'"]*['"]?`,
  "g",
);

function describe(
  thrown: unknown,
  stack: (error: Error) => string,
): string[] {
  const texts: string[] = [];
  const left: unknown[] = [thrown];
  while (left.length > 0 && texts.length < maxErrors) {
    const error = left.shift();
    if (error instanceof Error) {
      texts.push(stack(error));
      if (error.cause !== undefined) left.push(error.cause);
      if (error instanceof AggregateError) left.push(...error.errors);
    } else texts.push(`Thrown: ${Deno.inspect(error, inspectOptions)}`);
  }
  return texts;
}
