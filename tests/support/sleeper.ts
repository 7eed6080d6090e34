/** A worker that says what it hears, and sleeps for the next message when it is pinged. */

import { openInbox } from "../../lib/messages/inbox.ts";
import type { InboxParts, ToWorker } from "../../lib/messages/messages.ts";
import { Sleeper } from "../../lib/messages/sleep.ts";

/** What it says. */
export type Said =
  | { readonly heard: ToWorker }
  | { readonly slept: number; readonly for: ToWorker | null };

const scope = globalThis as unknown as {
  postMessage: (said: Said) => void;
  onmessage: (event: MessageEvent<InboxParts>) => void;
};

/** How long it sleeps at most, in milliseconds. */
export const longest = 30_000;

let sleeper: Sleeper;

function receive(message: ToWorker): void {
  scope.postMessage({ heard: message });
  if (message.kind !== "ping") return;
  const begun = performance.now();
  const next = sleeper.next(longest);
  scope.postMessage({ slept: performance.now() - begun, for: next });
}

scope.onmessage = ({ data }) => {
  sleeper = new Sleeper(data);
  openInbox(data.port, receive);
};
