/**
 * The runtime's own globals, taken when a thread starts. An app may put others in
 * their place afterwards (zone.js, bluebird and test libraries do): whatever the server
 * uses in a worker beside or after the app is taken from here. Imports nothing.
 *
 * @module
 */

const {
  AbortController,
  Atomics,
  Date,
  DOMException,
  Headers,
  performance,
  Promise,
  queueMicrotask,
  ReadableStream,
  Request,
  Response,
  setTimeout,
  TextEncoder,
  URL,
  URLSearchParams,
} = globalThis;

/** Globals as they were before an app was loaded. */
export const natives = {
  AbortController,
  /** The functions that are used, for an app may replace single ones. */
  Atomics: {
    compareExchange: Atomics.compareExchange,
    store: Atomics.store,
    wait: Atomics.wait,
  },
  Date,
  DOMException,
  Headers,
  /** `performance.now()` */
  now: performance.now.bind(performance) as () => number,
  Promise,
  queueMicrotask,
  ReadableStream,
  Request,
  Response,
  setTimeout,
  TextEncoder,
  URL,
  URLSearchParams,
} as const;
