/**
 * Property tests. Imported by its whole name, here alone: what the import map of
 * `deno.json` holds is downloaded by whoever starts Skein.
 */

export { default } from "npm:fast-check@4.10.2";
