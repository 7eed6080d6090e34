/**
 * An app that reads JSON and answers with some: what it costs to hand over content,
 * and all of a request, shows in it.
 *
 * ```sh
 * deno task start --app tests/apps/json.ts
 * ```
 */

/** The app. */
export default {
  /** Answers the sum of the numbers that it is sent. */
  async fetch(request: Request): Promise<Response> {
    const { numbers } = await request.json() as { numbers: number[] };
    return Response.json({ sum: numbers.reduce((sum, each) => sum + each, 0) });
  },
};
