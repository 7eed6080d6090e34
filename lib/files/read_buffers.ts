/**
 * The buffers that files are read into while they are sent. All downloads share one
 * budget: many downloads at once use smaller pieces, not more memory. Must not know
 * files.
 *
 * @module
 */

// What is read is still in the processor's cache when it is written: a download takes
// 0.70 s of CPU for a GiB and goes at 1.63 GB/s. With pieces of 1 MiB 1.09 s and 1.05
// GB/s; smaller ones cost more turns.
const maxPieceBytes = 256 * 1024;
// Pieces start at this size and grow with what the client has taken: 300 clients that
// requested a large file and read nothing held 2 MiB each.
const minPieceBytes = 64 * 1024;
// Above this sum, pieces become smaller: 50 slow downloads held 200 MiB with pieces of
// 1 MiB each.
const maxHeldBytes = 48 * 1024 * 1024;
// Buffers kept for reuse. Without them, each download leaves its buffers to the garbage
// collector, which frees them late.
const maxFreeBytes = 8 * 1024 * 1024;
/** One is written while the other is read into. */
const buffersPerDownload = 2;

let downloads = 0;
/** By length; each length is a power of two. */
const freeBuffers = new Map<number, Uint8Array<ArrayBuffer>[]>();
let freeBytes = 0;

/** The two buffers of one download. */
export class ReadBuffers {
  readonly #buffers: (Uint8Array<ArrayBuffer> | undefined)[] = [];
  #turn = 0;
  #readBytes = 0;
  /** The download counts while the state is "used". */
  #state: "unused" | "used" | "closed" = "unused";

  /**
   * The buffer that is not being written.
   *
   * @param remaining bytes that are still to be read
   */
  next(remaining: number): Uint8Array<ArrayBuffer> {
    if (this.#state === "unused") {
      this.#state = "used";
      downloads++;
    }
    const turn = this.#turn++ % buffersPerDownload;
    const wanted = this.#wantedBytes(remaining);
    const buffer = this.#buffers[turn];
    if (buffer?.length === wanted) return buffer;
    // The last piece of a file fits into the buffer that is there.
    if (
      buffer !== undefined && buffer.length > wanted && remaining <= wanted &&
      buffer.length <= pieceLimit()
    ) return buffer;
    if (buffer !== undefined) release(buffer);
    return this.#buffers[turn] = acquire(wanted);
  }

  /** Counts bytes that were read into the last buffer. */
  advance(bytes: number): void {
    this.#readBytes += bytes;
  }

  #wantedBytes(remaining: number): number {
    const earned = Math.max(this.#readBytes / 8, minPieceBytes);
    const limit = 2 ** Math.floor(Math.log2(Math.min(earned, pieceLimit())));
    return remaining < limit
      ? 2 ** Math.ceil(Math.log2(Math.max(remaining, 1)))
      : limit;
  }

  /** @param idle whether no read or write uses the buffers any more */
  close(idle: boolean): void {
    if (this.#state === "used") downloads--;
    this.#state = "closed";
    for (const buffer of this.#buffers.splice(0)) {
      if (idle && buffer !== undefined) release(buffer);
    }
  }
}

/** The largest piece at the present number of downloads, in bytes. */
function pieceLimit(): number {
  const share = maxHeldBytes / (buffersPerDownload * Math.max(downloads, 1));
  return Math.min(maxPieceBytes, Math.max(minPieceBytes, share));
}

function acquire(bytes: number): Uint8Array<ArrayBuffer> {
  const buffer = freeBuffers.get(bytes)?.pop();
  if (buffer === undefined) return new Uint8Array(bytes);
  freeBytes -= bytes;
  return buffer;
}

function release(buffer: Uint8Array<ArrayBuffer>): void {
  if (freeBytes + buffer.length > maxFreeBytes) return;
  freeBytes += buffer.length;
  const sameLength = freeBuffers.get(buffer.length);
  if (sameLength === undefined) freeBuffers.set(buffer.length, [buffer]);
  else sameLength.push(buffer);
}
