/**
 * The least that an app can be: what a server costs an app shows in it, and nothing else.
 *
 * ```sh
 * deno task start --app tests/apps/hello.ts
 * ```
 */

/** The app. */
export default {
  /** Answers everything alike. */
  fetch(): Response {
    return new Response("Hello!");
  },
};
