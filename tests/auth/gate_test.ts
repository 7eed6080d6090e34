/**
 * What becomes of a request whose credentials are being checked: it goes on once, and
 * not where nobody waits for it any more.
 */

import { assertEquals } from "@std/assert";
import { Gate } from "../../lib/auth/gate.ts";
import type { Dispatch, Exchange } from "../../lib/http/exchange.ts";
import { defaultLimits } from "../../lib/limits.ts";
import { inTime } from "../support/in_time.ts";
import { makeTree } from "../support/tree.ts";

/** Of "secret". */
const hash = "$2y$04$imODoIdhVronxx6kftyMdOaXMtsYC1.2V99UJ55JzZ7YPx18gjxGK";

const response = {
  kind: "open",
  status: 200,
  fieldLines: "",
  body: null,
} as const;

/** A gate, and what it passes on to what is behind it. */
async function open() {
  const tree = await makeTree({ passwords: `ann:${hash}\n` });
  const gate = await Gate.open({
    file: tree.path("passwords"),
    limits: defaultLimits,
    isExempt: () => false,
    log: () => {},
  });
  const heard: string[] = [];
  const dispatch: Dispatch = () => {
    heard.push("dispatch");
    return {
      response,
      worker: 1,
      abandon: () => heard.push("abandon"),
      handedOver: (whole) => heard.push(`handed over ${whole}`),
    };
  };
  const guarded = gate.guard({ dispatch, refuse: () => null });
  return {
    heard,
    ask: (password: string): Exchange =>
      guarded.dispatch({
        head: {
          ...{ method: "GET", target: "/", authority: "h", version: "1.1" },
          fields: [["authorization", `Basic ${btoa(`ann:${password}`)}`]],
        },
        ...{ text: "", body: null, peer: "192.0.2.1 1", origin: null },
        persistent: true,
      }),
    async [Symbol.asyncDispose]() {
      await gate.close();
      tree[Symbol.dispose]();
    },
  };
}

const rows: readonly {
  readonly name: string;
  readonly password?: string;
  /** What the connection does during the check. */
  readonly during: (exchange: Exchange) => void;
  readonly status: number;
  readonly heard: readonly string[];
}[] = [
  {
    name: "goes on where they are right",
    during: () => {},
    status: 200,
    heard: ["dispatch", "handed over true"],
  },
  {
    name: "goes no further where they are wrong",
    password: "wrong",
    during: () => {},
    status: 401,
    heard: [],
  },
  {
    name: "is abandoned where its client has ended its side",
    during: (exchange) => exchange.abandon(),
    status: 200,
    heard: ["dispatch", "abandon", "handed over true"],
  },
  {
    name: "is not begun where its connection is closed",
    during: (exchange) => {
      exchange.abandon();
      exchange.handedOver(false);
    },
    status: 503,
    heard: [],
  },
];

for (const { name, password = "secret", during, status, heard } of rows) {
  Deno.test(
    `a request whose credentials are checked ${name}`,
    inTime(async () => {
      await using gate = await open();
      const exchange = gate.ask(password);
      during(exchange);
      assertEquals(gate.heard, []);
      assertEquals((await exchange.response).status, status);
      exchange.handedOver(true);
      assertEquals(gate.heard, heard);
    }),
  );
}

Deno.test(
  "a request whose credentials are known goes on at once",
  inTime(async () => {
    await using gate = await open();
    await gate.ask("secret").response;
    assertEquals(gate.ask("secret").response, response);
    assertEquals(gate.heard, ["dispatch", "dispatch"]);
  }),
);
