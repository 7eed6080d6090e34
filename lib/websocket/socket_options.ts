/**
 * What sockets may take, and how they speak. Must not know how that is put into effect.
 *
 * @module
 */

import type { Limits } from "../limits.ts";

/** Sizes and times: see `Limits`. */
export interface SocketOptions extends
  Pick<
    Limits,
    | "maxSocketMessageBytes"
    | "maxSocketBufferBytes"
    | "maxSocketMemoryBytes"
    | "socketCloseTimeoutMs"
  > {
  /** Whether messages are compressed where the client can. */
  readonly compress: boolean;
}
