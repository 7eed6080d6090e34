/**
 * What all connections of a server share, as one value. Must not know a connection.
 *
 * @module
 */

import type { IntakeContext } from "./request_body.ts";
import type { Dispatch } from "../http/exchange.ts";
import type { HeadLines } from "./head_lines.ts";
import type { OutletContext } from "./connection_writer.ts";
import type { ReadTurns } from "./read_scheduler.ts";

/** What all connections of a server share. */
export interface ConnectionContext extends OutletContext, IntakeContext {
  /** Answers requests. */
  readonly dispatch: Dispatch;
  /** The line streams. */
  readonly lines: HeadLines;
  /** What reads go through. */
  readonly turns: ReadTurns;
  /** When the server's clock last ticked, which is exact enough for deadlines and
   * read in no time: asking the runtime made 6 % of a request's cost. */
  readonly clock: { readonly now: number };
  /** Is told of bugs: an error that no peer can cause. */
  readonly onBug: (error: unknown) => void;
}
