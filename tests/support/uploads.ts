/**
 * The app of `tests/apps/uploads.ts`, on a server that streams what is not small.
 */

import type { Limits } from "../../lib/limits.ts";
import { appUrl } from "./apps.ts";
import { ask, type Reachable } from "./clients.ts";
import { startTestServer, type TestServer } from "./test_server.ts";

/** The app that takes them. */
export const app = appUrl("uploads");

/** A server where a body of more than 100 bytes is streamed, 16 bytes a piece. */
export function start(
  limits: Partial<Limits> = {},
  maxStreamedBodyBytes = 100_000_000,
): Promise<TestServer> {
  return startTestServer({
    app: app.href,
    // So that one request can tell of another.
    workers: 1,
    maxStreamedBodyBytes,
    limits: {
      sweepMs: 20,
      watchAfterMs: 20,
      maxWholeBodyBytes: 100,
      streamWindowBytes: 64,
      ...limits,
    },
  });
}

/** What it tells of them. */
export interface Seen {
  readonly begun: number;
  readonly bytes: number;
  readonly errors: readonly string[];
  readonly aborted: number;
  readonly completed: number;
  readonly cut: number;
}

/** What it tells now. */
export async function seen(server: Reachable): Promise<Seen> {
  return JSON.parse((await ask(server, "/seen")).body);
}

/** The head of a PUT. */
export function put(path: string, ...fields: string[]): string {
  return [`PUT ${path} HTTP/1.1`, "Host: localhost", ...fields, "", ""]
    .join("\r\n");
}

/** The field of content of so many bytes. */
export const length = (bytes: number) => `Content-Length: ${bytes}`;
/** The field of content in chunks. */
export const chunked = "Transfer-Encoding: chunked";

/** Content in which nothing is like another. */
export const content = Array.from({ length: 300 }, (_, i) => `${i} `).join("");
