/**
 * For apps of tests: one worker told from another.
 *
 * @module
 */

/** The name of the worker whose module this is. */
export const instance: string = crypto.randomUUID();

/**
 * Answers with that name, and has no end: until its client leaves, this worker has
 * more to do than others.
 *
 * @param onLeft is called then
 */
export function heldInstance(onLeft?: () => void): Response {
  return new Response(
    new ReadableStream({
      start: (controller) =>
        controller.enqueue(new TextEncoder().encode(instance)),
      cancel: onLeft,
    }),
  );
}
