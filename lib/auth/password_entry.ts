/**
 * The entry of the thread that checks passwords: one after the other, for each takes a
 * good part of a second. Must not know who asks.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { hashSync } from "bcryptjs";
import type { PasswordAnswer, PasswordQuestion } from "./password_thread.ts";
import { shaCrypt } from "./sha_crypt.ts";

const encoder = new TextEncoder();

/** The global object of a worker, which the types of a page do not know. */
const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<PasswordQuestion>) => void;
  postMessage(answer: PasswordAnswer): void;
};

thread.onmessage = ({ data: { password, hash } }) =>
  thread.postMessage({ kind: "checked", right: isRight(password, hash) });

thread.postMessage({ kind: "ready" });

function isRight(password: string, hash: string): boolean {
  const made = hash.startsWith("$2")
    // Its version, its cost and its salt. Like htpasswd it cuts at 72 bytes.
    ? hashSync(password, hash.slice(0, 29))
    : shaCrypt(password, hash);
  const [a, b] = [made, hash].map((text) => encoder.encode(text));
  return a.length === b.length && timingSafeEqual(a, b);
}
