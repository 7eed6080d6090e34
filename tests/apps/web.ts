/**
 * An app that answers with what it was asked, and with every kind of body that a
 * `Response` can have.
 */

import type { AppInfo } from "../../lib/app/loader.ts";

type Handler = (request: Request, info: AppInfo) => unknown;

const seen = { hanging: 0, aborted: 0, completed: [] as string[] };

/** The app. */
export default {
  /** Runs the route; a path that is none is the directory's. */
  fetch(request: Request, info: AppInfo): unknown {
    const { pathname } = new URL(request.url);
    info.completed.then(() => {
      if (pathname !== "/seen") seen.completed.push(pathname);
    });
    return routes[pathname]?.(request, info);
  },
};

const requests: Record<string, Handler> = {
  "/describe": (request, info) =>
    Response.json({
      url: request.url,
      method: request.method,
      headers: Object.fromEntries(request.headers),
      body: request.body === null ? "none" : "some",
      remoteAddr: info.remoteAddr,
    }),
  "/given": ({ body, headers }) =>
    Response.json({ body: body !== null, cookie: headers.get("cookie") }),
  "/length": async ({ body }) =>
    new Response(`${(await new Response(body!).bytes()).length}`),
  "/text": async (request) => new Response(await request.text()),
  "/json": async (request) => Response.json(await request.json()),
  "/form": async (request) => {
    const entries: [string, string][] = [];
    for (const [name, value] of await request.formData()) {
      entries.push([name, value instanceof File ? await value.text() : value]);
    }
    return Response.json(entries);
  },
  "/array-buffer": async (request) => new Response(await request.arrayBuffer()),
  "/stream": async (request) => {
    let length = 0;
    for await (const chunk of request.body!) length += chunk.length;
    return new Response(`${length}`);
  },
  // Its answer is its request's body, as it comes.
  "/echo": (request) => new Response(request.body),
};

const signals: Record<string, Handler> = {
  "/hang": (request) => {
    seen.hanging++;
    request.signal.addEventListener("abort", () => seen.aborted++);
    return new Promise(() => {});
  },
  "/quick": (request) => {
    request.signal.addEventListener("abort", () => seen.aborted++);
    return new Response("quick");
  },
  "/seen": () => Response.json(seen),
};

const form = new FormData();
form.set("name", "Ferris");

const bodies: Record<string, Handler> = {
  "/none": () => new Response(),
  "/string": () => new Response("grüezi"),
  "/bytes": () => new Response(Uint8Array.of(0, 255, 13, 10, 128)),
  "/part-of-bytes": () =>
    new Response(Uint8Array.of(1, 2, 3, 4).subarray(1, 3)),
  "/blob": () => new Response(new Blob(["<p>"], { type: "text/html" })),
  "/form-data": () => new Response(form),
  "/params": () => new Response(new URLSearchParams({ a: "1 2", b: "&" })),
  "/stream-of-bytes": () =>
    new Response(
      ReadableStream.from([Uint8Array.of(97), Uint8Array.of(98, 99)]),
    ),
  "/json-body": () => Response.json({ a: [1] }),
};

class Special extends Response {}

const same = new Response("only once");

const made: Record<string, Handler> = {
  "/clone": () => new Response("cloned", { headers: { "X-A": "b" } }).clone(),
  "/subclass": () => new Special("special", { status: 203 }),
  "/later-fields": () => {
    const response = new Response("later", { headers: { "X-Gone": "1" } });
    response.headers.delete("x-gone");
    response.headers.set("X-Set", "2");
    response.headers.append("x-set", "3");
    return response;
  },
  "/empty": () => new Response(""),
  "/buffer": () => new Response(Uint8Array.of(1, 2, 255).buffer),
  "/view": () => new Response(new DataView(Uint8Array.of(1, 2).buffer, 1)),
  "/file": () =>
    new Response(new File(["content"], "f.bin", { type: "image/png" })),
  "/long": () => new Response("grü".repeat(2_000)),
  "/json-created": () =>
    Response.json([1], { status: 201, headers: { "X-A": "b" } }),
  "/error": () => Response.error(),
  "/used": async () => {
    const response = new Response("read");
    await response.text();
    return response;
  },
  "/same": () => same,
  "/pass-on": (request) => fetch(new URL(request.url).search.slice(1)),
};

const heads: Record<string, Handler> = {
  "/created": () => new Response("made", { status: 201 }),
  "/unusual": () => new Response("unusual", { status: 299 }),
  "/not-found": () => new Response("the app's own", { status: 404 }),
  "/no-content": () => new Response(null, { status: 204 }),
  "/not-modified": () =>
    new Response(null, { status: 304, headers: { etag: '"1"' } }),
  "/redirect": () => Response.redirect("http://localhost/elsewhere", 303),
  "/cookies": () => {
    const response = new Response("cookies");
    response.headers.append("Set-Cookie", "a=1; Path=/");
    response.headers.append("Set-Cookie", "b=2, still the second");
    return response;
  },
  "/own-framing": () =>
    new Response("own", {
      headers: {
        "Content-Length": "999",
        "Transfer-Encoding": "gzip",
        "Connection": "X-Own",
        "Date": "yesterday",
        "X-Own": "kept",
      },
    }),
  "/length-for-head": (request) =>
    new Response(request.method === "HEAD" ? null : "a".repeat(1234), {
      headers: { "Content-Length": "1234" },
    }),
};

const shapes: Record<string, Handler> = {
  "/sync": () => new Response("at once"),
  "/async": async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return new Response("later");
  },
  "/nothing-async": async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
  },
  "/index.html": () => null,
};

const routes: Record<string, Handler> = {
  ...requests,
  ...signals,
  ...bodies,
  ...made,
  ...heads,
  ...shapes,
};
