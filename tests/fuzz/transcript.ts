/**
 * What a client received on one connection, as the responses that it is made of.
 * Must not know which server wrote it.
 *
 * @module
 */

/** One response of a transcript. */
export interface ReceivedResponse {
  /** The status code. */
  readonly status: number;
  /** The status line and the fields, with their CRLFs. */
  readonly head: string;
  /** The content, without its chunks. */
  readonly body: string;
}

/** Somebody wrote what is no sequence of responses. */
export class TranscriptError extends Error {
  /**
   * Makes one.
   *
   * @param what is wrong
   * @param rest of the transcript, from there on
   */
  constructor(what: string, rest: string) {
    super(`${what}: ${JSON.stringify(rest.slice(0, 200))}`);
    this.name = "TranscriptError";
  }
}

const headPattern =
  /HTTP\/1\.1 ([1-5][0-9]{2}) [^\r\n]*\r\n((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [^\r\n]*\r\n)*)\r\n/y;

/**
 * Takes a whole transcript apart. Content that was announced and is not there, with
 * the end or another response in its place, is an answer to HEAD.
 *
 * @example
 * ```ts
 * import { splitResponses } from "./transcript.ts";
 *
 * splitResponses("HTTP/1.1 204 No Content\r\n\r\n")[0].status; // 204
 * ```
 *
 * @throws {TranscriptError} where it is not a sequence of responses
 */
export function splitResponses(transcript: string): ReceivedResponse[] {
  const responses: ReceivedResponse[] = [];
  for (let at = 0; at < transcript.length;) {
    headPattern.lastIndex = at;
    const match = headPattern.exec(transcript);
    if (match === null) {
      throw new TranscriptError(
        "No response begins here",
        transcript.slice(at),
      );
    }
    const [head, digits, fields] = match;
    const status = Number(digits);
    const { body, length } = takeBody(
      transcript.slice(at + head.length),
      status,
      fields,
    );
    responses.push({ status, head, body });
    at += head.length + length;
  }
  return responses;
}

/** The final ones: what a count of requests is compared with. */
export function finalStatuses(
  responses: readonly ReceivedResponse[],
): number[] {
  return responses.map(({ status }) => status).filter((status) =>
    status >= 200
  );
}

/** The final statuses of a whole transcript. */
export function statusesOf(transcript: string): number[] {
  return finalStatuses(splitResponses(transcript));
}

function takeBody(
  rest: string,
  status: number,
  fields: string,
): { body: string; length: number } {
  if (status < 200 || status === 204 || status === 304) {
    return { body: "", length: 0 };
  }
  if (/^transfer-encoding: chunked\r$/im.test(fields)) return takeChunks(rest);
  const announced = /^content-length: ([0-9]+)\r$/im.exec(fields);
  if (announced === null) return { body: rest, length: rest.length };
  if (rest === "" || rest.startsWith("HTTP/1.1 ")) {
    return { body: "", length: 0 };
  }
  const length = Number(announced[1]);
  if (rest.length < length) throw new TranscriptError("Content is cut", rest);
  return { body: rest.slice(0, length), length };
}

function takeChunks(rest: string): { body: string; length: number } {
  if (rest === "" || rest.startsWith("HTTP/1.1 ")) {
    return { body: "", length: 0 };
  }
  let body = "";
  for (let at = 0;;) {
    const end = rest.indexOf("\r\n", at);
    const size = parseInt(rest.slice(at, end), 16);
    if (end < 0 || Number.isNaN(size)) {
      throw new TranscriptError("No chunk begins here", rest.slice(at));
    }
    at = end + 2 + size + 2;
    if (at > rest.length) throw new TranscriptError("A chunk is cut", rest);
    if (size === 0) return { body, length: at };
    body += rest.slice(end + 2, end + 2 + size);
  }
}
