/**
 * A baseline: `Deno.serve` with a fixed answer. Run as `deno_serve.ts FILE MEDIA-TYPE`.
 *
 * @module
 */

const [file, type] = Deno.args;
// A string is what `Deno.serve` answers fastest with: by some 5 % over the same bytes.
const body = await Deno.readTextFile(file);
const headers = { "content-type": type };

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) =>
    console.log(`Deno.serve is listening on http://127.0.0.1:${port}/`),
}, () => new Response(body, { headers }));
