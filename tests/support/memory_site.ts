/**
 * A site in memory, for tests of what asks one. It remembers what it was asked,
 * so that a test can say that nobody got as far as asking.
 */

import type { Found, Site, SiteFile } from "../../lib/site.ts";

/** Something that the system does not let us read. */
export const unreadable = Symbol("unreadable");

/** A file too large to travel with an answer, of that many bytes. */
export interface LargeFile {
  readonly size: number;
}

/** What a name stands for: text is the content of a small file. */
export type MemoryEntry = string | LargeFile | typeof unreadable;

/** When all files of a memory site were last changed: Wed, 01 Jul 2026 12:00:00 GMT. */
export const memoryMtimeMs = Date.UTC(2026, 6, 1, 12);

/** Names like `docs/index.html`; the directories above them are there too. */
export class MemorySite implements Site {
  readonly #found = new Map<string, Found>();
  /** The names that were looked up. */
  readonly asked: string[] = [];

  constructor(entries: Readonly<Record<string, MemoryEntry>>) {
    this.#found.set("", { kind: "directory" });
    for (const [name, entry] of Object.entries(entries)) {
      const parts = name.split("/");
      for (let count = 1; count < parts.length; count++) {
        const parent = parts.slice(0, count).join("/");
        this.#found.set(parent, { kind: "directory" });
      }
      this.#found.set(name, this.#make(name, entry));
    }
  }

  #make(name: string, entry: MemoryEntry): Found {
    if (entry === unreadable) return { kind: "forbidden" };
    const bytes = typeof entry === "string"
      ? new TextEncoder().encode(entry)
      : null;
    const size = typeof entry === "string" ? bytes!.length : entry.size;
    const file: SiteFile = {
      path: `/memory/${name}`,
      identity: {
        dev: 1,
        ino: this.#found.size,
        size,
        mtimeMs: memoryMtimeMs,
        ctimeMs: memoryMtimeMs,
      },
      bytes,
    };
    return { kind: "file", file };
  }

  find(segments: readonly string[]): Found {
    const name = segments.join("/");
    this.asked.push(name);
    return this.#found.get(name) ?? { kind: "nothing" };
  }
}
