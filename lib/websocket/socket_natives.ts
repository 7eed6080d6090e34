/**
 * The same as `natives.ts`, for globals that only sockets need. Imports nothing.
 *
 * @module
 */

const webSocket = Object.getOwnPropertyDescriptor(globalThis, "WebSocket")!;

/** Globals as they were before an app was loaded. */
export const socketNatives = {
  Blob: globalThis.Blob,
  clearInterval: globalThis.clearInterval,
  CloseEvent: globalThis.CloseEvent,
  ErrorEvent: globalThis.ErrorEvent,
  Event: globalThis.Event,
  MessageEvent: globalThis.MessageEvent,
  setInterval: globalThis.setInterval,
  /** `WebSocket`, which the runtime loads when it is first looked at: 3 ms. */
  get WebSocket(): typeof WebSocket {
    return webSocket.get?.call(globalThis) ?? webSocket.value;
  },
} as const;
