/**
 * A worker of the naive pool: each request comes in one message, and each answer goes out in one.
 *
 * @module
 */

/** A request for a worker, without the fields that only the connection needs. */
export interface Job {
  id: number;
  method: string;
  target: string;
}

/** The answer to the job of the same id. */
export interface Answer {
  id: number;
  status: string;
  fields: [string, string][];
  body: Uint8Array<ArrayBuffer>;
}

/** What a worker must know before its first job. */
export interface Boot {
  body: Uint8Array<ArrayBuffer>;
  type: string;
}

/** The types of the main thread have only `self` as a window. */
interface WorkerScope {
  onmessage: (event: MessageEvent<Boot | Job>) => void;
  postMessage(answer: Answer): void;
}

const scope = self as unknown as WorkerScope;
const nothing = new Uint8Array();
let page: Boot = { body: nothing, type: "" };

scope.onmessage = ({ data }) => {
  if ("body" in data) page = data;
  else scope.postMessage(answer(data));
};

/** As many bytes as Skein's fields for the same page: what crosses costs. */
function fieldsOf(type: string): [string, string][] {
  return [
    ["content-type", type],
    ["etag", '"q30S6Jp0u1mXcZ5vB2nT8w"'],
    ["last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"],
    ["cache-control", "no-cache"],
    ["vary", "Accept-Encoding"],
    ["x-content-type-options", "nosniff"],
    ["server", "Skein"],
  ];
}

function answer({ id, method, target }: Job): Answer {
  if (method !== "GET" || target !== "/") {
    return { id, status: "404 Not Found", fields: [], body: nothing };
  }
  return { id, status: "200 OK", fields: fieldsOf(page.type), body: page.body };
}
