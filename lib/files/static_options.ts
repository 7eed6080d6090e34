/**
 * What an operator can choose about the site, as one plain value that travels to
 * the workers. Must not know where it comes from, or what it leads to.
 *
 * @module
 */

import type { Fields } from "../http/message.ts";

/** What can be chosen. */
export interface StaticOptions {
  /** A directory without an index is listed. */
  readonly list: boolean;
  /** A page that is not there is the top one, whose script knows what to show. */
  readonly spa: boolean;
  /** Pages of other origins may read what is here. */
  readonly cors: boolean;
  /** How long caches may use a file unasked, in seconds, where it is no page and
   * its name has no fingerprint; `null` forbids them to keep anything. */
  readonly cacheSeconds: number | null;
  /** Further fields of every answer; their names and values can be sent. */
  readonly headers: Fields;
}

/** What is chosen where nobody does. */
export const defaultStaticOptions: StaticOptions = {
  list: false,
  spa: false,
  cors: false,
  // Long enough for the files of one page to be asked for once by a visitor who
  // looks at several, and short enough to be forgotten while somebody wonders.
  cacheSeconds: 60,
  headers: [],
};
