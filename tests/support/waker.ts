/** A worker that wakes who sleeps for its message twice, and only then has sent one. */

import {
  asleep,
  awake,
  type ToWorker,
  wrapped,
} from "../../lib/messages/messages.ts";

/** What it is started with. */
export interface WakerParts {
  readonly port: MessagePort;
  readonly sleep: SharedArrayBuffer;
  readonly message: ToWorker;
}

const scope = globalThis as unknown as {
  postMessage: (said: "ready") => void;
  onmessage: (event: MessageEvent<WakerParts>) => void;
};

scope.onmessage = ({ data: { port, sleep, message } }) => {
  const cell = new Int32Array(sleep);
  scope.postMessage("ready");
  wake(cell, () => {});
  wake(cell, () => port.postMessage(wrapped(message)));
};

/** Once that thread sleeps. */
function wake(cell: Int32Array, send: () => void): void {
  while (Atomics.load(cell, 0) !== asleep) Atomics.wait(cell, 0, awake, 1);
  send();
  Atomics.store(cell, 0, awake);
  Atomics.notify(cell, 0);
}
