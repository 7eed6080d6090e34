/**
 * How the jobs of a batch cross to a worker. They are packed, for a message costs by
 * its number of values. Must not know who sends what, or when.
 *
 * @module
 */

import type { ReceivedRequest, RequestOrigin } from "../http/exchange.ts";
import type {
  ClientCertificate,
  Fields,
  HttpRequest,
  HttpVersion,
  RequestBody,
} from "../http/message.ts";
import { parseRequestHead, reparseFieldLine } from "../http/request_head.ts";
import { natives } from "../natives.ts";
import type { JobBody, Jobs } from "./messages.ts";
import type { ClientFacts } from "./responses.ts";

/** A job on its way to a worker. */
export interface OutgoingJob {
  readonly id: number;
  readonly request: ReceivedRequest;
}

/** Packs jobs for one message. */
export function packJobs(jobs: readonly OutgoingJob[]): Jobs {
  let text = "";
  let bodies: JobBody[] | null = null;
  for (const { id, request } of jobs) {
    const { persistent, peer, origin, upgradable } = request;
    const flags = (persistent ? 1 : 0) + (origin === null ? 0 : 2) +
      (upgradable ? 4 : 0);
    text += `${id} ${flags} ${peer}${
      origin === null ? "" : originText(origin)
    }\r\n${request.text}\r\n`;
    if (request.body !== null) bodies ??= [];
  }
  if (bodies !== null) {
    for (const { request } of jobs) bodies.push(crossing(request.body));
  }
  return { count: jobs.length, text, bodies };
}

/** Only the last part may have spaces in it. */
function originText({ scheme, host, certificate }: RequestOrigin): string {
  const text = ` ${scheme ?? ""} ${host ?? ""}`;
  return certificate ? `${text} ${certificate}` : text;
}

function crossing(body: ReceivedRequest["body"]): JobBody {
  return body === null || body instanceof Uint8Array ? body : "streamed";
}

/** Unpacks jobs, in their order. */
export function unpackJobs({ count, text, bodies }: Jobs): IncomingJob[] {
  const jobs: IncomingJob[] = [];
  let at = 0;
  while (jobs.length < count) {
    const idEnd = text.indexOf(" ", at);
    const lineEnd = text.indexOf("\r\n", at);
    const end = text.indexOf("\r\n\r\n", lineEnd);
    jobs.push(
      new IncomingJob({
        id: Number(text.slice(at, idEnd)),
        flags: text.charCodeAt(idEnd + 1) - zero,
        peer: text.slice(idEnd + 3, lineEnd),
        text: text.slice(lineEnd + 2, end),
        body: bodies === null ? null : bodies[jobs.length],
      }),
    );
    at = end + 4;
  }
  return jobs;
}

/**
 * Takes a job of a batch for running.
 *
 * @param claims how many jobs of the batch are claimed
 * @returns `false` where the pool took it back, and all that follow
 */
export function claimJob(claims: Int32Array, index: number): boolean {
  const { compareExchange } = natives.Atomics;
  return compareExchange(claims, 0, index, index + 1) === index;
}

const zero = "0".charCodeAt(0);

/** The parts of a job, as they cross. */
export interface JobParts {
  readonly id: number;
  /** 1: the client wants the connection to go on. 2: its origin follows its peer. 4: the
   * connection can become a tunnel. */
  readonly flags: number;
  /** An IP address and a port; a scheme and a host; a certificate; with spaces between
   * them. */
  readonly peer: string;
  /** The lines of its head, with CRLFs between them. */
  readonly text: string;
  readonly body: JobBody;
}

/**
 * A job inside a worker: the request as a handler gets it. The main thread has parsed
 * its head, so that nothing in it can be wrong; fields that the handler does not look
 * at are never parsed.
 */
export class IncomingJob implements HttpRequest, ClientFacts {
  readonly id: number;
  readonly persistent: boolean;
  readonly upgradable: boolean;
  readonly peer: string;
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly scheme: "http" | "https";
  readonly #certificate: string;
  readonly version: HttpVersion;
  body: RequestBody;
  /** Whether its body follows in pieces; `body` is set when it is opened. */
  readonly streamed: boolean;
  readonly #text: string;
  /** Where its field lines begin. */
  readonly #fieldsAt: number;
  #fields: Fields | null = null;

  constructor({ id, flags, peer, text, body }: JobParts) {
    this.id = id;
    this.persistent = (flags & 1) !== 0;
    this.upgradable = (flags & 4) !== 0;
    this.streamed = body === "streamed";
    this.body = body === "streamed" ? null : body;
    this.#text = text;
    const crlf = text.indexOf("\r\n");
    const end = crlf < 0 ? text.length : crlf;
    this.#fieldsAt = end + 2;
    const methodEnd = text.indexOf(" ");
    this.method = text.slice(0, methodEnd);
    this.version = text[end - 1] === "0" ? "1.0" : "1.1";
    if (text[methodEnd + 1] === "/") {
      this.target = text.slice(methodEnd + 1, end - " HTTP/1.1".length);
      this.authority = hostIn(text, this.#fieldsAt);
    } else {
      const { target, authority } = parseRequestHead(text.split("\r\n"));
      this.target = target;
      this.authority = authority;
    }
    this.scheme = "http";
    this.peer = peer;
    this.#certificate = "";
    if ((flags & 2) === 0) return;
    const [address, port, scheme, host, ...rest] = peer.split(" ");
    this.#certificate = rest.join(" ");
    this.peer = `${address} ${port}`;
    if (scheme === "https") this.scheme = scheme;
    if (host !== "") this.authority = host;
  }

  get certificate(): ClientCertificate | null {
    return this.#certificate === "" ? null : JSON.parse(this.#certificate);
  }

  get fields(): Fields {
    return this.#fields ??= this.#fieldsAt < this.#text.length
      ? this.#text.slice(this.#fieldsAt).split("\r\n").map(reparseFieldLine)
      : [];
  }
}

const colon = ":".charCodeAt(0);

/** The value of `Host` among those field lines; empty where there is none. */
function hostIn(text: string, from: number): string {
  for (let at = from; at < text.length;) {
    const crlf = text.indexOf("\r\n", at);
    const end = crlf < 0 ? text.length : crlf;
    if (
      text.charCodeAt(at + 4) === colon &&
      text.slice(at, at + 4).toLowerCase() === "host"
    ) return reparseFieldLine(text.slice(at, end))[1];
    at = end + 2;
  }
  return "";
}
