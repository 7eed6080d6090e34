/**
 * How long a server is under load before it is measured. One figure for all: whoever compiles at run
 * time needs it, and the others lose nothing by it.
 *
 * @module
 */

/**
 * In seconds. Skein runs the same code on several threads, and each of them compiles it for itself: in
 * its first second under load it does half of what it does later, and it is there after five. After
 * three, its rounds spread by 40 %; after six, by 12 %. `Deno.serve` is there after one.
 */
export const warmUpSeconds = 6;

/** The same for a quick look: ratios that are a little in favour of whoever does not compile. */
export const quickWarmUpSeconds = 2;
