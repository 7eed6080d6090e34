/**
 * The words of the benchmark: what a scenario, a server, a load and a bar are. Types only; a new
 * family of scenarios is a file in scenarios/ that uses them.
 *
 * @module
 */

import type { Children } from "./children.ts";

/** One thing to measure, on several servers in turn. */
export interface Scenario {
  name: string;
  /** One sentence: what is asked of the servers, and why it matters. */
  what: string;
  servers: Server[];
  /** Writes the files that the servers serve into `root`; called once, before the first round. */
  prepare(root: string): Promise<void>;
  load: Load;
  bars: Bar[];
}

/** A program that can be started for a round: one row of the table. */
export interface Server {
  name: string;
  /**
   * Starts it; it answers when the promise resolves.
   *
   * @throws {Absent} If it cannot run on this machine.
   */
  start(place: Place): Promise<Running>;
}

/** Where a server is started. */
export interface Place {
  /** The files to serve. */
  root: string;
  /** An empty directory of this start, for a configuration or a log. */
  dir: string;
  children: Children;
}

/** A server that answers. */
export interface Running {
  /** Ends in a slash. */
  url: string;
  pid: number;
  /** When its process was started, in milliseconds of `performance.now()`. */
  startedAt: number;
  stop(): Promise<void>;
}

/** Says why a server has no figures; it is a row of the table, not an error of the benchmark. */
export class Absent extends Error {
  override name = "Absent";
}

/** What is done to a running server, and what comes out of it. */
export interface Load {
  /** The spread over the rounds is that of the first column. */
  columns: Column[];
  measure(server: Running, run: Run): Promise<Sample>;
}

/** What a load is given by the round that it is part of. */
export interface Run {
  /** The files that the server serves, to compare its answers with. */
  root: string;
  seconds: number;
  /** How long the server is under load before it is measured. */
  warmUpSeconds: number;
  children: Children;
}

/** A kind of figure. */
export interface Column {
  key: string;
  title: string;
  show(value: number): string;
  /** The title of the column with its ratios to Skein; without it there is none. */
  ratio?: string;
}

/** What one round gave for one server. */
export interface Sample {
  /** By the keys of the load's columns. */
  figures: Record<string, number>;
  /** Answers that were wrong or never came. */
  errors: number;
}

/** A sample, and what the machine did besides. */
export interface WatchedSample extends Sample {
  /** The share of all cores that other processes had; not known everywhere. */
  others?: number;
}

/** A figure in the results: the median over the rounds. */
export interface FigureName {
  /** The bar's own scenario unless given. */
  scenario?: string;
  server: string;
  column: string;
}

/** What Skein means to reach; measured at every run and never a reason to fail. */
export interface Bar {
  says: string;
  figure: FigureName;
  /** If given, the bar is about `figure` divided by this. */
  over?: FigureName;
  limit: { kind: "at least" | "at most"; value: number };
}
