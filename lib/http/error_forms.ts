/**
 * The form in which a client is told of an error: a page for people, problem details
 * (RFC 9457) for programs that ask for JSON, a line of text for all others. Pure; must
 * not know what went wrong.
 *
 * There is no `Vary`: error responses are `no-store`, so no cache has one to choose
 * (RFC 9111 section 5.2.2.5).
 *
 * @module
 */

import { escapeHtml } from "./error.ts";
import {
  type ErrorBody,
  type ErrorResponse,
  fieldList,
  type Fields,
  type FormedResponse,
  type HttpResponse,
} from "./message.ts";
import { type ErrorForm, preferredForm } from "./negotiate.ts";
import { pageStyle } from "./page_style.ts";
import { reasonPhrase } from "./status.ts";

/** The style sheet of the page. */
export const errorStyle = `${pageStyle}p,
pre {
  margin: 0;
  padding: 0.75rem 0.5rem;
  overflow-wrap: anywhere;
}
p {
  border-top: 2px solid var(--red);
}
pre {
  border-top: 1px solid var(--line);
  color: var(--ink);
  font: 0.875rem/1.5 ui-monospace, monospace;
  white-space: pre-wrap;
}
`;

/** SHA-256 of that, as a policy names it (CSP Level 3 section 2.3.1). Written down,
 * because every thread would have to load what computes it. */
export const errorStyleHash = "ist4m+4dleM8Ka7g6q+HhUBRvGL5hy7SYb4ofng9WtQ=";

/** The page loads nothing. If a text were ever taken for markup, this policy would keep
 * it from running a script or loading anything. */
const policy =
  `default-src 'none'; style-src 'sha256-${errorStyleHash}'; img-src data:; base-uri 'none'; form-action 'none'`;

const encoder = new TextEncoder();

/**
 * Gives an error the form that its client prefers; any other response is left as it is.
 *
 * @param head of the request; `null` where it was not understood
 */
export function formed(
  response: HttpResponse,
  head: { readonly fields: Fields } | null,
): FormedResponse {
  if (!isError(response)) return response;
  const { status, fields, body } = response;
  const accept = head === null ? undefined : fieldList(head.fields, "accept");
  const form = preferredForm(accept);
  return {
    status,
    fields: withForm(fields, form),
    body: { kind: "bytes", bytes: encoder.encode(write[form](status, body)) },
  };
}

function isError(response: HttpResponse): response is ErrorResponse {
  return response.body.kind === "error";
}

const formFields: Readonly<Record<ErrorForm, Fields>> = {
  page: [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Content-Security-Policy", policy],
  ],
  problem: [["Content-Type", "application/problem+json"]],
  text: [["Content-Type", "text/plain; charset=utf-8"]],
};

/** An operator's policy is for the operator's pages, and would block the style of this
 * one. */
function withForm(fields: Fields, form: ErrorForm): Fields {
  const others = form !== "page"
    ? fields
    : fields.filter(([name]) =>
      name.toLowerCase() !== "content-security-policy"
    );
  return [...formFields[form], ...others];
}

const write: Readonly<
  Record<ErrorForm, (status: number, body: ErrorBody) => string>
> = { page: errorPage, problem: problemDetails, text: errorLine };

function errorLine(status: number, { text, trace }: ErrorBody): string {
  const line = `${status} ${reasonPhrase(status)}: ${text}\n`;
  return trace === null ? line : `${line}\n${trace}\n`;
}

/** RFC 9457 section 3. Without a `type` it is of the kind that its status says (section
 * 4.2.1); `number` and `trace` are members of its own (section 3.2). */
function problemDetails(
  status: number,
  { text, number, trace }: ErrorBody,
): string {
  const problem = {
    title: reasonPhrase(status),
    status,
    detail: text,
    ...number === null ? {} : { number },
    ...trace === null ? {} : { trace },
  };
  return `${JSON.stringify(problem)}\n`;
}

function errorPage(status: number, { text, trace }: ErrorBody): string {
  const phrase = reasonPhrase(status);
  const more = trace === null ? "" : `<pre>${escapeHtml(trace)}</pre>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${status} ${phrase}</title>
<link rel="icon" href="data:,">
<style>${errorStyle}</style>
</head>
<body>
<main>
<nav aria-label="Breadcrumb">
<ol>
<li><a href="/">Home</a></li>
<li aria-current="page">${status}</li>
</ol>
</nav>
<h1>${phrase}</h1>
<p>${escapeHtml(text)}</p>
${more}</main>
</body>
</html>
`;
}
