/**
 * Changes the fields of responses as the rules of a site say. What the operator has
 * said on the command line stays. Must not know paths or rules.
 *
 * @module
 */

import type { Field, Fields, HttpResponse } from "../http/message.ts";
import { namesOfOperator } from "./operator_headers.ts";
import type { Representation } from "./representation.ts";
import type { FieldChange } from "./rules/headers.ts";
import type { StaticOptions } from "./static_options.ts";

/** A listing has a policy of its own, which allows its style. */
const notOfListings = new Set(["content-security-policy"]);
/** They are about the file. */
const notOfErrors = new Set(["cache-control", "content-type"]);
/** RFC 9110 section 15.4.5. */
const notOfNotModified = new Set(["content-type"]);
const all = new Set<string>();

/** The changes that rules make, in all kinds of responses. A response that comes again
 * and again is changed once, so that it is encoded once. */
export class SiteFields {
  readonly #changes: ReadonlyMap<string, FieldChange>;
  readonly #files = new WeakMap<Representation, Representation>();
  readonly #listings = new WeakMap<Representation, Representation>();
  readonly #errors = new WeakMap<HttpResponse, HttpResponse>();

  constructor(changes: readonly FieldChange[], options: StaticOptions) {
    const ofOperator = namesOfOperator(options);
    this.#changes = new Map(
      changes.map((change) => [change.name.toLowerCase(), change] as const)
        .filter(([lower]) => !ofOperator.has(lower)),
    );
  }

  /** A representation with them. */
  onFile(file: Representation): Representation {
    return remembered(this.#files, file, () => this.#represent(file, all));
  }

  onListing(listing: Representation): Representation {
    return remembered(
      this.#listings,
      listing,
      () => this.#represent(listing, notOfListings),
    );
  }

  /** An error, the page of one, or a redirect. */
  onError(response: HttpResponse): HttpResponse {
    return remembered(
      this.#errors,
      response,
      () => this.#respond(response, notOfErrors),
    );
  }

  #represent(
    representation: Representation,
    without: ReadonlySet<string>,
  ): Representation {
    const { whole, notModified, type } = representation;
    return {
      ...representation,
      // Each part of a multipart response names the type of the whole.
      type: this.#changes.get("content-type")?.values[0] ?? type,
      whole: this.#respond(whole, without),
      notModified: this.#respond(
        notModified,
        new Set([...without, ...notOfNotModified]),
      ),
    };
  }

  #respond<Response extends HttpResponse>(
    response: Response,
    without: ReadonlySet<string>,
  ): Response {
    const changes = [...this.#changes].filter(([lower]) => !without.has(lower));
    // What Vary says already holds as well (section 12.5.5).
    const replaced = new Set(changes.map(([lower]) => lower));
    replaced.delete("vary");
    const kept: Fields = response.fields.filter(([name]) =>
      !replaced.has(name.toLowerCase())
    );
    const added = changes.flatMap(([, { name, values }]) =>
      values.map((value): Field => [name, value])
    );
    return { ...response, fields: [...kept, ...added] };
  }
}

function remembered<Value extends object>(
  memory: WeakMap<Value, Value>,
  from: Value,
  make: () => Value,
): Value {
  let made = memory.get(from);
  if (made === undefined) memory.set(from, made = make());
  return made;
}
