/**
 * Sends clients of plain HTTP to where the same is secure. Must not know who listens.
 *
 * @module
 */

import { errorResponse } from "../http/error.ts";
import {
  type Dispatch,
  type Refuse,
  wireResponseOf,
} from "../http/exchange.ts";
import type { HttpResponse, RequestHead } from "../http/message.ts";

/** The port of `https:` (RFC 9110 section 4.2.2). */
const defaultPort = 443;

/** The address that redirects cannot be listened on. */
export class RedirectError extends Error {
  constructor(cause: Error) {
    super(
      `The address that redirects to HTTPS cannot be listened on (${cause.message}); choose another`,
      { cause },
    );
    this.name = "RedirectError";
  }
}

/**
 * Makes the response to a request of plain HTTP: 308, so that a method and a body are
 * kept (RFC 9110 section 15.4.9).
 *
 * @param port where TLS is spoken
 */
export function redirectResponse(
  { authority, target }: Pick<RequestHead, "authority" | "target">,
  port: number,
): HttpResponse {
  const host = authority.replace(/:[0-9]*$/, "");
  if (host === "" || target === "*") {
    return errorResponse(400, "This port only sends clients to HTTPS.");
  }
  const there = port === defaultPort ? host : `${host}:${port}`;
  const location = `https://${there}${target}`;
  return {
    status: 308,
    fields: [
      ["Location", location],
      ["Content-Type", "text/plain; charset=utf-8"],
    ],
    body: {
      kind: "bytes",
      bytes: new TextEncoder().encode(`This is at ${location}\n`),
    },
  };
}

/** Responds to every request with that; for a large body it does not wait. */
export function redirectTo(
  port: number,
): { readonly dispatch: Dispatch; readonly refuse: Refuse } {
  const refuse: Refuse = (head) => redirectResponse(head, port);
  return {
    refuse,
    dispatch: ({ head }) => ({
      response: wireResponseOf(redirectResponse(head, port), head),
      worker: null,
      abandon() {},
      handedOver() {},
    }),
  };
}
