/**
 * The codes with which a socket is closed (RFC 6455 section 7.4), and the frame that says
 * so. Must not know sockets.
 *
 * @module
 */

import type { AwayReason } from "../http/handler.ts";

/** Codes that are used here. */
export const closeCode = {
  /** The server ends. */
  goingAway: 1001,
  /** The client breaks the protocol. */
  protocolError: 1002,
  /** There was no code in the close frame. Never sent. */
  none: 1005,
  /** There was no close frame. Never sent. */
  abnormal: 1006,
  /** A text is not UTF-8. */
  badText: 1007,
  /** Too many pieces for their size. */
  policy: 1008,
  tooLarge: 1009,
  /** A handler has failed. */
  internalError: 1011,
  /** The client may come again at once. */
  restarting: 1012,
  /** Memory is short. */
  tryAgainLater: 1013,
} as const;

/** What the client is told. */
export const awayCode: Readonly<Record<AwayReason, number>> = {
  ending: closeCode.goingAway,
  restarting: closeCode.restarting,
  failed: closeCode.internalError,
};

/** Whether an endpoint may send that code. */
export function isSendable(code: number): boolean {
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 &&
      code !== 1006 || code >= 3000 && code <= 4999;
}

/** A whole close frame of a server, without a reason (sections 5.2 and 5.5.1). */
export function closeFrame(code: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0x88, 2, code >> 8, code & 0xff]);
}

/** The close code for an error of the library that reads frames, by the code of the
 * error. */
export function codeOfError(code: string | undefined): number {
  switch (code) {
    case "WS_ERR_INVALID_UTF8":
      return closeCode.badText;
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
      return closeCode.tooLarge;
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      return closeCode.policy;
    default:
      return closeCode.protocolError;
  }
}
