/**
 * A row of bytes for a whole server: what it is, and the requests that rows are made
 * of.
 */

/** Some bytes, and what comes of them. */
export interface WireRow {
  /** The rule, or the attack. */
  readonly name: string;
  /** A character per byte. */
  readonly wire: string;
  /** The statuses in order, and what became of the connection. */
  readonly want: `${string}${"open" | "closed"}`;
  /** The same where content is streamed, if that is another: a handler that is not
   * given it has answered before its end. */
  readonly wantStreamed?: WireRow["want"];
  /** The contents of the answers, where the requests have to be told apart. */
  readonly saw?: readonly string[];
}

/** A GET; each field line with its CRLF. */
export function get(path = "/", fields = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
}

/** A POST with those field lines and content. */
export function post(fields: string, content = ""): string {
  return `POST /p HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${content}`;
}

/** A POST of chunks. */
export function chunked(content: string): string {
  return post("Transfer-Encoding: chunked", content);
}
