// deno-lint-ignore-file no-import-prefix
/**
 * An app of Hono and its middleware, as its documentation has them for Deno.
 */

import { Hono } from "npm:hono@4.13.19";
import { basicAuth } from "npm:hono@4.13.19/basic-auth";
import { compress } from "npm:hono@4.13.19/compress";
import { getCookie, setCookie } from "npm:hono@4.13.19/cookie";
import { cors } from "npm:hono@4.13.19/cors";
import { etag } from "npm:hono@4.13.19/etag";
import { HTTPException } from "npm:hono@4.13.19/http-exception";
import { secureHeaders } from "npm:hono@4.13.19/secure-headers";
import { stream, streamSSE, streamText } from "npm:hono@4.13.19/streaming";

const app = new Hono();

app.get("/", (c) => c.text("Hello Hono!"));
app.get("/users/:id/posts/:post?", (c) => c.json(c.req.param()));
app.get("/query", (c) => c.json(c.req.queries()));
app.get("/html", (c) => c.html("<p>grüezi</p>"));
app.get("/redirect", (c) => c.redirect("/", 302));
app.get("/raw", () => new Response(Uint8Array.of(0, 255, 13, 10)));
app.get("/headers", (c) => {
  c.header("X-One", "1");
  c.header("X-Two", "a", { append: true });
  c.header("X-Two", "b", { append: true });
  c.status(418);
  return c.body("short and stout");
});

app.use("/cors", cors({ origin: "https://example.com", credentials: true }));
app.get("/cors", (c) => c.text("shared"));
app.use("/etag", etag());
app.get("/etag", (c) => c.text("tagged"));
app.use("/secure", secureHeaders());
app.get("/secure", (c) => c.text("secure"));
app.use("/private", basicAuth({ username: "ferris", password: "crab" }));
app.get("/private", (c) => c.text("yours"));
app.use("/compressed/*", compress());
app.get("/compressed/text", (c) => c.text("squeeze ".repeat(1000)));

app.get("/cookies", (c) => {
  setCookie(c, "a", "1", { path: "/", httpOnly: true });
  setCookie(c, "b", "two words");
  return c.json(getCookie(c));
});

app.post("/json", async (c) => c.json({ got: await c.req.json() }));
app.post("/text", async (c) => c.text(await c.req.text()));
app.post("/bytes", async (c) => c.body(await c.req.arrayBuffer()));
app.post("/blob", async (c) => c.text((await c.req.blob()).type));
app.post("/form", async (c) => {
  const form = await c.req.parseBody({ all: true });
  const entries = Object.entries(form).map(async ([name, value]) => [
    name,
    value instanceof File
      ? { name: value.name, type: value.type, text: await value.text() }
      : value,
  ]);
  return c.json(await Promise.all(entries));
});
// The body is read twice, which Hono remembers.
app.put(
  "/twice",
  async (c) => c.json([await c.req.text(), await c.req.json()]),
);
// What is left of the request goes to another handler.
app.all("/mounted/*", async (c) => {
  const request = new Request(c.req.raw, { headers: { "X-Mounted": "yes" } });
  return await inner.fetch(request);
});

app.get("/stream", (c) =>
  stream(c, async (stream) => {
    for (const part of ["one,", "two,", "three"]) {
      await stream.write(part);
      await stream.sleep(1);
    }
  }));
app.get("/stream-text", (c) =>
  streamText(c, async (stream) => {
    await stream.writeln("first");
    await stream.sleep(1);
    await stream.write("last");
  }));
app.get("/sse", (c) =>
  streamSSE(c, async (stream) => {
    for (let id = 0; id < 3; id++) {
      await stream.writeSSE({ data: `tick ${id}`, event: "tick", id: `${id}` });
      await stream.sleep(1);
    }
  }));

app.get("/throw", () => {
  throw new Error("thrown");
});
app.get("/http-exception", () => {
  throw new HTTPException(402, { message: "Pay first" });
});
app.onError((error, c) =>
  error instanceof HTTPException
    ? error.getResponse()
    : c.text(`Caught: ${error.message}`, 500)
);
app.notFound((c) => c.text("Hono knows no such path", 404));

const inner = new Hono();
inner.all(
  "/mounted/where",
  async (c) =>
    c.json([c.req.method, c.req.header("x-mounted"), await c.req.text()]),
);

/** An instance of a class, as `deno serve` takes it. */
export default app;
