/**
 * How the answers to a batch cross back: packed, most of them ready for the wire.
 * Must not know who sends what when.
 *
 * @module
 */

import { maxPackedContentBytes } from "../http/handler.ts";
import type { HttpVersion, ResponseBody } from "../http/message.ts";
import {
  encodeResponseHead,
  frameBody,
  putLatin1,
} from "../http/response_head.ts";
import { forbidsBody } from "../http/status.ts";
import type { PackedBody, PackedResponses } from "./messages.ts";

/** What an answer's bytes depend on besides the answer. */
export interface ClientFacts {
  /** The method it answers; HEAD is sent no content. */
  readonly method: string;
  /** What the client speaks. */
  readonly version: HttpVersion;
  /** Whether the client would have the connection go on. */
  readonly persistent: boolean;
}

/** An answer with its fields encoded. */
export interface EncodableResponse {
  /** The status code. */
  readonly status: number;
  /** Field lines with their CRLFs. */
  readonly fieldLines: string;
  /** The content. */
  readonly body: ResponseBody;
}

/** Values of an encoded answer: the id, the status, the bytes of its head, where it
 * begins, and the bytes of all. */
const encodedStride = 5;
/** Values of an open answer: the id, the status, the field lines, the body. */
const openStride = 4;

// A client that reads nothing holds what its answer came with.
const maxPackedBytes = 256 * 1024;
const firstPackBytes = 8 * 1024;
/** Where answers are put together, one after the other: buffers of their own would be
 * 20 full collections of a worker in 4 s. */
const scratches: Uint8Array<ArrayBuffer>[] = [];

/** Collects the answers of a message. */
export class ResponsePacker {
  readonly #serverName: string | null;
  readonly #encoded: number[] = [];
  #open: (number | string | PackedBody)[] = [];
  #bytes: Uint8Array<ArrayBuffer> | null = null;
  #packed: Uint8Array<ArrayBuffer> | null = null;
  #end = 0;
  /** Comes behind the bytes: heads, and content that is ASCII. */
  #text = "";

  /**
   * Makes one.
   *
   * @param serverName the value of `Server`, or `null` for none
   */
  constructor(serverName: string | null) {
    this.#serverName = serverName;
  }

  /**
   * Adds an answer: as bytes ready for the wire where it is small.
   *
   * @throws {TypeError} where its bytes were given away
   */
  add(id: number, response: EncodableResponse, client: ClientFacts): void {
    const { status, fieldLines, body } = response;
    if (body.kind === "bytes" && body.bytes.buffer.detached) {
      throw new TypeError("The bytes of an answer were given away");
    }
    if (!this.#encode(id, response, client)) {
      this.#open.push(id, status, fieldLines, crossing(body));
    }
  }

