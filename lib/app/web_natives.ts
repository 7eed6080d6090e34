/**
 * The same as `natives.ts`, for globals that the runtime loads when they are first looked
 * at: 15 ms, which a worker that serves files only does not need. Imports nothing.
 *
 * @module
 */

/** Globals as they were before an app was loaded. */
export const webNatives = {
  Headers: globalThis.Headers,
  ReadableStream: globalThis.ReadableStream,
  Request: globalThis.Request,
  Response: globalThis.Response,
  setTimeout: globalThis.setTimeout,
} as const;
