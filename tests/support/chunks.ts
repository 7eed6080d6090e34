/**
 * Chunked content (RFC 9112 section 7.1) as tests see it on the wire.
 */

import { assertEquals } from "@std/assert";

/** The content of a chunked message that is whole. */
export function unchunk(text: string): string {
  let content = "";
  let rest = text;
  for (;;) {
    const line = rest.slice(0, rest.indexOf("\r\n"));
    const size = parseInt(line, 16);
    if (size === 0) {
      assertEquals(rest, "0\r\n\r\n");
      return content;
    }
    const start = line.length + 2;
    content += rest.slice(start, start + size);
    assertEquals(rest.slice(start + size, start + size + 2), "\r\n");
    rest = rest.slice(start + size + 2);
  }
}

/** A chunk. */
export function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Chunks of so many bytes, and the end. */
export function inChunks(text: string, size: number): string {
  let coded = "";
  for (let at = 0; at < text.length; at += size) {
    coded += chunk(text.slice(at, at + size));
  }
  return `${coded}0\r\n\r\n`;
}
