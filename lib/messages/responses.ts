/**
 * How responses cross back from a worker: packed, most of them encoded to the last
 * byte. Must not know who sends what, or when.
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
import { natives } from "../natives.ts";
import type { PackedBody, PackedResponses } from "./messages.ts";

/** What the bytes of a response depend on besides the response. */
export interface ClientFacts {
  /** The method it responds to; HEAD is sent no body. */
  readonly method: string;
  readonly version: HttpVersion;
  /** Whether the client wants the connection to go on. */
  readonly persistent: boolean;
}

/** A response with its fields encoded. */
export interface EncodableResponse {
  readonly status: number;
  /** Field lines with their CRLFs. */
  readonly fieldLines: string;
  readonly body: ResponseBody;
}

// Values of a response in each of the two lists of `PackedResponses`.
const encodedStride = 5;
const openStride = 4;

// A client that reads nothing holds all that its response came with.
const maxPackedBytes = 256 * 1024;
const firstPackBytes = 8 * 1024;
/** Buffers that responses are put together in, used again and again: new ones each
 * time were 20 full collections of a worker in 4 s. */
const scratches: Uint8Array<ArrayBuffer>[] = [];

/** Collects the responses of one message. */
export class ResponsePacker {
  readonly #serverName: string | null;
  readonly #encoded: number[] = [];
  #open: (number | string | PackedBody)[] = [];
  #bytes: Uint8Array<ArrayBuffer> | null = null;
  #packed: Uint8Array<ArrayBuffer> | null = null;
  #end = 0;
  /** Follows the bytes: heads, and bodies that are ASCII. */
  #text = "";

  /** @param serverName the value of `Server`, or `null` for none */
  constructor(serverName: string | null) {
    this.#serverName = serverName;
  }

  /**
   * Adds a response: encoded where it is small.
   *
   * @throws {TypeError} where an app has transferred its bytes
   */
  add(id: number, response: EncodableResponse, client: ClientFacts): void {
    const { status, fieldLines, body } = response;
    if (body.kind === "bytes" && body.bytes.buffer.detached) {
      throw new TypeError("The bytes of the response were transferred");
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
    // The watchdog may stop a job between any two steps of this. Then some bytes
    // belong to no response; no client is ever sent another's.
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

  /** Appends the text to the bytes, for many responses at once (0.25 us each less). */
  #putText(): void {
    const text = this.#text;
    putLatin1(text, this.#reserve(text.length).subarray(this.#end));
    // In this order: a stop in between appends it twice, which does no harm.
    this.#end += text.length;
    this.#text = "";
  }

  /** A buffer with room for so many bytes more. */
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

  get count(): number {
    return this.#encoded.length / encodedStride +
      this.#open.length / openStride;
  }

  /** All of them; nothing can be added any more. */
  get responses(): PackedResponses {
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

  /** Drops responses whose bytes an app has transferred since they were added.
   *
   * @returns the ids of their jobs
   */
  dropDetached(): number[] {
    const dropped: number[] = [];
    const kept: (number | string | PackedBody)[] = [];
    for (let at = 0; at < this.#open.length; at += openStride) {
      const response = this.#open.slice(at, at + openStride);
      const body = response[3];
      if (body instanceof Uint8Array && body.buffer.detached) {
        dropped.push(response[0] as number);
      } else kept.push(...response);
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
      return new natives.TextEncoder().encode(body.text);
    default:
      return body;
  }
}

/** The length of a body that is here or is not sent; `null` for any other. */
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

/** Receives each response of a message. */
export interface ResponseVisitor {
  encoded(
    id: number,
    status: number,
    headLength: number,
    bytes: Uint8Array,
  ): void;
  open(id: number, status: number, fieldLines: string, body: PackedBody): void;
}

/** The ids of the jobs that have a response here. */
export function idsOf({ encoded, open }: PackedResponses): number[] {
  const ids: number[] = [];
  for (let i = 0; i < encoded.length; i += encodedStride) ids.push(encoded[i]);
  for (let i = 0; i < open.length; i += openStride) ids.push(open[i] as number);
  return ids;
}

/** Unpacks responses. */
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
