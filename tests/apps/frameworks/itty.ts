// deno-lint-ignore-file no-import-prefix
/**
 * An app of itty-router, whose routers are exported as they are.
 */

import {
  AutoRouter,
  cors,
  error,
  html,
  type IRequest,
  StatusError,
  text,
} from "npm:itty-router@6.0.0";

const { preflight, corsify } = cors({ origin: "https://example.com" });

const router = AutoRouter({ before: [preflight] });

router
  .get("/", () => "Hello itty!")
  .get("/users/:id", ({ params, query }: IRequest) => ({ params, query }))
  .get("/text", () => text("plain"))
  .get("/cors", (request: IRequest) => corsify(text("shared"), request))
  .get("/html", () => html("<p>"))
  .get("/method", ({ method, url }: IRequest) => ({ method, url }))
  .post("/json", async (request: IRequest) => ({ got: await request.json() }))
  .post("/text", async (request: IRequest) => text(await request.text()))
  .get("/error", () => error(418, "short and stout"))
  .get("/throw", () => {
    throw new StatusError(402, "Pay first");
  });

/** The router itself. */
export default router;
