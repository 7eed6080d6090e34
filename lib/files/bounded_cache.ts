/**
 * A cache that is bounded in bytes. Must not know what is in it, or when that is stale.
 *
 * @module
 */

interface Slot<Value> {
  readonly value: Value;
  bytes: number;
}

// The cost of an entry besides its name and its value.
const overheadBytes = 512;

/** Drops the oldest entries first. */
export class BoundedCache<Value> {
  readonly #slots = new Map<string, Slot<Value>>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The size of all entries, overhead included. */
  get bytes(): number {
    return this.#bytes;
  }

  get(name: string): Value | undefined {
    return this.#slots.get(name)?.value;
  }

  /** @param bytes that the value keeps in memory */
  set(name: string, value: Value, bytes: number): void {
    this.delete(name);
    this.#slots.set(name, { value, bytes: 0 });
    this.grow(name, bytes + overheadBytes + 2 * name.length);
  }

  /** @param bytes that the value keeps in memory in addition */
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

  /** Makes an entry the newest, because it is in use. */
  renew(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#slots.delete(name);
    this.#slots.set(name, slot);
  }

  delete(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#slots.delete(name);
    this.#bytes -= slot.bytes;
  }
}
