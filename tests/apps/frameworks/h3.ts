// deno-lint-ignore-file no-import-prefix
/**
 * An app of h3, as its documentation has it for runtimes that call `fetch`.
 */

import {
  createEventStream,
  getCookie,
  getQuery,
  getRequestHeader,
  H3,
  handleCors,
  HTTPError,
  readBody,
  redirect,
  setCookie,
} from "npm:h3@2.0.8";

const app = new H3({ silent: true });

app.get("/", () => "Hello h3!");
app.get("/users/:id", (event) => ({
  id: event.context.params?.id,
  query: getQuery(event),
}));
app.get("/agent", (event) => getRequestHeader(event, "user-agent"));
app.get("/redirect", () => redirect("/"));
app.get("/cookies", (event) => {
  setCookie(event, "a", "1", { path: "/" });
  setCookie(event, "b", "2");
  return { before: getCookie(event, "before") };
});
app.all("/cors", (event) => {
  const preflight = handleCors(event, { origin: "*", methods: "*" });
  return preflight === false ? "shared" : preflight;
});
app.post("/json", async (event) => ({ got: await readBody(event) }));
app.post("/text", async (event) => await event.req.text());
app.post("/form", async (event) => [...await event.req.formData()]);
app.get("/stream", () => ReadableStream.from([bytes("one,"), bytes("two")]));
app.get("/blob", () => new Blob(["<p>"], { type: "text/html" }));
app.get("/status", (event) => {
  event.res.status = 201;
  event.res.headers.set("X-Made", "yes");
  return null;
});
app.get("/sse", (event) => {
  const events = createEventStream(event);
  setTimeout(async () => {
    await events.push({ event: "tick", data: "1" });
    await events.close();
  });
  return events.send();
});
app.get("/error", () => {
  throw new HTTPError({ status: 409, message: "Twice the same" });
});

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** An instance of a class. */
export default app;
