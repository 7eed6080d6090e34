/**
 * The representations of a file: one a coding, made when it is first wanted, and
 * kept as long as the file is. Its effects come through the site. Must not know
 * conditions or ranges.
 *
 * @module
 */

import {
  chooseCoding,
  type Coding,
  codings,
  type Offer,
  plainOffer,
  type Preferences,
} from "../http/negotiate.ts";
import { cacheControl } from "./cache_control.ts";
import { maxCompressBytes, minCompressBytes } from "./compress.ts";
import type { FileStore, StoredFile } from "./file_store.ts";
import { isCompressible, mediaType } from "./media_type.ts";
import {
  changeFields,
  type Content,
  represent,
  type Representation,
} from "./representation.ts";

/** What a file is sent as. */
export type Role =
  /** What was asked for. */
  | "itself"
  /** The top page, in the place of one that only its script knows. */
  | "fallback"
  /** The page of answers that there is nothing. */
  | "missing";

// Few clients differ; those that make it up must not fill a thread's memory.
const maxChosen = 64;

/** What has been made of a file. */
class Variants {
  readonly #file: StoredFile;
  readonly #role: Role;
  readonly #site: FileStore;
  readonly #type: string;
  readonly #offer: Offer;
  /** By what a client prefers: the same object for the same text. `null` where
   * nothing is acceptable. */
  readonly #chosen = new Map<Preferences, Representation | null>();
  /** The last of them: most clients prefer the same. */
  #lastWanted: Preferences | null = null;
  #lastChosen: Representation | null = null;
  readonly #made = new Map<Coding | "identity", Representation>();

  constructor(file: StoredFile, role: Role, site: FileStore) {
    this.#file = file;
    this.#role = role;
    this.#site = site;
    this.#type = mediaType(file.name);
    this.#offer = offerOf(file, this.#type);
  }

  choose(wanted: Preferences, now: () => number): Representation | null {
    if (wanted === this.#lastWanted) return this.#lastChosen;
    let chosen = this.#chosen.get(wanted);
    if (chosen === undefined) {
      const coding = chooseCoding(wanted, this.#offer);
      chosen = coding === null ? null : this.#in(coding, now());
      if (this.#chosen.size >= maxChosen) this.#chosen.clear();
      this.#chosen.set(wanted, chosen);
    }
    this.#lastWanted = wanted;
    return this.#lastChosen = chosen;
  }

  #in(coding: Coding | "identity", now: number): Representation {
    let made = this.#made.get(coding);
    if (made === undefined) {
      const content = this.#contentIn(coding);
      // It is being changed, which who sends it finds out as well.
      if (content === null) return this.#in("identity", now);
      made = this.#make(coding, content, now);
      this.#made.set(coding, made);
    }
    return made;
  }

  #contentIn(coding: Coding | "identity"): Content | null {
    if (coding === "identity") return this.#file.bytes ?? this.#file;
    const sibling = this.#file.siblings[coding];
    if (sibling !== undefined) return sibling.bytes ?? sibling;
    return this.#site.compress(this.#file, coding);
  }

  #make(
    coding: Coding | "identity",
    content: Content,
    now: number,
  ): Representation {
    const { name, identity, siblings } = this.#file;
    const source = coding === "identity"
      ? this.#file
      : siblings[coding] ?? this.#file;
    const { options } = this.#site;
    const base = name.slice(name.lastIndexOf("/") + 1);
    const made = represent(
      content,
      {
        type: this.#type,
        coding,
        tag: source.tag,
        tagIsStrong: source.tagIsStrong,
        mtimeMs: Math.max(identity.mtimeMs, source.identity.mtimeMs),
        cacheControl: cacheControl(base, this.#type, options.cacheSeconds),
        vary: this.#vary(),
      },
      options,
      now,
    );
    return this.#role === "missing" ? asMissing(made) : made;
  }

  /** Section 12.5.5: what another answer could have depended on. */
  #vary(): string | null {
    const names = [
      ...(isCompressible(this.#type) ? ["Accept-Encoding"] : []),
      // Another kind of request would have been told that there is nothing.
      ...(this.#role === "fallback" ? ["Accept", "Sec-Fetch-Mode"] : []),
    ];
    return names.length === 0 ? null : names.join(", ");
  }
}

/** What was compressed beforehand comes first: it costs nothing, and somebody took
 * the time to do it well. */
function offerOf({ siblings, identity }: StoredFile, type: string): Offer {
  if (!isCompressible(type)) return plainOffer;
  const beforehand = codings.filter((coding) => siblings[coding] !== undefined);
  if (identity.size > maxCompressBytes) {
    return { codings: beforehand, inNeed: beforehand };
  }
  const onTheFly = codings.filter((coding) => siblings[coding] === undefined);
  const all = [...beforehand, ...onTheFly];
  const isWorthIt = identity.size >= minCompressBytes;
  return { codings: isWorthIt ? all : beforehand, inNeed: all };
}

/** It is not the content of the path that was asked for: nothing may be kept of it,
 * or validated by it. */
function asMissing(made: Representation): Representation {
  const fields = changeFields(made.whole.fields, [
    ["ETag", null],
    ["Last-Modified", null],
    ["Accept-Ranges", null],
    ["Cache-Control", "no-store"],
  ]);
  return { ...made, whole: { ...made.whole, status: 404, fields } };
}

// A file that changes is another object, so nothing here is ever out of date. The
// most common request finds its whole answer with two looks.
const known: Readonly<Record<Role, WeakMap<StoredFile, Variants>>> = {
  itself: new WeakMap(),
  fallback: new WeakMap(),
  missing: new WeakMap(),
};

/**
 * The representation of a file that a client wants most.
 *
 * @param file what is sent
 * @param role as what
 * @param wanted how much it wants each coding
 * @param site of the file
 * @param now the clock
 * @returns `null` where it accepts none
 */
export function chooseVariant(
  file: StoredFile,
  role: Role,
  wanted: Preferences,
  site: FileStore,
  now: () => number,
): Representation | null {
  let variants = known[role].get(file);
  if (variants === undefined) {
    variants = new Variants(file, role, site);
    known[role].set(file, variants);
  }
  return variants.choose(wanted, now);
}
