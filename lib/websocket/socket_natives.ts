/**
 * The same as `natives.ts`, for globals that only sockets need. Imports nothing.
 *
 * @module
 */

/** Globals as they were before an app was loaded. */
export const socketNatives = {
  Blob: globalThis.Blob,
  clearInterval: globalThis.clearInterval,
  CloseEvent: globalThis.CloseEvent,
  ErrorEvent: globalThis.ErrorEvent,
  Event: globalThis.Event,
  MessageEvent: globalThis.MessageEvent,
  setInterval: globalThis.setInterval,
} as const;
