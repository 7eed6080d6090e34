/**
 * A request that is over as one line of an access log. Pure: must not know where lines
 * are written.
 *
 * @module
 */

import type { RequestEvent } from "../http/exchange.ts";
import { fieldValue } from "../http/message.ts";

/** `pretty` is for people, `combined` is nginx's, `json` has Caddy's names. */
export type LogFormat = "pretty" | "combined" | "json";

/** What a line depends on besides the request. */
export interface LineOptions {
  readonly format: LogFormat;
  /** Whether queries are written: they may hold secrets. */
  readonly queries: boolean;
  /** Whether `pretty` uses the colours of a terminal. */
  readonly color: boolean;
}

/** The wall clock at the zero of `performance.now()`. */
export type Epoch = () => number;

/** Codes of a terminal (ECMA-48 section 8.3.117): cyan, green, cyan, yellow, red. */
const statusColors = [36, 32, 36, 33, 31];
const dim = 2;

/** Makes lines. */
export class LineFormatter {
  readonly #options: LineOptions;
  readonly #epoch: Epoch;
  /** What `#time` stands for: a second, in `performance.now()` milliseconds. */
  #from = 0;
  #until = 0;
  #time = "";

  constructor(
    options: LineOptions,
    epoch: Epoch = () => Date.now() - performance.now(),
  ) {
    this.#options = options;
    this.#epoch = epoch;
  }

  /** A line, with its line break. */
  line(event: RequestEvent): string {
    switch (this.#options.format) {
      case "combined":
        return this.#combined(event);
      case "json":
        return this.#json(event);
      case "pretty":
        return this.#pretty(event);
    }
  }

  /** nginx's format of that name. */
  #combined(event: RequestEvent): string {
    const { head, status, peer } = event;
    const time = this.#timeOf(event.endedAt, clfTime);
    const request = head === null
      ? "-"
      : `${head.method} ${this.#target(head.target)} HTTP/${head.version}`;
    const referer = this.#referer(event) ?? "-";
    const agent = fieldOf(event, "user-agent") ?? "-";
    return `${peer.slice(0, peer.indexOf(" "))} - - [${time}] "${
      escape(request)
    }" ${status} ${bodyBytes(event)} "${escape(referer)}" "${escape(agent)}"\n`;
  }

  #json(event: RequestEvent): string {
    const { head } = event;
    const [address, port] = event.peer.split(" ", 2);
    const headers: Record<string, string[]> = {};
    const agent = fieldOf(event, "user-agent");
    if (agent !== undefined) headers["User-Agent"] = [agent];
    const referer = this.#referer(event);
    if (referer !== undefined) headers["Referer"] = [referer];
    return `${
      JSON.stringify({
        level: event.status < 500 ? "info" : "error",
        ts: round((this.#epoch() + event.endedAt) / 1000),
        logger: "http.log.access",
        msg: "handled request",
        request: {
          remote_ip: address,
          remote_port: port,
          client_ip: address,
          proto: head === null ? "" : `HTTP/${head.version}`,
          method: head?.method ?? "",
          host: head?.authority ?? "",
          uri: head === null ? "" : this.#target(head.target),
          headers,
        },
        bytes_read: event.bodyBytesReceived,
        duration: round((event.endedAt - event.receivedAt) / 1000),
        size: bodyBytes(event),
        status: event.status,
        worker: event.worker,
      })
    }\n`;
  }

  #pretty(event: RequestEvent): string {
    const { head, status } = event;
    const time = this.#timeOf(event.endedAt, clockTime);
    const request = head === null
      ? `(${event.refusal ?? "not understood"})`
      : `${head.method} ${this.#target(head.target)}`;
    const ms = event.endedAt - event.receivedAt;
    const worker = event.worker === null ? "" : ` worker ${event.worker}`;
    const cut = event.complete ? "" : ", cut off";
    const details = `${bytesText(bodyBytes(event))} ${msText(ms)}${worker}`;
    const color = statusColors[Math.floor(status / 100) - 1] ?? 0;
    return `${this.#paint(dim, time)} ${this.#paint(color, `${status}`)} ${
      escape(request)
    } ${this.#paint(dim, details)}${cut}\n`;
  }

  #paint(code: number, text: string): string {
    return this.#options.color ? `\x1b[${code}m${text}\x1b[0m` : text;
  }

  /** Of many requests in a second the time is written once. */
  #timeOf(at: number, format: (ms: number) => string): string {
    if (at >= this.#from && at < this.#until) return this.#time;
    // The clock may have been set meanwhile.
    const epoch = this.#epoch();
    const second = Math.floor((epoch + at) / 1000);
    this.#from = second * 1000 - epoch;
    this.#until = this.#from + 1000;
    return this.#time = format(second * 1000);
  }

  #target(target: string): string {
    const query = this.#options.queries ? -1 : target.indexOf("?");
    return query < 0 ? target : target.slice(0, query);
  }

  #referer(event: RequestEvent): string | undefined {
    const value = fieldOf(event, "referer");
    return value === undefined ? value : this.#target(value);
  }
}

// A client may send 32 KiB of it, each character to be escaped.
const maxFieldLength = 2048;

function fieldOf({ head }: RequestEvent, name: string): string | undefined {
  return head === null
    ? undefined
    : fieldValue(head.fields, name)?.slice(0, maxFieldLength);
}

function bodyBytes({ bytesSent, headBytes }: RequestEvent): number {
  return Math.max(bytesSent - headBytes, 0);
}

const unsafe = /["\\]|[^ -~]/;

/** As nginx does it: quotes, backslashes, and all that is not printable ASCII. */
function escape(text: string): string {
  if (!unsafe.test(text)) return text;
  return text.replace(
    new RegExp(unsafe, "g"),
    (character) =>
      `\\x${
        character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")
      }`,
  );
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

const months = [
  ...["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
  ...["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
];

/** The time of the common log format: 10/Oct/2026:13:55:36 +0200. */
function clfTime(ms: number): string {
  const date = new Date(ms);
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${
    two(Math.floor(Math.abs(offset) / 60))
  }${two(Math.abs(offset) % 60)}`;
  return `${two(date.getDate())}/${
    months[date.getMonth()]
  }/${date.getFullYear()}:${clockTime(ms)} ${zone}`;
}

function clockTime(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${
    two(date.getSeconds())
  }`;
}

function two(count: number): string {
  return `${count}`.padStart(2, "0");
}

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function msText(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
