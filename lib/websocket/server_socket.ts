/**
 * The `WebSocket` that an app is given: the same interface, events and errors as those of
 * the runtime. Must not know frames or bytes.
 *
 * @module
 */

import { natives } from "../natives.ts";
import { isSendable } from "./close_codes.ts";
import { socketNatives } from "./socket_natives.ts";

/** The states of a socket, by the numbers of the WebSocket API. */
export const socketState = { connecting: 0, open: 1, closing: 2, closed: 3 };

/** What a socket does. */
export interface SocketActions {
  readonly state: number;
  readonly protocol: string;
  readonly extensions: string;
  readonly bufferedBytes: number;
  send(data: string | Uint8Array | ArrayBuffer | Blob): void;
  close(code: number | undefined, reason: string): void;
}

type Handler = ((event: never) => void) | null;

/** An app sees it as a `WebSocket`. */
export class ServerSocket extends EventTarget {
  readonly #actions: SocketActions;
  #binaryType: BinaryType = "arraybuffer";
  /** The listeners of `onopen` and its like, by their events. */
  readonly #handlers = new Map<string, Handler>();

  constructor(actions: SocketActions) {
    imitateWebSocket();
    super();
    this.#actions = actions;
  }

  get readyState(): number {
    return this.#actions.state;
  }

  /** A server has none. */
  get url(): string {
    return "";
  }

  get protocol(): string {
    return this.#actions.protocol;
  }

  get extensions(): string {
    return this.#actions.extensions;
  }

  get bufferedAmount(): number {
    return this.#actions.bufferedBytes;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  send(data: unknown): void {
    if (this.readyState === socketState.connecting) {
      throw new natives.DOMException(
        "'readyState' not OPEN",
        "InvalidStateError",
      );
    }
    if (this.readyState !== socketState.open) return;
    this.#actions.send(sendable(data));
  }

  close(given?: number, reason?: string): void {
    const code = given === undefined ? undefined : codeOf(given);
    if (code !== undefined && !isSendable(code)) {
      throw new natives.DOMException(
        `The close code cannot be sent: ${given}`,
        "InvalidAccessError",
      );
    }
    const text = reason === undefined ? "" : `${reason}`;
    if (new natives.TextEncoder().encode(text).length > 123) {
      throw new natives.DOMException(
        "The close reason may not be longer than 123 bytes",
        "SyntaxError",
      );
    }
    // A reason needs a code.
    this.#actions.close(code ?? (text === "" ? undefined : 1000), text);
  }

  get onopen(): Handler {
    return this.#handlers.get("open") ?? null;
  }

  set onopen(handler: Handler) {
    this.#handle("open", handler);
  }

  get onmessage(): Handler {
    return this.#handlers.get("message") ?? null;
  }

  set onmessage(handler: Handler) {
    this.#handle("message", handler);
  }

  get onerror(): Handler {
    return this.#handlers.get("error") ?? null;
  }

  set onerror(handler: Handler) {
    this.#handle("error", handler);
  }

  get onclose(): Handler {
    return this.#handlers.get("close") ?? null;
  }

  set onclose(handler: Handler) {
    this.#handle("close", handler);
  }

  /** It is called where it was in the order of the listeners when the first one was
   * set, whichever it is by then. */
  #handle(type: string, handler: Handler): void {
    const isNew = !this.#handlers.has(type);
    this.#handlers.set(type, typeof handler === "function" ? handler : null);
    if (!isNew) return;
    this.addEventListener(type, (event) => {
      this.#handlers.get(type)?.call(this, event as never);
    });
  }
}

let imitates = false;

/** From the first socket on it passes as a `WebSocket`, whose own properties are hidden by
 * those above. */
function imitateWebSocket(): void {
  if (imitates) return;
  imitates = true;
  const { prototype } = socketNatives.WebSocket;
  Object.setPrototypeOf(ServerSocket.prototype, prototype);
}

/** What `close` takes, as the WebSocket API converts it. */
function codeOf(given: unknown): number {
  return Math.round(Number(given)) || 0;
}

/** What `send` takes, as the WebSocket API converts it. */
function sendable(data: unknown): string | Uint8Array | ArrayBuffer | Blob {
  if (data instanceof socketNatives.Blob) return data;
  // A copy: the app may change its own at once.
  if (data instanceof ArrayBuffer) return data.slice();
  if (ArrayBuffer.isView(data)) {
    const { buffer, byteOffset, byteLength } = data;
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  }
  return `${data}`.toWellFormed();
}
