/**
 * The representations of a file: one for each coding, made when it is first needed,
 * and kept as long as the file object. Compresses only through the file store. Must
 * not know conditions or ranges.
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
import { maxCompressBytes, minCompressBytes } from "./compress_bounds.ts";
import type { FileStore, StoredFile } from "./file_store.ts";
import { codingOf, isCompressible, mediaType } from "./media_type.ts";
import {
  changeFields,
  type Content,
  represent,
  type Representation,
} from "./representation.ts";

/** What a file is sent as. */
export type Role =
  /** The file that was requested. */
  | "itself"
  /** The top page, for a path that only the script of that page knows. */
  | "fallback"
  /** The page of 404 responses. */
  | "missing";

// Most clients send one of a few values of Accept-Encoding. Without this limit, a
// client that invents values would fill the thread's memory.
const maxChosen = 64;

/** The representations of one file in one role. */
class Variants {
  readonly #file: StoredFile;
  readonly #role: Role;
  readonly #store: FileStore;
  readonly #type: string;
  /** The coding of the file itself. */
  readonly #coding: "gzip" | "identity";
  readonly #offer: Offer;
  /** By the client's preferences: equal values of Accept-Encoding give the same object.
   * `null` where no coding is acceptable. */
  readonly #chosen = new Map<Preferences, Representation | null>();
  /** The last choice: most clients have the same preferences. */
  #lastPreferences: Preferences | null = null;
  #lastChosen: Representation | null = null;
  readonly #byCoding = new Map<Coding | "identity", Representation>();

  constructor(file: StoredFile, role: Role, store: FileStore) {
    this.#file = file;
    this.#role = role;
    this.#store = store;
    this.#type = mediaType(file.name, store.options.mediaTypes);
    this.#coding = codingOf(file.name);
    this.#offer = this.#coding === "identity"
      ? offerOf(file, this.#type)
      : plainOffer;
  }

  choose(preferences: Preferences, clock: () => number): Representation | null {
    return preferences === this.#lastPreferences
      ? this.#lastChosen
      : this.#chooseAnew(preferences, clock);
  }

  #chooseAnew(
    preferences: Preferences,
    clock: () => number,
  ): Representation | null {
    let chosen = this.#chosen.get(preferences);
    if (chosen === undefined) {
      const coding = chooseCoding(preferences, this.#offer);
      const now = clock();
      chosen = coding === null ? null : this.#inCoding(coding, now);
      // Its Last-Modified is left out, but only until that time has come.
      if (this.#file.identity.mtimeMs > now) {
        this.#byCoding.clear();
        return chosen;
      }
      if (this.#chosen.size >= maxChosen) this.#chosen.clear();
      this.#chosen.set(preferences, chosen);
    }
    this.#lastPreferences = preferences;
    return this.#lastChosen = chosen;
  }

  #inCoding(coding: Coding | "identity", now: number): Representation {
    const known = this.#byCoding.get(coding);
    if (known !== undefined) return known;
    const file = this.#file;
    const isIdentity = coding === "identity";
    const source = isIdentity ? file : file.siblings[coding] ?? file;
    const content = isIdentity || source !== file
      ? source.bytes ?? source
      : this.#store.compress(file, coding);
    // The file has changed. Sending it detects that as well.
    if (content === null) return this.#inCoding("identity", now);
    const representation = this.#represent(coding, source, content, now);
    this.#byCoding.set(coding, representation);
    return representation;
  }

  /** @param source the file, or its sibling in the coding */
  #represent(
    coding: Coding | "identity",
    source: StoredFile,
    content: Content,
    now: number,
  ): Representation {
    const { name, identity } = this.#file;
    const { options } = this.#store;
    const baseName = name.slice(name.lastIndexOf("/") + 1);
    const representation = represent(
      content,
      {
        type: this.#type,
        coding: coding === "identity" ? this.#coding : coding,
        tag: source.tag,
        tagIsStrong: source.tagIsStrong,
        mtimeMs: Math.max(identity.mtimeMs, source.identity.mtimeMs),
        cacheControl: cacheControl(
          ...[baseName, this.#type, options.cacheSeconds] as const,
          options.isPrivate,
        ),
        vary: this.#vary(),
      },
      options,
      now,
    );
    return this.#role === "missing"
      ? asMissing(representation)
      : representation;
  }

  /** The request fields that the choice depended on (section 12.5.5). */
  #vary(): string | null {
    const names = [
      ...(this.#coding === "identity" && isCompressible(this.#type)
        ? ["Accept-Encoding"]
        : []),
      // With other values of these, the response would have been 404.
      ...(this.#role === "fallback" ? ["Accept", "Sec-Fetch-Mode"] : []),
    ];
    return names.length === 0 ? null : names.join(", ");
  }
}

/** Codings of files that were compressed beforehand come first: they cost nothing, and
 * such files are usually compressed with more effort. */
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

/** The page does not represent the requested path, so the response has no validators
 * and must not be stored. */
function asMissing(representation: Representation): Representation {
  const { whole } = representation;
  const fields = changeFields(whole.fields, [
    ["ETag", null],
    ["Last-Modified", null],
    ["Accept-Ranges", null],
    ["Cache-Control", "no-store"],
  ]);
  return { ...representation, whole: { ...whole, status: 404, fields } };
}

// A file that changes becomes another object, so no entry is ever out of date. The
// most common request finds its complete response with two lookups.
const variantsByRole: Readonly<Record<Role, WeakMap<StoredFile, Variants>>> = {
  itself: new WeakMap(),
  fallback: new WeakMap(),
  missing: new WeakMap(),
};

/** The representation of a file that a client prefers; `null` where no coding is
 * acceptable to it. */
export function chooseVariant(
  file: StoredFile,
  role: Role,
  preferences: Preferences,
  store: FileStore,
  clock: () => number,
): Representation | null {
  let variants = variantsByRole[role].get(file);
  if (variants === undefined) {
    variants = new Variants(file, role, store);
    variantsByRole[role].set(file, variants);
  }
  return variants.choose(preferences, clock);
}
