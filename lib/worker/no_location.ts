/**
 * A worker has a location, the module that it began with, and Deno resolves relative
 * URLs by it: `Response.redirect("/login")` becomes a `file:` URL, and
 * `fetch("/etc/hostname")` reads that file. Under `deno serve` there is none, and they
 * throw. Here they throw as well. Must not know apps.
 *
 * @module
 */

interface Scope {
  location?: unknown;
  fetch: typeof fetch;
  Request: typeof Request;
  Response: typeof Response;
  EventSource: typeof EventSource;
  WebSocket: typeof WebSocket;
  Worker: typeof Worker;
}

/** Takes the location away; to be called once, before an app is loaded. */
export function forgetLocation(scope: Scope = globalThis): void {
  delete scope.location;
  const { fetch } = scope;
  scope.fetch = (input, init) =>
    isRelative(input)
      ? Promise.reject(relativeError(TypeError, input))
      : fetch(input, init);
  const { redirect } = scope.Response;
  scope.Response.redirect = (url, status) => {
    if (isRelative(url)) throw relativeError(TypeError, url);
    return redirect(url, status);
  };
  scope.Request = strict(scope.Request, TypeError);
  scope.EventSource = strict(scope.EventSource, SyntaxError);
  scope.WebSocket = strict(scope.WebSocket, SyntaxError);
  scope.Worker = strict(scope.Worker, URIError);
}

type Constructor = new (...args: never[]) => object;

/** The same class, which takes no relative URL for its first argument. */
function strict<T extends Constructor>(
  original: T,
  ErrorClass: new (message: string) => Error,
): T {
  const wrapped: T = new Proxy(original, {
    construct(target, args, newTarget) {
      if (isRelative(args[0])) throw relativeError(ErrorClass, args[0]);
      return Reflect.construct(target, args, newTarget);
    },
  });
  // Of a request that is made elsewhere the class is this one, too.
  original.prototype.constructor = wrapped;
  return wrapped;
}

/** `URL` objects are absolute, and so is a `Request`. */
function isRelative(input: unknown): input is string {
  return typeof input === "string" && !URL.canParse(input);
}

function relativeError(
  ErrorClass: new (message: string) => Error,
  url: string,
): Error {
  return new ErrorClass(`Invalid URL: '${url}'`);
}
