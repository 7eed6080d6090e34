/**
 * Inside a worker: what its pool hears, and the first message from there. Must not know
 * what messages say.
 *
 * @module
 */

import type { FromWorker, InboxParts } from "../messages/messages.ts";

/** What this thread uses of its global scope. */
interface WorkerScope {
  postMessage: (message: unknown, transfer?: Transferable[]) => void;
  close: () => void;
  addEventListener: typeof globalThis.addEventListener;
}

export const scope = globalThis as unknown as WorkerScope;
// Taken before an app can replace it.
const sendToPool = scope.postMessage.bind(scope);

/** Sends a message to the pool. */
export function post(
  message: FromWorker,
  transfer: Transferable[] = [],
): void {
  sendToPool(message, transfer);
}

/** @param listener receives the first message, with which all others get here */
export function onParts(listener: (parts: InboxParts) => void): void {
  scope.addEventListener(
    "message",
    (event) => listener((event as MessageEvent<InboxParts>).data),
    { once: true },
  );
}
