/**
 * The same hello as an app of Hono's, unchanged: what it exports is all that a server
 * needs.
 *
 * ```sh
 * deno task start --app tests/apps/hello_hono.ts
 * ```
 */

// Not in the import map: a server that has another one runs this app as well.
// deno-lint-ignore no-import-prefix
import { Hono } from "npm:hono@4.13.19";

const app = new Hono();

app.get("/", (context) => context.text("Hello!"));

export default app;