  /** @returns whether it could */
  #encode(
    id: number,
    { status, fieldLines, body }: EncodableResponse,
    { method, version, persistent }: ClientFacts,
  ): boolean {
    const length = packableLength(body);
    if (length === null) return false;
    const head = encodeResponseHead({
      ...{ status, fieldLines, version, persistent },
      framing: frameBody(status, length, version),
      serverName: this.#serverName,
    });
    const silent = method === "HEAD" || forbidsBody(status);
    const text = silent || body.kind !== "ascii" ? head : head + body.text;
    const content = silent || body.kind !== "bytes" ? null : body.bytes;
    const size = text.length + (content?.length ?? 0);
    // The watchdog may stop a job between any two steps of this. Then there are bytes
    // that are nobody's; nobody is ever sent another's.
    const start = this.#end + this.#text.length;
    if (start + size > maxPackedBytes) return false;
    this.#text += text;
    if (content !== null) {
      this.#putText();
      this.#reserve(content.length).set(content, this.#end);
      this.#end += content.length;
    }
    this.#encoded.push(id, status, head.length, start, size);
    return true;
  }

  /** Brings the text to the bytes: at once for many answers (0.25 us each less). */
  #putText(): void {
    const text = this.#text;
    putLatin1(text, this.#reserve(text.length).subarray(this.#end));
    // In this order: who is stopped in between brings it there twice.
    this.#end += text.length;
    this.#text = "";
  }

  /** Where so many bytes more can be written, at the end. */
  #reserve(size: number): Uint8Array<ArrayBuffer> {
    const needed = this.#end + size;
    this.#bytes ??= scratches.pop() ?? new Uint8Array(firstPackBytes);
    const bytes = this.#bytes;
    if (needed <= bytes.length) return bytes;
    let capacity = bytes.length;
    while (capacity < needed) capacity *= 2;
    const larger = new Uint8Array(capacity);
    larger.set(bytes.subarray(0, this.#end));
    return this.#bytes = larger;
  }

  /** How many it has collected. */
  get count(): number {
    return this.#encoded.length / encodedStride +
      this.#open.length / openStride;
  }

  /** What it has collected; nothing can be added any more. */
  get answers(): PackedResponses {
    this.#packed ??= this.#pack();
    return { encoded: this.#encoded, bytes: this.#packed, open: this.#open };
  }

  #pack(): Uint8Array<ArrayBuffer> | null {
    if (this.#text !== "") this.#putText();
    if (this.#bytes === null) return null;
    const packed = this.#bytes.slice(0, this.#end);
    scratches.push(this.#bytes);
    this.#bytes = null;
    return packed;
  }

  /** Leaves out those whose bytes an app has given away since they were added.
   *
   * @returns their ids
   */
  dropDetached(): number[] {
    const dropped: number[] = [];
    const kept: (number | string | PackedBody)[] = [];
    for (let at = 0; at < this.#open.length; at += openStride) {
      const answer = this.#open.slice(at, at + openStride);
      const body = answer[3];
      if (body instanceof Uint8Array && body.buffer.detached) {
        dropped.push(answer[0] as number);
      } else kept.push(...answer);
    }
    this.#open = kept;
    return dropped;
  }
}

function crossing(body: ResponseBody): PackedBody {
  switch (body.kind) {
    case "bytes":
      return body.bytes;
    case "ascii":
      return new TextEncoder().encode(body.text);
    default:
      return body;
  }
}

/** The length of content that is here or is not sent, or `null` for any other. */
function packableLength(body: ResponseBody): number | null {
  switch (body.kind) {
    case "none":
      return 0;
    case "omitted":
      return body.length;
    case "bytes":
      return packable(body.bytes.length);
    case "ascii":
      return packable(body.text.length);
    default:
      return null;
  }
}

function packable(length: number): number | null {
  return length <= maxPackedContentBytes ? length : null;
}

/** What is done with each answer of a message. */
export interface ResponseVisitor {
  /** It is ready for the wire. */
  encoded(
    id: number,
    status: number,
    headLength: number,
    bytes: Uint8Array,
  ): void;
  /** It has to be encoded yet. */
  open(id: number, status: number, fieldLines: string, body: PackedBody): void;
}

/** Whom the answers of a message are for. */
export function idsOf({ encoded, open }: PackedResponses): number[] {
  const ids: number[] = [];
  for (let i = 0; i < encoded.length; i += encodedStride) ids.push(encoded[i]);
  for (let i = 0; i < open.length; i += openStride) ids.push(open[i] as number);
  return ids;
}

/** Answers out of a message. */
export function unpackResponses(
  { encoded, bytes, open }: PackedResponses,
  visitor: ResponseVisitor,
): void {
  for (let i = 0; i < encoded.length; i += encodedStride) {
    const start = encoded[i + 3];
    visitor.encoded(
      encoded[i],
      encoded[i + 1],
      encoded[i + 2],
      bytes!.subarray(start, start + encoded[i + 4]),
    );
  }
  for (let i = 0; i < open.length; i += openStride) {
    visitor.open(
      open[i] as number,
      open[i + 1] as number,
      open[i + 2] as string,
      open[i + 3] as PackedBody,
    );
  }
}
