/**
 * Frames of a WebSocket as a client writes and reads them, right or wrong (RFC 6455
 * section 5.2). No sockets.
 */

import { bytesOf, textOf } from "./wire.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The kinds of frames, by their numbers. */
export const opcode = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** What may be unusual of a frame. */
export interface FrameOptions {
  /** Whether it is the last of its message. */
  readonly fin?: boolean;
  /** Reserved bits: 4, 2, 1. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** Bytes of its length: 0 within the head, or 2, or 8; by default as few as do. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** What it says of its length. */
  readonly length?: bigint;
}

// Neither 0, which hides a mask that is not applied, nor four times the same.
const mask = [0x37, 0xfa, 0x21, 0x3d];

/** A frame of a client.
 *
 * @param payload bytes, or text of one character per byte */
export function frame(
  code: number,
  payload: string | Uint8Array = "",
  options: FrameOptions = {},
): Bytes {
  const bytes = typeof payload === "string" ? bytesOf(payload) : payload;
  const { fin = true, rsv = 0, masked = true } = options;
  const first = (fin ? 0x80 : 0) | rsv << 4 | code;
  const [second, ...length] = lengthOf(bytes.length, options);
  const head = [first, (masked ? 0x80 : 0) | second, ...length];
  if (!masked) return joined(new Uint8Array(head), bytes);
  const hidden = bytes.map((byte, at) => byte ^ mask[at % 4]);
  return joined(new Uint8Array([...head, ...mask]), hidden);
}

function lengthOf(
  size: number,
  {
    lengthBytes = size < 126 ? 0 : size < 0x1_0000 ? 2 : 8,
    length = BigInt(size),
  }: FrameOptions,
): number[] {
  if (lengthBytes === 0) return [Number(length)];
  const digits = Array.from(
    { length: lengthBytes },
    (_, at) => Number(length >> BigInt(8 * (lengthBytes - 1 - at)) & 0xffn),
  );
  return [lengthBytes === 2 ? 126 : 127, ...digits];
}

/** A close frame with that code, and that reason. */
export function closeFrame(code: number, reason: string = ""): Bytes {
  return frame(
    opcode.close,
    String.fromCharCode(code >> 8, code & 0xff) + reason,
  );
}

/** Bytes one behind the other. */
export function joined(...pieces: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(pieces.reduce((sum, it) => sum + it.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** A frame that was read. */
export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly code: number;
  readonly payload: Uint8Array;
}

/** Reads the first frame of those bytes.
 *
 * @returns it and its size, or `null` where it is not whole
 * @throws {Error} where a server may not send it */
export function readFrame(
  bytes: Uint8Array,
): { frame: Frame; size: number } | null {
  if (bytes.length < 2) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if ((bytes[1] & 0x80) !== 0) throw new Error("A server does not mask");
  const short = bytes[1] & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < at) return null;
  const length = short < 126
    ? short
    : short === 126
    ? view.getUint16(2)
    : Number(view.getBigUint64(2));
  const size = at + length;
  if (bytes.length < size) return null;
  const [first] = bytes;
  const read = {
    fin: (first & 0x80) !== 0,
    rsv: first >> 4 & 7,
    code: first & 0xf,
    payload: bytes.slice(at, size),
  };
  return { frame: read, size };
}

/** A frame in few words, such as `text abc` and `close 1000`. */
export function told({ fin, rsv, code, payload }: Frame): string {
  const name = Object.entries(opcode).find(([, it]) => it === code)?.[0] ??
    `opcode ${code}`;
  const flags = (fin ? "" : " unfinished") + (rsv === 0 ? "" : ` rsv ${rsv}`);
  return `${name}${flags} ${
    code === opcode.close ? codeIn(payload) : short(payload)
  }`
    .trim();
}

function codeIn(payload: Uint8Array): string {
  if (payload.length < 2) return "";
  const reason = textOf(payload.subarray(2));
  return `${payload[0] << 8 | payload[1]} ${reason}`.trim();
}

/** Long ones by their length and their last bytes. */
function short(payload: Uint8Array): string {
  return payload.length <= 130
    ? textOf(payload)
    : `${payload.length} ...${textOf(payload.subarray(-8))}`;
}
