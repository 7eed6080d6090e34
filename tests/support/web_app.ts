/**
 * The app of `tests/apps/web.ts`, which answers with what it was asked and with
 * every kind of `Response`, on a server of its own.
 */

import { appUrl } from "./apps.ts";
import { startTestServer, type TestServer } from "./test_server.ts";

/** Starts it. */
export function startWeb(): Promise<TestServer> {
  return startTestServer({
    app: appUrl("web").href,
    // So that what one request leaves behind is there for the next.
    workers: 1,
    limits: { sweepMs: 20, watchAfterMs: 20 },
  });
}
