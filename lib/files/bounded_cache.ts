/**
 * A cache that is bounded in bytes. Must not know what is in it, or when that is
 * out of date.
 *
 * @module
 */

interface Slot<Value> {
  readonly value: Value;
  bytes: number;
}

// What an entry costs besides its name and its content.
const overheadBytes = 512;

/** Values by name; those that were put there longest ago go first. */
export class BoundedCache<Value> {
  readonly #slots = new Map<string, Slot<Value>>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What all its entries weigh. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The value of that name. */
  get(name: string): Value | undefined {
    return this.#slots.get(name)?.value;
  }

  /**
   * Puts a value there, as the newest, in the place of an older one.
   *
   * @param name what it is found by
   * @param value what is found
   * @param bytes that it keeps in memory
   */
  set(name: string, value: Value, bytes: number): void {
    this.delete(name);
    this.#slots.set(name, { value, bytes: 0 });
    this.grow(name, bytes + overheadBytes + 2 * name.length);
  }

  /** A value keeps more in memory than before. */
  grow(name: string, bytes: number): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    slot.bytes += bytes;
    this.#bytes += bytes;
    for (const oldest of this.#slots.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.delete(oldest);
    }
  }

  /** It is in use: makes it the newest. */
  renew(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#slots.delete(name);
    this.#slots.set(name, slot);
  }

  /** Takes a value out. */
  delete(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#slots.delete(name);
    this.#bytes -= slot.bytes;
  }
}
