/**
 * Frameworks as they come from the npm registry, unmodified: what their apps answer
 * under Skein is what they answer under `Deno.serve`, of the very same module. Each
 * row is sent to both over a socket; what a row says besides keeps it from holding
 * for two errors that look alike.
 */

import { appUrl } from "../support/apps.ts";
import { answersAsUnderDenoServe, type Row } from "../support/beside_deno.ts";
import { inTime } from "../support/in_time.ts";

const json = "Content-Type: application/json";
const form = "Content-Type: application/x-www-form-urlencoded";
const multipart = "Content-Type: multipart/form-data; boundary=part";
const parts = [
  ...["--part", 'Content-Disposition: form-data; name="a"', "", "1"],
  ...["--part", 'Content-Disposition: form-data; name="a"', "", "2"],
  "--part",
  'Content-Disposition: form-data; name="file"; filename="f.txt"',
  ...["Content-Type: text/plain", "", "line\r\n--not the boundary"],
  ...["--part--", ""],
].join("\r\n");

// What apps of several frameworks are asked.
const origin = "Origin: https://example.com";
const cors: Row = {
  name: "cors",
  ask: "GET /cors",
  fields: [origin],
  status: 200,
  has: /^shared$/,
};
const preflight = (path: string, ...fields: string[]): Row => ({
  name: "a cors preflight",
  ask: `OPTIONS ${path}`,
  fields: [origin, ...fields],
  status: 204,
  has: /^$/,
});
const textBody: Row = {
  name: "a text body",
  ask: "POST /text",
  content: "content",
  status: 200,
  has: /^content$/,
};

const hono: readonly Row[] = [
  { name: "a text", ask: "GET /", status: 200, has: /^Hello Hono!$/ },
  { name: "HEAD", ask: "HEAD /", status: 200, has: /^$/ },
  {
    name: "parameters of the path",
    ask: "GET /users/a%20b/posts/7",
    status: 200,
    has: /^{"post":"7","id":"a b"}$/,
  },
  {
    name: "parameters of the query",
    ask: "GET /query?a=1&a=2&b=%26",
    status: 200,
    has: /"a":\["1","2"\],"b":\["&"\]/,
  },
  { name: "HTML", ask: "GET /html", status: 200, has: /^<p>gr/ },
  { name: "a redirection", ask: "GET /redirect", status: 302, has: /^$/ },
  { name: "bytes", ask: "GET /raw", status: 200, has: "\x00\xff\r\n" },
  {
    name: "fields and a status",
    ask: "GET /headers",
    status: 418,
    has: /stout/,
  },
  { name: "no such path", ask: "GET /none", status: 404, has: /^Hono knows/ },
  cors,
  preflight(
    "/cors",
    "Access-Control-Request-Method: PUT",
    "Access-Control-Request-Headers: x-a",
  ),
  { name: "etag", ask: "GET /etag", status: 200, has: /^tagged$/ },
  {
    name: "etag, not modified",
    ask: "GET /etag",
    fields: ["If-None-Match: *"],
    status: 304,
    has: /^$/,
  },
  {
    name: "etag, not modified since that one",
    ask: "GET /etag",
    // The SHA-1 of the content.
    fields: ['If-None-Match: "8e1ec218dc7ecaadd65388fba9b6723ce114268a"'],
    status: 304,
    has: /^$/,
  },
  { name: "secure headers", ask: "GET /secure", status: 200, has: /^secure$/ },
  {
    name: "basic auth, refused",
    ask: "GET /private",
    status: 401,
    has: /Unauth/,
  },
  {
    name: "basic auth",
    ask: "GET /private",
    fields: [`Authorization: Basic ${btoa("ferris:crab")}`],
    status: 200,
    has: /^yours$/,
  },
  {
    name: "compress",
    ask: "GET /compressed/text",
    fields: ["Accept-Encoding: gzip"],
    status: 200,
    has: /^\W\x8b/,
  },
  {
    name: "compress for those who do not ask",
    ask: "GET /compressed/text",
    status: 200,
    has: /^(squeeze ){1000}$/,
  },
  {
    name: "cookies",
    ask: "GET /cookies",
    fields: ["Cookie: x=y; z=%20"],
    status: 200,
    has: /^{"x":"y","z":" "}$/,
  },
  {
    name: "a JSON body",
    ask: "POST /json",
    fields: [json],
    content: '{"a":[1,null]}',
    status: 200,
    has: /{"a":\[1,null\]}/,
  },
  {
    name: "a JSON body that is none",
    ask: "POST /json",
    fields: [json],
    content: "{",
    status: 500,
    has: /^Caught: Expected property/,
  },
  {
    name: "a text body",
    ask: "POST /text",
    content: "gr\xc3\xbcezi",
    status: 200,
    has: /^gr\xc3\xbcezi$/,
  },
  { name: "no body", ask: "POST /text", status: 200, has: /^$/ },
  {
    name: "a body of bytes",
    ask: "POST /bytes",
    content: "\x00\xff\x80",
    status: 200,
    has: "\x00\xff\x80",
  },
  {
    name: "a body as a Blob",
    ask: "POST /blob",
    fields: ["Content-Type: image/png"],
    content: "x",
    status: 200,
    has: /^image\/png$/,
  },
  {
    name: "a form",
    ask: "POST /form",
    fields: [form],
    content: "a=1+2&a=3&b=%26",
    status: 200,
    has: /\["a",\["1 2","3"\]\],\["b","&"\]/,
  },
  {
    name: "a form of several parts",
    ask: "POST /form",
    fields: [multipart],
    content: parts,
    status: 200,
    has: /"name":"f.txt","type":"text\/plain.*line\\r\\n--not the boundary"/,
  },
  {
    name: "a body that is read twice",
    ask: "PUT /twice",
    content: "[1]",
    status: 200,
    has: /^\["\[1\]",\[1\]\]$/,
  },
  {
    name: "a request made of the request",
    ask: "POST /mounted/where",
    content: "content",
    status: 200,
    has: /^\["POST","yes","content"\]$/,
  },
  { name: "a stream", ask: "GET /stream", status: 200, has: /^one,two,three$/ },
  {
    name: "a text stream",
    ask: "GET /stream-text",
    status: 200,
    has: /first\nlast/,
  },
  {
    name: "events",
    ask: "GET /sse",
    status: 200,
    has: /data: tick 2\nid: 2\n\n$/,
  },
  { name: "an error", ask: "GET /throw", status: 500, has: /^Caught: thrown$/ },
  {
    name: "an exception",
    ask: "GET /http-exception",
    status: 402,
    has: /^Pay/,
  },
];

