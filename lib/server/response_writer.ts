/**
 * Writes a response: status line, fields, and the body by its framing (RFC 9112
 * sections 4 to 7). Must not know files or workers.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { chunkEnd, chunkStart, lastChunk } from "../http/chunked.ts";
import type {
  BodySource,
  EncodedResponse,
  OpenResponse,
  UpgradeResponse,
  WireResponse,
} from "../http/exchange.ts";
import type { HttpVersion } from "../http/message.ts";
import { type PersistenceFacts, staysOpen } from "../http/persistence.ts";
import {
  addLines,
  type BodyFraming,
  closing,
  encodeResponseHead,
  frameBody,
  putLatin1,
  withLines,
} from "../http/response_head.ts";
import { forbidsBody } from "../http/status.ts";

export interface ByteSink {
  /** Writes at least one of the bytes. Resolves with the number of bytes written. */
  write(bytes: Uint8Array): Promise<number>;
}

/** What the bytes of a response depend on besides the response. */
export interface WireContext {
  /** The method of the request. The response to HEAD is sent without its body. */
  readonly method: string;
  /** The version of the request. */
  readonly version: HttpVersion;
  readonly persistence: PersistenceFacts;
  /** `null`: no `Server` field. */
  readonly serverName: string | null;
  /** Field lines that every response has, but one that has a field of that name;
   * `null` for none. */
  readonly extraLines?: string | null;
  /** Called with the number of bytes of the head, before it is written. */
  readonly onHead?: ((bytes: number) => void) | null;
  /** Called whenever the client has taken bytes. */
  readonly onProgress: (bytes: number) => void;
  /** Called with `true` when the writer begins to wait for the source of the body, and
   * with `false` when a piece has come. */
  readonly onWaiting?: (waiting: boolean) => void;
}

/** A body is longer or shorter than its Content-Length. */
export class LengthError extends Error {
  constructor() {
    super("Cannot send the body: its length differs from its Content-Length");
    this.name = "LengthError";
  }
}

// Most responses fit: they need one write, and no new buffer.
const bufferBytes = 16 * 1024;
const freeBuffers: Uint8Array<ArrayBuffer>[] = [];

/**
 * Writes a whole response.
 *
 * @returns whether the connection goes on, as its head says
 * @throws what the sink or the source of the body throws. The message is incomplete
 * then, and the connection has to be closed.
 */
export function writeResponse(
  sink: ByteSink,
  response: Exclude<WireResponse, UpgradeResponse>,
  context: WireContext,
): Promise<boolean> {
  return response.kind === "encoded"
    ? writeEncoded(sink, response, context)
    : writeOpen(sink, response, context);
}

async function writeEncoded(
  sink: ByteSink,
  response: EncodedResponse,
  context: WireContext,
): Promise<boolean> {
  const { persistence } = context;
  // "none", because its body does not need the end of the connection.
  const persistent = staysOpen(persistence, "none");
  const { extraLines = null } = context;
  const bytes = persistence.wanted === persistent && extraLines === null
    ? response.bytes
    : withOtherHead(response, (head) => {
      const told = persistence.wanted === persistent ? head : closing(head);
      return extraLines === null ? told : addLines(told, extraLines);
    });
  context.onHead?.(
    bytes.length - (response.bytes.length - response.headLength),
  );
  const written = await sink.write(bytes);
  context.onProgress(written);
  if (written < bytes.length) {
    // A copy, so that a slow client does not keep the whole batch of responses alive.
    await writeAll(sink, bytes.slice(written), context);
  }
  return persistent;
}

/** The same response, but for its head. */
function withOtherHead(
  { bytes, headLength }: EncodedResponse,
  change: (head: string) => string,
): Uint8Array {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, headLength)
    .toString("latin1");
  return Buffer.concat([
    Buffer.from(change(head), "latin1"),
    bytes.subarray(headLength),
  ]);
}

async function writeOpen(
  sink: ByteSink,
  response: OpenResponse,
  context: WireContext,
): Promise<boolean> {
  const { status } = response;
  const { version, serverName, extraLines = null } = context;
  const fieldLines = extraLines === null
    ? response.fieldLines
    : withLines(response.fieldLines, extraLines);
  const length = response.body === null ? 0 : response.body.length;
  const framing = frameBody(status, length, version);
  const persistent = staysOpen(context.persistence, framing);
  const head = encodeResponseHead(
    { status, fieldLines, framing, version, persistent, serverName },
  );
  context.onHead?.(head.length);
  const omitsBody = context.method === "HEAD" || forbidsBody(status);
  const body = omitsBody ? null : response.body;

  // The first write has the head, and as much of the body as fits.
  const lent = head.length <= bufferBytes;
  const buffer = lent
    ? freeBuffers.pop() ?? new Uint8Array(bufferBytes)
    : new Uint8Array(head.length);
  putLatin1(head, buffer);
  let end = head.length;
  let rest: Uint8Array | null = null;
  if (body instanceof Uint8Array) {
    const room = buffer.length - end;
    if (body.length <= room) {
      buffer.set(body, end);
      end += body.length;
    } else {
      buffer.set(body.subarray(0, room), end);
      rest = body.subarray(room);
      end = buffer.length;
    }
  }
  try {
    const first = buffer.subarray(0, end);
    const written = await sink.write(first);
    context.onProgress(written);
    if (written < end) await writeAll(sink, first.subarray(written), context);
    // Not given back if a write fails: the runtime may still use it.
    if (lent) freeBuffers.push(buffer);
    if (rest !== null) await writeAll(sink, rest, context);
    else if (isSource(body)) await writeSource(sink, body, framing, context);
  } finally {
    if (isSource(response.body)) response.body.cancel();
  }
  return persistent;
}

function isSource(body: OpenResponse["body"]): body is BodySource {
  return body !== null && "read" in body;
}

async function writeAll(
  sink: ByteSink,
  bytes: Uint8Array,
  context: WireContext,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const written = await sink.write(bytes.subarray(at));
    at += written;
    context.onProgress(written);
  }
}

/** Writes a body piece by piece. A source with another length than it has announced is
 * an error: the next response would begin in the wrong place. */
async function writeSource(
  sink: ByteSink,
  source: BodySource,
  framing: BodyFraming,
  context: WireContext,
): Promise<void> {
  const announced = source.length;
  let length = 0;
  for (;;) {
    context.onWaiting?.(true);
    const piece = await source.read();
    context.onWaiting?.(false);
    if (piece === null) break;
    if (piece.length === 0) continue;
    length += piece.length;
    if (announced !== null && length > announced) throw new LengthError();
    if (framing === "chunked") await writeChunk(sink, piece, context);
    else await writeAll(sink, piece, context);
  }
  if (announced !== null && length < announced) throw new LengthError();
  if (framing === "chunked") await writeAll(sink, lastChunk, context);
}

async function writeChunk(
  sink: ByteSink,
  piece: Uint8Array,
  context: WireContext,
): Promise<void> {
  const start = chunkStart(piece.length);
  if (piece.length > bufferBytes) {
    await writeAll(sink, start, context);
    await writeAll(sink, piece, context);
    await writeAll(sink, chunkEnd, context);
    return;
  }
  const chunk = new Uint8Array(start.length + piece.length + chunkEnd.length);
  chunk.set(start);
  chunk.set(piece, start.length);
  chunk.set(chunkEnd, start.length + piece.length);
  await writeAll(sink, chunk, context);
}
