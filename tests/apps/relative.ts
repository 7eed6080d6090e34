/** An app that says what becomes of relative URLs, and of absolute ones. */

type Attempt = () => unknown;

const attempts: Readonly<Record<string, Attempt>> = {
  redirect: () => Response.redirect("/login"),
  redirected: () => Response.redirect("http://h/login").headers.get("location"),
  request: () => new Request("/x"),
  requested: () => new Request("http://h/x").url,
  again: () => new Request(new Request("http://h/x")).url,
  byUrl: () => new Request(new URL("http://h/x")).url,
  kind: () => new Request("http://h/x").constructor === Request,
  subclass: () => {
    class Other extends Request {}
    const made = new Other("http://h/x");
    return [made instanceof Other, made instanceof Request];
  },
  fetch: () => fetch("/etc/hostname"),
  fetched: async () => (await fetch("data:text/plain,text")).text(),
  socket: () => new WebSocket("/x"),
  events: () => new EventSource("/x"),
  location: () => typeof location,
};

async function outcomeOf(attempt: Attempt): Promise<unknown> {
  try {
    const value = await attempt();
    return value instanceof Request ? value.url : value;
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

export default {
  /** Tries them all. */
  async fetch(_request: Request): Promise<Response> {
    const outcomes: Record<string, unknown> = {};
    for (const [name, attempt] of Object.entries(attempts)) {
      outcomes[name] = await outcomeOf(attempt);
    }
    return Response.json(outcomes);
  },
};
