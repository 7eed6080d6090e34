/**
 * The request that an app is given, against a real one made from the same parts:
 * whatever is asked of it in whatever order, the two tell the same.
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { RequestContext } from "../../lib/app/request_context.ts";
import { webRequest } from "../../lib/app/lazy_request.ts";
import { bytesOf } from "../support/wire.ts";
import { exchange } from "../support/app_exchanges.ts";

const url = "http://a.example/path?query";

/** It, and the runtime's own of the same parts. */
function pair(content = "content"): { name: string; request: Request }[] {
  const headers = new Headers([
    ["host", "a.example"],
    ["content-type", "text/plain"],
    ["x-twice", "one"],
    ["x-twice", "two"],
  ]);
  const init = { method: "POST", headers, body: bytesOf(content) };
  return [
    {
      name: "given",
      request: webRequest(exchange(undefined, "POST", content)),
    },
    { name: "real", request: new Request(url, init) },
  ];
}

Deno.test({
  name: "a request is made of its parts only when they are looked at",
  // Without the slots of the runtime it is made at once.
  ignore: "withoutSlots" in globalThis,
  fn() {
    const lazy = exchange();
    let made = 0;
    const request = webRequest({
      url: lazy.url,
      method: lazy.method,
      get signal() {
        made++;
        return lazy.signal;
      },
      get fields() {
        made++;
        return lazy.fields;
      },
      get body() {
        made++;
        return lazy.body;
      },
    });
    assertEquals([request.url, request.method, made], [url, "POST", 0]);
    assertEquals(request.headers.get("x-twice"), "one, two");
    assertEquals(request.headers.get("host"), "a.example");
    assertEquals(made, 1);
  },
});

