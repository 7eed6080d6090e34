/**
 * The entry of a worker thread that serves files and nothing else. What apps need
 * (streams, a watchdog, modules of `node:`) is not loaded: that would be half of its
 * start and of its memory. Must not know the pool.
 *
 * @module
 */

import type { ToWorker } from "../messages/messages.ts";
import { openInbox } from "../messages/inbox.ts";
import { fileHandler } from "./file_handler.ts";
import { FileRunner } from "./file_runner.ts";
import { heapBytes } from "./heap.ts";
import { onParts, post } from "./link.ts";

let runner: FileRunner | null = null;

onParts(({ port }) => openInbox(port, receive));

function receive(message: ToWorker): void {
  switch (message.kind) {
    case "boot": {
      const { config, claims } = message;
      runner = new FileRunner({
        handle: fileHandler(config.root!, config),
        post,
        claims: new Int32Array(claims),
        serverName: config.serverName,
      });
      post({ kind: "ready" });
      break;
    }
    case "batch":
      runner!.run(message.jobs);
      break;
    case "ping":
      post({ kind: "pong", heapBytes: heapBytes() });
      break;
    // The others are about streams and bodies.
    default:
  }
}
