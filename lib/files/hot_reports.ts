/**
 * What a worker tells the main thread of the small files that it serves: each once it
 * was asked for twice, and then whenever the worker has looked at it again. Must not
 * know how that gets there, or what is done with it.
 *
 * @module
 */

import type { Coding } from "../http/negotiate.ts";
import type { CachedFileStore } from "./cached_file_store.ts";
import type {
  Compressed,
  HotFile,
  SeenFile,
  StoredFile,
} from "./file_store.ts";

interface Told {
  /** The last look that was told of; `null` where nothing was told. */
  checkedAt: number | null;
  readonly codings: Set<Coding>;
}

/** Tells of the files of one store. */
export class HotReports {
  readonly #store: CachedFileStore;
  readonly #tell: (file: HotFile) => void;
  readonly #told = new WeakMap<StoredFile, Told>();

  constructor(store: CachedFileStore, tell: (file: HotFile) => void) {
    this.#store = store;
    this.#tell = tell;
  }

  /** A request for that target was responded to. */
  note(target: string): void {
    const seen = this.#store.seen(target);
    if (seen === null) return;
    const { file, checkedAt } = seen;
    const told = this.#told.get(file);
    if (told === undefined) {
      this.#told.set(file, { checkedAt: null, codings: new Set() });
      return;
    }
    const compressed = this.#store.compressedForms(file);
    const isNews = told.checkedAt !== checkedAt ||
      Object.keys(compressed).length !== told.codings.size;
    if (isNews) this.#report(seen, told, compressed);
  }

  #report(
    { key, file, checkedAt }: SeenFile,
    told: Told,
    compressed: Compressed,
  ): void {
    const fresh = Object.entries(compressed).filter(([coding]) =>
      !told.codings.has(coding as Coding)
    );
    this.#tell({
      root: this.#store.root,
      key,
      tag: file.tag,
      checkedAt,
      file: told.checkedAt === null ? file : null,
      compressed: Object.fromEntries(fresh),
    });
    told.checkedAt = checkedAt;
    for (const [coding] of fresh) told.codings.add(coding as Coding);
  }
}