/** What can be asked, and what both have to say. */
const questions: Record<string, (request: Request) => unknown> = {
  "url and method": ({ url, method }) => [url, method],
  "headers": ({ headers }) => [...headers],
  "the same headers twice": (request) => request.headers === request.headers,
  "a changed field": (request) => {
    request.headers.set("x-new", "1");
    return [...request.clone().headers, ...new Request(request).headers];
  },
  "modes": (request) => [
    ...[request.redirect, request.cache, request.credentials, request.mode],
    ...[request.referrer, request.integrity, request.keepalive],
  ],
  "its class": (request) => [
    request instanceof Request,
    request.constructor === Request,
    Object.prototype.toString.call(request),
  ],
  "its keys": (request) => {
    const keys: string[] = [];
    for (const key in request) keys.push(key);
    return keys.sort();
  },
  "how it is shown": (request) => Deno.inspect(request),
  "text": (request) => request.text(),
  "bytes": (request) => request.bytes(),
  "a buffer": (request) => request.arrayBuffer(),
  "a blob": async (request) => {
    const blob = await request.blob();
    return [blob.type, blob.size, await blob.text()];
  },
  "JSON that is none": (request) => request.json().catch((error) => error.name),
  "a form that is none": (request) =>
    request.formData().catch((error) => error.name),
  "a stream": async (request) => {
    const same = request.body === request.body;
    const before = request.bodyUsed;
    let text = "";
    for await (const chunk of request.body!) {
      text += new TextDecoder().decode(chunk);
    }
    return [same, before, text, request.bodyUsed];
  },
  "a second reading": async (request) => {
    await request.text();
    const again = await request.text().catch((error) => error.name);
    return [request.bodyUsed, again];
  },
  "whether it was read": async (request) => {
    const before = request.bodyUsed;
    const text = request.text();
    return [before, request.bodyUsed, await text, request.bodyUsed];
  },
  "two readings at once": async (request) =>
    (await Promise.allSettled([request.bytes(), request.text()]))
      .map(({ status }) => status),
  "a stream of what was read": async (request) => {
    await request.arrayBuffer();
    return [request.body?.locked, request.bodyUsed];
  },
  "a request made of what was read": async (request) => {
    await request.json().catch(() => {});
    try {
      return new Request(request).url;
    } catch (error) {
      return (error as Error).name;
    }
  },
  "a type that was changed": async (request) => {
    request.headers.set("content-type", "text/html");
    return [(await request.clone().blob()).type, (await request.blob()).type];
  },
  "a field that was changed before and after a clone": (request) => {
    request.headers.append("x-twice", "three");
    const clone = request.clone();
    request.headers.delete("host");
    return [[...clone.headers], [...request.headers]];
  },
  "a reading through a proxy": async (request) => {
    const proxy = new Proxy(request, {
      get: (target, key) => {
        const value = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    return [await proxy.text(), proxy.bodyUsed, request.bodyUsed];
  },
  "a clone": async (request) => {
    const clone = request.clone();
    return [
      await clone.text(),
      request.bodyUsed,
      await request.text(),
      clone.url,
      clone.method,
    ];
  },
  "a clone of what was read": async (request) => {
    await request.text();
    try {
      return request.clone();
    } catch (error) {
      return (error as Error).name;
    }
  },
  "a request made of it": async (request) => {
    const copy = new Request(request, { headers: { "x-other": "1" } });
    return [copy.url, [...copy.headers], await copy.text(), request.bodyUsed];
  },
  "a request to elsewhere": async (request) => {
    const copy = new Request("http://b.example/", request);
    return [copy.url, copy.method, await copy.text(), [...copy.headers]];
  },
  "a subclass made of it": async (request) => {
    class Special extends Request {}
    return await new Special(request).text();
  },
  "a proxy around it": (request) => {
    const proxy = new Proxy(request, {});
    return [proxy.url, proxy.method, [...proxy.headers], proxy.signal.aborted];
  },
  "an object that inherits from it": async (request) => {
    const heir = Object.create(request, { url: { value: "other" } });
    return [heir.url, heir.method, await heir.text()];
  },
  "what a framework puts onto it": (request) => {
    const extended = Object.assign(request, { params: { id: "1" } });
    return [extended.params.id, Object.keys(request)];
  },
  "a copy of it": (request) => {
    try {
      return structuredClone(request);
    } catch (error) {
      return (error as Error).name;
    }
  },
};

for (const [name, question] of Object.entries(questions)) {
  Deno.test(`a request tells what a real one does: ${name}`, async () => {
    const [given, real] = pair();
    assertEquals(
      await question(given.request),
      await question(real.request),
    );
  });
}

const readings: Record<string, (request: Request) => unknown> = {
  json: (request) => request.json().catch((error) => error.name),
  text: (request) => request.text(),
  bytes: (request) => request.bytes(),
  arrayBuffer: async (request) => new Uint8Array(await request.arrayBuffer()),
};

for (
  const content of [
    ...['{"a":[1,"\xc3\xa9"]}', "\xef\xbb\xbf[1]", "\xff\xfe", "", " 7 "],
    "null",
  ]
) {
  for (const [name, read] of Object.entries(readings)) {
    Deno.test(`a request's ${name}() of ${JSON.stringify(content)} is what a real one's is`, async () => {
      const [given, real] = pair(content);
      assertEquals(await read(given.request), await read(real.request));
    });
  }
}

Deno.test("a request goes through fetch()", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) =>
      new Response(`${request.method} ${await request.text()}`),
  );
  const { port } = server.addr;
  const lazy = new RequestContext(
    {
      method: "PUT",
      target: "/",
      authority: `127.0.0.1:${port}`,
      version: "1.1",
      fields: [],
      body: bytesOf("passed on"),
      peer: "127.0.0.1 1234",
      scheme: "http",
    },
    { client: null, watch: () => {} },
  );
  const response = await fetch(webRequest(lazy));
  assertEquals(await response.text(), "PUT passed on");
});

Deno.test("a GET has no body, whatever came with it", () => {
  for (const method of ["GET", "HEAD"]) {
    assertStrictEquals(
      webRequest(exchange(undefined, method, "content")).body,
      null,
    );
  }
});

Deno.test("a request that may have a body and has none has an empty one", async () => {
  for (const method of ["POST", "DELETE", "OPTIONS", "BREW"]) {
    const given = webRequest(exchange(undefined, method, null));
    assert(given.body instanceof ReadableStream, method);
    assertEquals(await given.text(), "", method);
  }
});
