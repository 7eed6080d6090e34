/**
 * Reads what a client sends into a tunnel, as far as the other side has caught up. Must
 * not know what the bytes are.
 *
 * @module
 */

import type { Tunnel } from "../http/exchange.ts";
import type { ByteSource } from "./byte_reader.ts";

// What an idle client costs; most messages fit.
const smallBytes = 512;
const largeBytes = 64 * 1024;

/** Who hears that the client still sends after the end. */
export interface LateListener {
  stillLingering(): void;
}

/**
 * Reads until the client sends nothing more.
 *
 * @throws what reading throws
 */
export async function readTunnel(
  source: ByteSource,
  tunnel: Tunnel,
  late: LateListener,
): Promise<void> {
  let buffer = new Uint8Array(smallBytes);
  for (;;) {
    const room = tunnel.room();
    if (room !== null) await room;
    const count = await source.read(buffer);
    if (count === null) return tunnel.end();
    tunnel.write(buffer.subarray(0, count));
    late.stillLingering();
    // One that sends much is read in large pieces, until it sends less.
    if (count === buffer.length && count < largeBytes) {
      buffer = new Uint8Array(largeBytes);
    } else if (count < smallBytes && buffer.length > smallBytes) {
      buffer = new Uint8Array(smallBytes);
    }
  }
}
