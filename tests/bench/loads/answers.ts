/**
 * What servers must answer: a server that answers something else, faster, must not look better for it.
 *
 * @module
 */

import type { Run, Running } from "../scenario.ts";
import { caCerts } from "../secure.ts";

/** The body that every answer must have. */
export type Expected =
  /** The bytes of a file of the root. */
  | { kind: "file"; file: string }
  | { kind: "text"; text: string };

/** What the root itself answers with, where there is a page. */
export const indexPage: Expected = { kind: "file", file: "index.html" };

/** What is asked for; as wrk is told it. */
export interface Asked {
  /** From the server's root, with no slash in front; the root itself unless given. */
  path?: string;
  headers?: Record<string, string>;
  /** The content of a POST; without it there is a GET. */
  content?: string;
}

/**
 * Asks `server` once. Codings of the content are undone before it is compared.
 *
 * @throws {Error} If the answer is not 200, or not what is expected.
 */
export async function checkAnswer(
  server: Running,
  run: Run,
  asked: Asked,
  expected: Expected,
): Promise<void> {
  const url = server.url + (asked.path ?? "");
  const { headers, content } = asked;
  using client = Deno.createHttpClient(
    url.startsWith("https:") ? { caCerts: caCerts() } : {},
  );
  const answer = await fetch(
    url,
    content === undefined
      ? { headers, client }
      : { method: "POST", headers, body: content, client },
  );
  const body = await answer.bytes();
  const wanted = expected.kind === "file"
    ? await Deno.readFile(`${run.root}/${expected.file}`)
    : new TextEncoder().encode(expected.text);
  if (answer.status !== 200 || !isEqual(body, wanted)) {
    throw new Error(
      `answers ${answer.status} with ${body.length} bytes, not the ${wanted.length} asked`,
    );
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, at) => byte === other[at]);
}
