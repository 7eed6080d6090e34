/**
 * A site in memory, for tests of what asks one. It remembers what it was asked,
 * so that a test can say that nobody got as far as asking.
 */

import { compress } from "../../lib/files/compress.ts";
import type { Coding } from "../../lib/http/negotiate.ts";
import type {
  FileStore,
  Found,
  Listed,
  StoredFile,
} from "../../lib/files/file_store.ts";
import type { RulesText } from "../../lib/files/rules/lines.ts";
import { readSite } from "../../lib/files/rules/site_rules.ts";
import { Site } from "../../lib/files/site.ts";
import { defaultLimits } from "../../lib/limits.ts";
import {
  defaultStaticOptions,
  type StaticOptions,
} from "../../lib/files/static_options.ts";

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

function rulesText(entry: MemoryEntry | undefined): RulesText {
  return typeof entry === "string"
    ? { kind: "text", text: entry }
    : { kind: "none" };
}

/** Names like `docs/index.html`; the directories above them are there too. */
export class MemorySite implements FileStore {
  readonly #found = new Map<string, Found>();
  /** The names that were looked up. */
  readonly asked: string[] = [];

  readonly options: StaticOptions;
  readonly #site: Site | null;
  readonly archiveBounds = defaultLimits;

  /** @param entries `_redirects` and `_headers` are rules */
  constructor(
    entries: Readonly<Record<string, MemoryEntry>>,
    options: Partial<StaticOptions> = {},
  ) {
    this.options = { ...defaultStaticOptions, ...options };
    const { rules } = readSite({
      redirects: rulesText(entries["_redirects"]),
      headers: rulesText(entries["_headers"]),
    });
    this.#site = rules === null ? null : new Site(rules, this.options);
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
    const file: StoredFile = {
      name,
      tag: `tag-${this.#found.size}`,
      tagIsStrong: true,
      siblings: {},
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

  site(): Site | null {
    return this.#site;
  }

  /** It knows nothing without being asked. */
  recall(): null {
    return null;
  }

  find(segments: readonly string[]): Found {
    const name = segments.join("/");
    this.asked.push(name);
    return this.#found.get(name) ?? { kind: "nothing" };
  }

  /** What is below a directory of these names. */
  identify(): null {
    return null;
  }

  list(segments: readonly string[]): Listed {
    const prefix = segments.map((segment) => `${segment}/`).join("");
    if (this.#found.get(segments.join("/"))?.kind !== "directory") {
      return { kind: "nothing" };
    }
    const entries = [...this.#found].flatMap(([name, found]) => {
      const rest = name.slice(prefix.length);
      if (!name.startsWith(prefix) || rest === "" || rest.includes("/")) {
        return [];
      }
      return [{
        name: rest,
        kind: found.kind === "directory"
          ? "directory" as const
          : "file" as const,
        size: found.kind === "file" ? found.file.identity.size : 0,
        mtimeMs: memoryMtimeMs,
      }];
    });
    return { kind: "entries", entries, omitted: 0 };
  }

  compress(file: StoredFile, coding: Coding): Uint8Array<ArrayBuffer> | null {
    return file.bytes === null ? null : compress(file.bytes, coding);
  }
}
