/**
 * The handler of files inside a worker. Must not know who calls it.
 *
 * @module
 */

import { CachedFileStore } from "../files/cached_file_store.ts";
import { NotLoaded, prepareModules } from "../files/late_modules.ts";
import { HotReports } from "../files/hot_reports.ts";
import { handleStatic } from "../files/static_handler.ts";
import type { HandlerResponse } from "../http/handler.ts";
import type { HttpResponse, RequestHead } from "../http/message.ts";
import type { WorkerConfig } from "../messages/messages.ts";
import { post } from "./link.ts";

/** Responds to a request: at once, or where a module is needed first, later. */
export type ServeFile = (
  request: RequestHead,
) => HttpResponse | Promise<HandlerResponse>;

/** What responds to a request with a file of a directory. */
export function fileHandler(
  root: string,
  { app, files, archiveBounds, reportsFiles }: WorkerConfig,
): ServeFile {
  if (app !== null) prepareModules();
  const store = new CachedFileStore(
    root,
    files,
    (rules) => post({ kind: "site-rules", rules }),
    archiveBounds,
  );
  // The operator hears of a wrong line now, and not at the first request.
  store.site();
  if (!reportsFiles) return retrying((request) => handleStatic(request, store));
  const reports = new HotReports(
    store,
    (file) => post({ kind: "hot-file", file }),
  );
  return retrying((request) => {
    const response = handleStatic(request, store);
    reports.note(request.target);
    return response;
  });
}

function retrying(handle: (request: RequestHead) => HttpResponse): ServeFile {
  const later = async (request: RequestHead, { loading }: NotLoaded) => {
    await loading;
    return { response: handle(request), stream: null };
  };
  return (request) => {
    try {
      return handle(request);
    } catch (error) {
      if (error instanceof NotLoaded) return later(request, error);
      throw error;
    }
  };
}
