/**
 * Small files that workers have served more than once, kept on the main thread for as
 * long as they count as fresh: it responds from them at once, with the same handler.
 * Must not know the file system, workers or sockets.
 *
 * @module
 */

import type { HttpResponse, RequestHead } from "../http/message.ts";
import { type Coding, codings } from "../http/negotiate.ts";
import { BoundedCache } from "./bounded_cache.ts";
import { readSelection } from "./conditional_response.ts";
import { fileResponse } from "./file_response.ts";
import { isSameFile } from "./file_identity.ts";
import { defaultLimits } from "../limits.ts";
import type {
  ArchiveBounds,
  Compressed,
  FileStore,
  Found,
  HotFile,
  Listed,
  StoredFile,
} from "./file_store.ts";
import { isFresh } from "./freshness.ts";
import { keyOfTarget } from "./paths.ts";
import type { Site } from "./site.ts";
import type { StaticOptions } from "./static_options.ts";
import type { ToldSite } from "./told_site.ts";

interface Entry {
  readonly file: StoredFile;
  readonly compressed: Partial<Record<Coding, Uint8Array<ArrayBuffer>>>;
  checkedAt: number;
}

// For the whole process. Encoded for the wire it is as much again.
const maxBytes = 16 * 1024 * 1024;

/** Thrown where the memory does not say what the response is. */
const unknown = new Error("Only a worker knows");

/** Responds from memory. */
export class HotFiles {
  #store: MemoryStore;
  #root: string;
  readonly #told: ToldSite;

  /** @param told the rules of the site */
  constructor(root: string, options: StaticOptions, told: ToldSite) {
    this.#root = root;
    this.#store = new MemoryStore(options);
    this.#told = told;
  }

  /** Takes what a worker tells. */
  add(told: HotFile): void {
    if (told.root === this.#root) this.#store.add(told);
  }

  /** Forgets all: from now on names lead to what is in that directory. */
  clear(root: string): void {
    this.#root = root;
    this.#store = new MemoryStore(this.#store.options);
  }

  /** @returns `null` where only a worker knows */
  respond(head: RequestHead): HttpResponse | null {
    const { method, target } = head;
    if (method !== "GET" && method !== "HEAD") return null;
    const now = Date.now();
    const file = this.#store.recall(target, now);
    if (file === null) return null;
    const told = this.#told.at(now);
    if (told.kind === "unknown") return null;
    const verdict = told.kind === "rules" ? told.site.verdict(target) : null;
    if (verdict?.ruling?.forced) return null;
    try {
      const selection = readSelection(method, head.fields);
      const changes = verdict?.fields ?? null;
      const response = fileResponse(
        file,
        "itself",
        selection,
        this.#store,
        changes,
      );
      if (!isInMemory(response)) return null;
      return changes === null || response.status < 400
        ? response
        : changes.onError(response);
    } catch (error) {
      if (error === unknown) return null;
      throw error;
    }
  }
}

/** A file that was compressed beforehand may be large. */
function isInMemory({ body }: HttpResponse): boolean {
  return body.kind === "bytes" || body.kind === "none" ||
    body.kind === "error";
}

class MemoryStore implements FileStore {
  readonly options: StaticOptions;
  readonly archiveBounds: ArchiveBounds = defaultLimits;
  readonly #cache = new BoundedCache<Entry>(maxBytes);

  constructor(options: StaticOptions) {
    this.options = options;
  }

  add(told: HotFile): void {
    const { key, file, checkedAt, compressed } = told;
    const before = this.#cache.get(key);
    if (before !== undefined && before.checkedAt > checkedAt) return;
    if (before !== undefined && isSame(before.file, told)) {
      before.checkedAt = checkedAt;
      this.#cache.renew(key);
      this.#addForms(key, before, compressed);
    } else if (file !== null) {
      const entry = { file, compressed: {}, checkedAt };
      this.#cache.set(key, entry, file.bytes!.length);
      this.#addForms(key, entry, compressed);
    } else {
      // It means a content that is not here: what is here is not there any more.
      this.#cache.delete(key);
    }
  }

  #addForms(key: string, entry: Entry, compressed: Compressed): void {
    for (const [coding, bytes] of Object.entries(compressed)) {
      if (coding in entry.compressed) continue;
      entry.compressed[coding as Coding] = bytes;
      this.#cache.grow(key, bytes.length);
    }
  }

  recall(target: string, now = Date.now()): StoredFile | null {
    const entry = this.#cache.get(keyOfTarget(target));
    return entry !== undefined && isFresh(entry.checkedAt, now)
      ? entry.file
      : null;
  }

  compress(file: StoredFile, coding: Coding): Uint8Array<ArrayBuffer> {
    const entry = this.#cache.get(`/${file.name}`);
    const bytes = entry?.file === file ? entry.compressed[coding] : undefined;
    if (bytes === undefined) throw unknown;
    return bytes;
  }

  site(): Site | null {
    throw unknown;
  }

  find(): Found {
    throw unknown;
  }

  list(): Listed {
    throw unknown;
  }

  identify(): null {
    throw unknown;
  }
}

/** Whether a worker tells of the same file, with the same ones beside it. */
function isSame(known: StoredFile, { tag, file }: HotFile): boolean {
  if (known.tag !== tag) return false;
  if (file === null) return true;
  return known.path === file.path &&
    isSameFile(known.identity, file.identity) &&
    codings.every((coding) =>
      known.siblings[coding]?.tag === file.siblings[coding]?.tag
    );
}
