/**
 * Inside a worker: the messages of the pool, in the order in which they were sent. Must
 * not know what they say.
 *
 * @module
 */

import { type ToWorker, unwrapped, type Wrapped } from "./messages.ts";

/** @param receive gets each message, in the event loop */
export function openInbox(
  port: MessagePort,
  receive: (message: ToWorker) => void,
): void {
  port.onmessage = ({ data }: MessageEvent<Wrapped>) =>
    receive(unwrapped(data));
}
