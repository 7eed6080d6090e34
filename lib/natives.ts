/**
 * The runtime's own globals, taken when a thread starts. An app may put others in
 * their place afterwards (zone.js, bluebird and test libraries do): whatever the server
 * uses in a worker beside or after the app is taken from here, or from
 * `app/web_natives.ts`, which has those that take long to load. Imports nothing.
 *
 * @module
 */

/** Globals as they were before an app was loaded. */
export const natives = {
  AbortController: globalThis.AbortController,
  /** The functions that are used, for an app may replace single ones. */
  Atomics: {
    compareExchange: globalThis.Atomics.compareExchange,
    store: globalThis.Atomics.store,
    wait: globalThis.Atomics.wait,
  },
  Date: globalThis.Date,
  DOMException: globalThis.DOMException,
  /** `performance.now()` */
  now: performance.now.bind(performance) as () => number,
  Promise: globalThis.Promise,
  queueMicrotask: globalThis.queueMicrotask,
  TextDecoder: globalThis.TextDecoder,
  TextEncoder: globalThis.TextEncoder,
  URL: globalThis.URL,
  URLSearchParams: globalThis.URLSearchParams,
} as const;
