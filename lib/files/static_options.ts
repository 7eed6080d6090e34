/**
 * How files are served, as one plain value that travels to the workers. Must not know
 * where it comes from, or what it leads to.
 *
 * @module
 */

import type { Fields } from "../http/message.ts";

/** What an operator can choose about files. */
export interface StaticOptions {
  /** List directories that have no index.html. */
  readonly list: boolean;
  /** A page that does not exist is the top index.html, whose script knows what to show. */
  readonly spa: boolean;
  /** Pages of other origins may read the files. */
  readonly cors: boolean;
  /** How long caches may use a file without asking, in seconds, unless it is a page or
   * its name has a hash; `null` forbids caching. */
  readonly cacheSeconds: number | null;
  /** Further fields of every response; names and values are valid. */
  readonly headers: Fields;
}

/** The defaults. */
export const defaultStaticOptions: StaticOptions = {
  list: false,
  spa: false,
  cors: false,
  // Long enough that a visitor of several pages asks for a file once, and short enough
  // that a change is not missed for long.
  cacheSeconds: 60,
  headers: [],
};
