/**
 * The handler of files inside a worker. Must not know who calls it.
 *
 * @module
 */

import { CachedFileStore } from "../files/cached_file_store.ts";
import { prepareModules } from "../files/late_modules.ts";
import { HotReports } from "../files/hot_reports.ts";
import { handleStatic } from "../files/static_handler.ts";
import type { HttpResponse, RequestHead } from "../http/message.ts";
import type { WorkerConfig } from "../messages/messages.ts";
import { post } from "./link.ts";

/** What responds to a request with a file of a directory. */
export function fileHandler(
  root: string,
  { app, files, reportsFiles }: WorkerConfig,
): (request: RequestHead) => HttpResponse {
  if (app !== null) prepareModules();
  const store = new CachedFileStore(root, files);
  if (!reportsFiles) return (request) => handleStatic(request, store);
  const reports = new HotReports(
    store,
    (file) => post({ kind: "hot-file", file }),
  );
  return (request) => {
    const response = handleStatic(request, store);
    reports.note(request.target);
    return response;
  };
}
