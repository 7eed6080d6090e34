/**
 * How files are served, as one plain value that is sent to the workers. Must not know
 * flags, or how an option is put into effect.
 *
 * @module
 */

import type { Fields } from "../http/message.ts";
import type { MediaTypes } from "./media_type.ts";

/** What an operator can choose about files. */
export interface StaticOptions {
  /** List directories that have no index.html. */
  readonly list: boolean;
  /** Send a directory that is listed as an archive, where that is asked for. */
  readonly zip: boolean;
  /** Serve the top index.html for a missing page: its script shows the page. */
  readonly spa: boolean;
  /** Let pages of other origins read the files. */
  readonly cors: boolean;
  /** How long caches may use a file without asking the server, in seconds, unless the
   * file is a page or its name has a hash; `null` forbids caching. */
  readonly cacheSeconds: number | null;
  /** Only the client itself may keep a file, and no cache that others use too. */
  readonly isPrivate: boolean;
  /** Further fields of every response; names and values are valid. */
  readonly headers: Fields;
  /** Media types that the table lacks, or that replace those of the table: by
   * extension, in lower case and without its dot. */
  readonly mediaTypes: MediaTypes;
}

export const defaultStaticOptions: StaticOptions = {
  list: false,
  zip: false,
  spa: false,
  cors: false,
  // Long enough that a visitor of several pages asks for a file once, and short enough
  // that a change is not missed for long.
  cacheSeconds: 60,
  isPrivate: false,
  headers: [],
  mediaTypes: {},
};
