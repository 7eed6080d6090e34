/**
 * Values by their number, where ten thousands are added and taken each second. Must not
 * know what they are.
 *
 * V8 rebuilds a `Map` that is changed often (a small one for every value that is
 * deleted), and each of its former tables refers to the next one. Once such a table is in
 * the old generation, all tables after it stay alive until that is collected, with all
 * that was in them. With a hello app at 64 connections that was most of what became old,
 * in workers 304 of 353 bytes a request: V8 was marking all the time, and without it
 * there are 12 % more requests/s.
 *
 * @module
 */

// The logarithm of the number of places.
const firstBits = 4;

/** The place of a number. Numbers that follow each other are put far apart: side by side
 * they would be one long row, and taking one would have to look at all behind it. (The
 * factor is 2 ** 32 over the golden ratio; Knuth, volume 3, section 6.4.) */
function placeOf(id: number, bits: number): number {
  return Math.imul(id, 0x9e3779b1) >>> 32 - bits;
}

/** Values by number. It grows with the most values at a time, and never shrinks. */
export class IdMap<Value> {
  // Open addressing: a value is at its place, or at the next free one after it.
  #bits = firstBits;
  #mask = (1 << firstBits) - 1;
  #ids: number[] = new Array(1 << firstBits).fill(0);
  #values: (Value | undefined)[] = new Array(1 << firstBits).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The index of the value of that number, or the one where it would be put. */
  #find(id: number): number {
    let at = placeOf(id, this.#bits);
    while (this.#values[at] !== undefined && this.#ids[at] !== id) {
      at = at + 1 & this.#mask;
    }
    return at;
  }

  get(id: number): Value | undefined {
    return this.#values[this.#find(id)];
  }

  /** @param id is not in use yet */
  add(id: number, value: Value): void {
    if (this.#size * 2 >= this.#values.length) this.#grow();
    this.#put(id, value);
    this.#size++;
  }

  #put(id: number, value: Value): void {
    const at = this.#find(id);
    this.#ids[at] = id;
    this.#values[at] = value;
  }

  #grow(): void {
    const ids = this.#ids;
    const values = this.#values;
    const places = values.length * 2;
    this.#bits++;
    this.#mask = places - 1;
    this.#ids = new Array(places).fill(0);
    this.#values = new Array(places).fill(undefined);
    values.forEach((value, at) => {
      if (value !== undefined) this.#put(ids[at], value);
    });
  }

  /** Removes and returns a value; `undefined` where there is none of that number. */
  take(id: number): Value | undefined {
    const at = this.#find(id);
    const value = this.#values[at];
    if (value === undefined) return undefined;
    this.#size--;
    this.#close(at);
    return value;
  }

  /** Fills a gap, so that all values behind it are still found. */
  #close(gap: number): void {
    const mask = this.#mask;
    let at = gap + 1 & mask;
    for (; this.#values[at] !== undefined; at = at + 1 & mask) {
      const detour = at - placeOf(this.#ids[at], this.#bits) & mask;
      if (detour < (at - gap & mask)) continue;
      this.#ids[gap] = this.#ids[at];
      this.#values[gap] = this.#values[at];
      gap = at;
    }
    this.#values[gap] = undefined;
  }

  /** All values, in no order. */
  values(): Value[] {
    return this.#values.filter((value) => value !== undefined);
  }

  clear(): void {
    this.#values.fill(undefined);
    this.#size = 0;
  }
}
