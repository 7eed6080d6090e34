/**
 * One socket: its states, its limits and its end (RFC 6455 sections 5 to 7).
 *
 * ```text
 * connecting -> open -> closing -> closed    (this side says goodbye first)
 *       |         \-------------> closed     (the client does, or is gone)
 *       \-----------------------> closed     (there is no tunnel)
 * ```
 *
 * Must not know frames, or where its bytes come from.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { AwayReason, TunnelHandler, TunnelLink } from "../http/handler.ts";
import type { BodyBytes } from "../http/message.ts";
import { natives } from "../natives.ts";
import { awayCode, closeCode, closeFrame, codeOfError } from "./close_codes.ts";
import { Frames, library, loadLibrary, type Negotiated } from "./frames.ts";
import {
  ServerSocket,
  type SocketActions,
  socketState,
} from "./server_socket.ts";
import type { SocketRequest, Sockets } from "./sockets.ts";
import { socketNatives } from "./socket_natives.ts";

/** The end of a tunnel, and what is behind a `WebSocket`. */
export class SocketEnd implements TunnelHandler, SocketActions {
  readonly socket: WebSocket;
  readonly protocol: string;
  readonly #sockets: Sockets;
  readonly #negotiated: Negotiated | null;
  /** Half of the time that the client may be silent: then it gets a ping. */
  readonly #pingMs: number;
  #state: number = socketState.connecting;
  #link: TunnelLink | null = null;
  /** `null` until the library is loaded, and at the end. */
  #frames: Frames | null = null;
  /** What came before. */
  #early: BodyBytes[] = [];
  /** Bytes that the client has not taken. */
  #pending = 0;
  /** Bytes of a message that is not whole. */
  #partial = 0;
  /** When the client was last heard, and when it was sent a ping after that. */
  #heardAt = natives.now();
  #pingedAt: number | null = null;
  /** What this side says, or has said, in the end. */
  #goodbye:
    | { readonly code: number | undefined; readonly reason: string }
    | null = null;
  #isGoodbyeSent = false;
  /** What the client has said in the end. */
  #heardGoodbye: { readonly code: number; readonly reason: string } | null =
    null;
  /** When a client has to have said goodbye. */
  #closeBy = Infinity;

  constructor(
    sockets: Sockets,
    { protocol, idleTimeoutMs }: SocketRequest,
    negotiated: Negotiated | null,
  ) {
    this.#sockets = sockets;
    this.protocol = protocol;
    this.#negotiated = negotiated;
    this.#pingMs = idleTimeoutMs > 0 ? idleTimeoutMs / 2 : Infinity;
    this.socket = new ServerSocket(this) as unknown as WebSocket;
  }

  get state(): number {
    return this.#state;
  }

  get extensions(): string {
    return this.#negotiated?.header ?? "";
  }

  get bufferedBytes(): number {
    return this.#pending + (this.#frames?.waitingBytes ?? 0);
  }

  opened(link: TunnelLink): void {
    this.#link = link;
    this.#sockets.add(this);
    if (library() !== null) return this.#start();
    loadLibrary().then(
      () => this.#start(),
      (error) => {
        reportError(error);
        this.#fail(closeCode.internalError, "Cannot read frames");
      },
    );
  }

  #start(): void {
    // It may be over by now.
    if (this.#link === null) return;
    const { maxSocketMessageBytes } = this.#sockets.options;
    this.#frames = new Frames(
      library()!,
      maxSocketMessageBytes,
      this.#negotiated?.deflate ?? null,
      this,
      (bytes) => this.#write(bytes),
    );
    if (this.#state === socketState.connecting) {
      this.#state = socketState.open;
      this.#heardAt = natives.now();
      this.socket.dispatchEvent(new socketNatives.Event("open"));
    } else this.#tellGoodbye();
    for (const bytes of this.#early.splice(0)) this.#read(bytes);
  }

  #write(bytes: Uint8Array): void {
    if (this.#link === null) return;
    this.#hold(bytes.length);
    this.#pending += bytes.length;
    this.#link.send(bytes);
  }

