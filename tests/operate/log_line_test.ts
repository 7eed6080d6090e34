/** Requests and the lines that an access log has of them. */

import { assertEquals } from "@std/assert";
import type { RequestEvent } from "../../lib/http/exchange.ts";
import type { Fields } from "../../lib/http/message.ts";
import { LineFormatter, type LineOptions } from "../../lib/operate/log_line.ts";

const epoch = Date.UTC(2026, 9, 5, 13, 5, 6);

function event(
  { target = "/", fields = [], ...more }:
    & Partial<RequestEvent>
    & { target?: string; fields?: Fields } = {},
): RequestEvent {
  return {
    head: {
      ...{ method: "GET", target, authority: "h:1", version: "1.1", fields },
    },
    ...{ peer: "10.0.0.1 4711", status: 200, bytesSent: 1200, headBytes: 200 },
    ...{
      complete: true,
      bodyBytesReceived: 7,
      receivedAt: 250,
      endedAt: 255.5,
      worker: 2,
      refusal: null,
    },
    ...more,
  };
}

function line(
  event: RequestEvent,
  options: Partial<LineOptions> = {},
): string {
  const formatter = new LineFormatter(
    { format: "combined", queries: false, color: false, ...options },
    () => epoch,
  );
  return formatter.line(event);
}

/** Without the time, which depends on the zone of the machine. */
const combined = (each: RequestEvent, queries = false) =>
  line(each, { queries }).replace(/\[[^\]]+\]/, "[]");

for (
  const { name, given, want, queries } of [
    {
      name: "a request",
      given: event(),
      want: '10.0.0.1 - - [] "GET / HTTP/1.1" 200 1000 "-" "-"\n',
    },
    {
      name: "no query, of the referer neither",
      given: event({
        target: "/a?token=1",
        fields: [["referer", "http://x/y?z"], ["user-agent", "curl"]],
      }),
      want: '10.0.0.1 - - [] "GET /a HTTP/1.1" 200 1000 "http://x/y" "curl"\n',
    },
    {
      name: "queries where they are wanted",
      given: event({ target: "/a?b", fields: [["referer", "http://x/y?z"]] }),
      queries: true,
      want: '10.0.0.1 - - [] "GET /a?b HTTP/1.1" 200 1000 "http://x/y?z" "-"\n',
    },
    {
      name: "no line break, quote, escape or control of a client",
      given: event({
        target: '/"\\',
        fields: [["user-agent", 'a"b\\c\x1b[31m\x80\xff\t']],
      }),
      want:
        '10.0.0.1 - - [] "GET /\\x22\\x5C HTTP/1.1" 200 1000 "-" "a\\x22b\\x5Cc\\x1B[31m\\x80\\xFF\\x09"\n',
    },
    {
      name: "the beginning of a field that is very long",
      given: event({ fields: [["user-agent", "\\".repeat(32_000)]] }),
      want: `10.0.0.1 - - [] "GET / HTTP/1.1" 200 1000 "-" "${
        "\\x5C".repeat(2048)
      }"\n`,
    },
    {
      name: "no secrets",
      given: event({
        fields: [["cookie", "s=1"], ["authorization", "Basic x"]],
      }),
      want: '10.0.0.1 - - [] "GET / HTTP/1.1" 200 1000 "-" "-"\n',
    },
    {
      name: "what was not understood",
      given: event({ head: null, status: 400 }),
      want: '10.0.0.1 - - [] "-" 400 1000 "-" "-"\n',
    },
    {
      name: "a client that left",
      given: event({ status: 499, bytesSent: 0, headBytes: 0 }),
      want: '10.0.0.1 - - [] "GET / HTTP/1.1" 499 0 "-" "-"\n',
    },
    {
      name: "an address of six",
      given: event({ peer: "::1 99" }),
      want: '::1 - - [] "GET / HTTP/1.1" 200 1000 "-" "-"\n',
    },
  ]
) {
  Deno.test(`the combined log has ${name}`, () => {
    assertEquals(combined(given, queries), want);
  });
}

Deno.test("the combined log has nginx's time", () => {
  const zone = -new Date(epoch).getTimezoneOffset();
  const local = new Date(epoch + zone * 60_000).toISOString();
  const sign = zone < 0 ? "-" : "+";
  const hours = `${Math.floor(Math.abs(zone) / 60)}`.padStart(2, "0");
  const minutes = `${Math.abs(zone) % 60}`.padStart(2, "0");
  assertEquals(
    /\[([^\]]+)\]/.exec(line(event()))![1],
    `${local.slice(8, 10)}/Oct/2026:${
      local.slice(11, 19)
    } ${sign}${hours}${minutes}`,
  );
});

Deno.test("the json log has the names of Caddy's", () => {
  const fields: Fields = [
    ["user-agent", 'a "quote"\n'],
    ["cookie", "secret"],
  ];
  const given = event({ target: "/a?b", fields, status: 503 });
  assertEquals(JSON.parse(line(given, { format: "json" })), {
    level: "error",
    ts: epoch / 1000 + 0.2555,
    logger: "http.log.access",
    msg: "handled request",
    request: {
      ...{ remote_ip: "10.0.0.1", remote_port: "4711" },
      ...{ client_ip: "10.0.0.1", proto: "HTTP/1.1", method: "GET" },
      ...{ host: "h:1", uri: "/a" },
      headers: { "User-Agent": ['a "quote"\n'] },
    },
    ...{ bytes_read: 7, duration: 0.0055, size: 1000, status: 503 },
    worker: 2,
  });
});

for (
  const { given, color = false, want } of [
    { given: event(), want: "200 GET / 1.0 kB 5.5 ms worker 2\n" },
    {
      given: event({ status: 404 }),
      color: true,
      want: "\x1b[33m404\x1b[0m GET / \x1b[2m1.0 kB 5.5 ms worker 2\x1b[0m\n",
    },
    {
      given: event({ complete: false, endedAt: 5250, bytesSent: 5_200_200 }),
      want: "200 GET / 5.2 MB 5.00 s worker 2, cut off\n",
    },
    {
      given: event({
        ...{ head: null, status: 400, bytesSent: 299, worker: null },
        refusal: "Not TLS.",
      }),
      want: "400 (Not TLS.) 99 B 5.5 ms\n",
    },
    {
      given: event({ head: null, status: 400, bytesSent: 299, worker: null }),
      want: "400 (not understood) 99 B 5.5 ms\n",
    },
    {
      given: event({ target: "/\x1b]0;title\x07" }),
      want: "200 GET /\\x1B]0;title\\x07 1.0 kB 5.5 ms worker 2\n",
    },
  ]
) {
  Deno.test(`the pretty log says ${JSON.stringify(want)}`, () => {
    const [, rest] = /^\S*?[0-9:]{8}\S* ([^]*)$/.exec(
      line(given, { format: "pretty", color }),
    )!;
    assertEquals(rest, want);
  });
}