const h3: readonly Row[] = [
  { name: "a text", ask: "GET /", status: 200, has: /^Hello h3!$/ },
  { name: "HEAD", ask: "HEAD /blob", status: 200, has: /^$/ },
  {
    name: "parameters",
    ask: "GET /users/7?a=1&a=2",
    status: 200,
    has: /"id": ?"7"[^]*"a": ?\[/,
  },
  {
    name: "a field",
    ask: "GET /agent",
    fields: ["User-Agent: ferris/1"],
    status: 200,
    has: /^ferris\/1$/,
  },
  { name: "a redirection", ask: "GET /redirect", status: 302, has: /url=\/"/ },
  {
    name: "cookies",
    ask: "GET /cookies",
    fields: ["Cookie: before=yes"],
    status: 200,
    has: /"before": ?"yes"/,
  },
  cors,
  preflight("/cors", "Access-Control-Request-Method: PUT"),
  {
    name: "a JSON body",
    ask: "POST /json",
    fields: [json],
    content: '{"a":1}',
    status: 200,
    has: /"a": ?1/,
  },
  textBody,
  {
    name: "a form of several parts",
    ask: "POST /form",
    fields: [multipart],
    content: parts,
    status: 200,
    has: /"a"/,
  },
  { name: "a stream", ask: "GET /stream", status: 200, has: /^one,two$/ },
  { name: "a Blob", ask: "GET /blob", status: 200, has: /^<p>$/ },
  { name: "a status", ask: "GET /status", status: 201, has: /^$/ },
  {
    name: "events",
    ask: "GET /sse",
    status: 200,
    has: /^event: tick\ndata: 1/,
  },
  { name: "an error", ask: "GET /error", status: 409, has: /Twice the same/ },
  { name: "no such path", ask: "GET /none", status: 404, has: /404/ },
];

const itty: readonly Row[] = [
  { name: "a text", ask: "GET /", status: 200, has: /^"Hello itty!"$/ },
  {
    name: "parameters",
    ask: "GET /users/7?a=1",
    status: 200,
    has: /"id":"7".*"a":"1"/,
  },
  { name: "plain text", ask: "GET /text", status: 200, has: /^plain$/ },
  { name: "HTML", ask: "GET /html", status: 200, has: /^<p>$/ },
  {
    name: "the request's own fields",
    ask: "GET /method?q",
    status: 200,
    has: /"method":"GET","url":"http:\/\/app\.example:81\/method\?q"/,
  },
  {
    name: "a JSON body",
    ask: "POST /json",
    fields: [json],
    content: '{"a":1}',
    status: 200,
    has: /{"got":{"a":1}}/,
  },
  textBody,
  preflight("/text"),
  cors,
  { name: "an error", ask: "GET /error", status: 418, has: /short and stout/ },
  { name: "a thrown status", ask: "GET /throw", status: 402, has: /Pay first/ },
  { name: "no such path", ask: "GET /none", status: 404, has: /404/ },
];

for (
  const { name, module, rows } of [
    { name: "Hono", module: "hono", rows: hono },
    { name: "h3", module: "h3", rows: h3 },
    { name: "itty-router", module: "itty", rows: itty },
  ]
) {
  Deno.test(
    `an app of ${name} answers as it does under Deno.serve`,
    inTime(() =>
      answersAsUnderDenoServe(
        appUrl(`frameworks/${module}`),
        rows,
      )
    ),
  );
}
