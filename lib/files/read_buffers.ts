/**
 * The buffers that files are read into while they are sent: a budget for all
 * downloads together, so that many of them at once make smaller pieces instead of
 * more memory. Must not know files.
 *
 * @module
 */

// Read and written in pieces of 1 MiB, the next read begun before the write is
// awaited: 2.5 to 3.9 GB/s, against 1.1 GB/s with pieces of 64 KiB.
const maxPieceBytes = 1024 * 1024;
// What is held for a client is a part of what it has taken: 300 that asked for a large
// file and read nothing held 2 MiB each.
const minPieceBytes = 64 * 1024;
// What all may hold before their pieces become smaller: 50 slow downloads held 200
// MiB with pieces of 1 MiB each.
const maxHeldBytes = 48 * 1024 * 1024;
// Given back, and not yet taken again: without it each download leaves its buffers
// to the garbage collector, which is in no hurry.
const maxFreeBytes = 8 * 1024 * 1024;
/** Of a download: one is written while the other is read into. */
const buffersEach = 2;

let downloads = 0;
/** By their length, all of which are powers of two. */
const free = new Map<number, Uint8Array<ArrayBuffer>[]>();
let freeBytes = 0;

/** The two buffers of one download. */
export class PieceBuffers {
  readonly #buffers: (Uint8Array<ArrayBuffer> | undefined)[] = [];
  #turn = 0;
  #readBytes = 0;
  /** Counted among the downloads from the first piece to the end. */
  #state: "unused" | "used" | "closed" = "unused";

  /**
   * The one that is not being written.
   *
   * @param remaining how much there is to read
   */
  next(remaining: number): Uint8Array<ArrayBuffer> {
    if (this.#state === "unused") {
      this.#state = "used";
      downloads++;
    }
    const turn = this.#turn++ % buffersEach;
    const wanted = this.#wantedBytes(remaining);
    const buffer = this.#buffers[turn];
    if (buffer?.length === wanted) return buffer;
    // The last piece of a file fits into what is there.
    if (
      buffer !== undefined && buffer.length > wanted && remaining <= wanted &&
      buffer.length <= limitBytes()
    ) return buffer;
    if (buffer !== undefined) giveBack(buffer);
    return this.#buffers[turn] = take(wanted);
  }

  /** So much was read into the last one. */
  advance(bytes: number): void {
    this.#readBytes += bytes;
  }

  #wantedBytes(remaining: number): number {
    const earned = Math.max(this.#readBytes / 8, minPieceBytes);
    const most = powerUpTo(Math.min(earned, limitBytes()));
    return remaining < most ? powerFrom(remaining) : most;
  }

  /**
   * None of them is needed any more.
   *
   * @param idle nobody reads or writes them at this moment
   */
  close(idle: boolean): void {
    if (this.#state === "used") downloads--;
    this.#state = "closed";
    for (const buffer of this.#buffers.splice(0)) {
      if (idle && buffer !== undefined) giveBack(buffer);
    }
  }
}

/** The largest piece, as many as are under way. */
function limitBytes(): number {
  const share = maxHeldBytes / (buffersEach * Math.max(downloads, 1));
  return Math.min(maxPieceBytes, Math.max(minPieceBytes, share));
}

function powerUpTo(bytes: number): number {
  return 2 ** Math.floor(Math.log2(bytes));
}

function powerFrom(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, 1)));
}

function take(bytes: number): Uint8Array<ArrayBuffer> {
  const buffer = free.get(bytes)?.pop();
  if (buffer === undefined) return new Uint8Array(bytes);
  freeBytes -= bytes;
  return buffer;
}

function giveBack(buffer: Uint8Array<ArrayBuffer>): void {
  if (freeBytes + buffer.length > maxFreeBytes) return;
  freeBytes += buffer.length;
  const others = free.get(buffer.length);
  if (others === undefined) free.set(buffer.length, [buffer]);
  else others.push(buffer);
}
