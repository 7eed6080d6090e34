/**
 * Who responds to a request: the main thread itself, with what workers have told it of
 * the directory, or else the pool. Must not know how a connection or a worker works.
 *
 * @module
 */

import { refuseMethod } from "../files/file_response.ts";
import { HotFiles } from "../files/hot_files.ts";
import { ToldSite } from "../files/told_site.ts";
import type { Dispatch } from "../http/exchange.ts";
import type { News, WorkerConfig } from "../messages/messages.ts";
import { type FullOptions, isAllOfApp } from "../options.ts";
import type { Pool } from "../pool/pool.ts";
import { HotEncoder, type Log } from "../wire_response.ts";
import type { Responder } from "./entrance.ts";

/** What a worker tells of the directory. */
export type DirectoryNews = Exclude<News, { kind: "printed" }>;

/** What the main thread knows of the directory. */
export class KnownDirectory {
  /** `null` where there is no directory. */
  readonly #site: ToldSite | null;
  /** `null` where workers respond to all requests. */
  readonly #hot: HotFiles | null;

  /** @param log hears of wrong rules of the site */
  constructor({ root, files, reportsFiles }: WorkerConfig, log: Log) {
    const site = root === null ? null : new ToldSite(root, files, log);
    this.#site = site;
    this.#hot = reportsFiles ? new HotFiles(root!, files, site!) : null;
  }

  /** Takes what a worker tells. */
  take(news: DirectoryNews): void {
    switch (news.kind) {
      case "hot-file":
        return this.#hot?.add(news.file);
      case "site-rules":
        return void this.#site?.take(news.rules);
    }
  }

  /** From now on workers serve that one. */
  moveTo(root: string): void {
    this.#site?.moveTo(root);
    this.#hot?.clear(root);
  }

  /** Responds from memory where it can, else with the pool. */
  dispatcher(pool: Pool, serverName: string | null): Dispatch {
    const hot = this.#hot;
    if (hot === null) return (request) => pool.submit(request);
    const encoder = new HotEncoder(serverName);
    return (request) => {
      const response = request.body === null ? hot.respond(request.head) : null;
      return response === null
        ? pool.submit(request)
        : encoder.exchange(response, request);
    };
  }
}

/** What stands behind the entrance. */
export function responderOf(
  options: FullOptions,
  directory: KnownDirectory,
  pool: Pool,
): Responder {
  const dispatch = directory.dispatcher(pool, options.serverName);
  if (!isAllOfApp(options)) {
    return {
      dispatch,
      refuse: refuseMethod,
      wantsBodies: false,
      maxStreamedBodyBytes: null,
    };
  }
  const { maxStreamedBodyBytes = null } = options;
  // An app may want any body; only it knows.
  const refuse = () => null;
  return { dispatch, refuse, wantsBodies: true, maxStreamedBodyBytes };
}