  #hold(bytes: number): void {
    this.#sockets.heldBytes += bytes;
  }

  received(bytes: BodyBytes): void {
    this.#heardAt = natives.now();
    this.#pingedAt = null;
    if (this.#frames === null) this.#early.push(bytes);
    else this.#read(bytes);
  }

  #read(bytes: BodyBytes): void {
    this.#frames?.receive(bytes);
    this.#countPartial();
    const { maxSocketMemoryBytes } = this.#sockets.options;
    if (this.#sockets.heldBytes <= maxSocketMemoryBytes) return;
    if (this.#partial > fairPartialBytes) {
      this.#fail(closeCode.tryAgainLater, "Memory is short");
    }
  }

  /** What is behind a whole message in the same bytes counts as well. */
  #countPartial(): void {
    const bytes = this.#frames?.partialBytes ?? 0;
    this.#hold(bytes - this.#partial);
    this.#partial = bytes;
  }

  message(data: Buffer, isBinary: boolean): void {
    this.#countPartial();
    if (this.#state !== socketState.open) return;
    this.socket.dispatchEvent(
      new socketNatives.MessageEvent("message", {
        data: isBinary ? this.#binary(data) : data.toString(),
      }),
    );
  }

  #binary(data: Buffer): ArrayBuffer | Blob {
    const { buffer, byteOffset, byteLength } = data;
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
    return this.socket.binaryType === "blob"
      ? new socketNatives.Blob([bytes as ArrayBuffer])
      : bytes as ArrayBuffer;
  }

  ping(data: Uint8Array): void {
    // Nobody reads them: pongs that wait are enough of an answer.
    if (
      this.#state === socketState.open && this.#pending < maxWaitingPongBytes
    ) {
      this.#frames?.pong(data);
    }
  }

  /** Section 5.5.1: the answer to a close frame says the same. */
  concluded(code: number, reason: string): void {
    this.#heardGoodbye = { code, reason };
    if (this.#state === socketState.open) {
      this.close(code === closeCode.none ? undefined : code, reason);
    }
    this.#finishIfBothSaid();
  }

  #finishIfBothSaid(): void {
    if (this.#state !== socketState.closing || !this.#isGoodbyeSent) return;
    if (this.#heardGoodbye === null) return;
    const { code, reason } = this.#heardGoodbye;
    this.#finish(code, reason);
  }

  broken(error: Error & { code?: string }): void {
    this.#fail(codeOfError(error.code), error.message);
  }

  taken(bytes: number): void {
    this.#hold(-bytes);
    this.#pending -= bytes;
  }

  send(data: string | Uint8Array | ArrayBuffer | Blob): void {
    // Before it is sent: one message is no sign of a client that does not read, however
    // large it is.
    const { maxSocketBufferBytes, maxSocketMemoryBytes } =
      this.#sockets.options;
    const { bufferedBytes } = this;
    const isMuch = bufferedBytes > maxSocketBufferBytes ||
      bufferedBytes > maxSocketBufferBytes / 16 &&
        this.#sockets.heldBytes > maxSocketMemoryBytes;
    if (!isMuch) return this.#frames?.send(data);
    const error = "The client does not read what it is sent";
    this.#finish(closeCode.abnormal, "", error, true);
  }

  close(code: number | undefined, reason: string): void {
    const isOpen = this.#state === socketState.open;
    if (!isOpen && this.#state !== socketState.connecting) return;
    this.#state = socketState.closing;
    this.#goodbye = { code, reason };
    // Else there is nobody yet who could be told.
    if (isOpen) this.#tellGoodbye();
  }

  #tellGoodbye(): void {
    const { code, reason } = this.#goodbye!;
    this.#frames?.close(code, reason, () => {
      this.#isGoodbyeSent = true;
      this.#finishIfBothSaid();
    });
    this.#closeBy = natives.now() +
      this.#sockets.options.socketCloseTimeoutMs;
  }

  goAway(reason: AwayReason): void {
    const code = awayCode[reason];
    if (this.#frames !== null) this.close(code, "");
    else this.#fail(code, "The server ends");
  }

  failed(): void {
    this.#fail(closeCode.internalError, "The handler failed");
  }

  /** The client breaks a rule, or nothing can be done for it. */
  #fail(code: number, message: string): void {
    // Not by the library, which may be in any state.
    if (!this.#isGoodbyeSent) this.#write(closeFrame(code));
    this.#finish(code, "", message);
  }

  #tellError(message: string): void {
    const error = new Error(message);
    this.socket.dispatchEvent(
      new socketNatives.ErrorEvent("error", { error, message }),
    );
  }

  /**
   * Both sides have said goodbye, or will not: the server closes first (section 7.1.1).
   *
   * @param error what went wrong, or `null`
   * @param atOnce whether what was sent need not arrive
   */
  #finish(
    code: number,
    reason: string,
    error: string | null = null,
    atOnce = false,
  ): void {
    if (this.#state === socketState.closed) return;
    const link = this.#link;
    this.#state = socketState.closed;
    this.#release();
    if (atOnce) link?.cut();
    else link?.end();
    if (error !== null) this.#tellError(error);
    const wasClean = error === null && code !== closeCode.abnormal;
    this.socket.dispatchEvent(
      new socketNatives.CloseEvent("close", { code, reason, wasClean }),
    );
  }

  /** It holds nothing any more. */
  #release(): void {
    this.#link = null;
    this.#hold(-this.#pending - this.#partial);
    this.#pending = this.#partial = 0;
    this.#frames?.end();
    this.#frames = null;
    this.#early = [];
    this.#sockets.remove(this);
  }

  /** The connection is closed, or there was never a tunnel. */
  closed(): void {
    const isExpected = this.#state === socketState.closing;
    this.#finish(closeCode.abnormal, "", isExpected ? null : "Unexpected EOF");
  }

  /** Looks at what is overdue. */
  sweep(now: number): void {
    // The client has not answered the close frame.
    if (now > this.#closeBy) return this.#finish(closeCode.abnormal, "");
    if (this.#state !== socketState.open) return;
    if (this.#pingedAt !== null) {
      if (now - this.#pingedAt < this.#pingMs) return;
      return this.#sayGoodbye("No response from ping frame.");
    }
    if (now - this.#heardAt < this.#pingMs) return;
    this.#pingedAt = now;
    this.#frames?.ping();
  }

  /** The client is silent. */
  #sayGoodbye(reason: string): void {
    this.#frames?.close(closeCode.goingAway, reason, () => {});
    this.#finish(closeCode.goingAway, reason, reason);
  }
}

// Of a message that is not whole, each socket may hold that much however short memory is:
// with as many sockets as there may be connections, 40 MB.
const fairPartialBytes = 4 * 1024;
// Some thousand pongs.
const maxWaitingPongBytes = 64 * 1024;
