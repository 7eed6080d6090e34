/** How fast content has to come: looks at it, one a row, and when it is too slow. */

import { assertEquals } from "@std/assert";
import { BodyRate } from "../../lib/server/request_body.ts";

interface Row {
  readonly name: string;
  /** When it was looked at, what had come by then, and who was waited for. */
  readonly looks: readonly [now: number, received: number, awaited?: boolean][];
  /** The first look that found it too slow, if any. */
  readonly lateAt: number | null;
}

// 10 bytes a second after 1000 ms.
const limits = { bodyGraceMs: 1000, minBodyBytesPerSecond: 10 };

const rows: Row[] = [
  {
    name: "has its grace",
    looks: [[500, 0], [1000, 0], [1001, 0]],
    lateAt: 1001,
  },
  {
    name: "may go on as long as it keeps the rate",
    looks: [[1000, 10], [2000, 20], [3000, 30], [60_000, 600]],
    lateAt: null,
  },
  {
    name: "is late when it keeps half the rate for twice the grace",
    looks: [[1000, 5], [2000, 10], [2001, 10]],
    lateAt: 2001,
  },
  {
    name: "buys no more than the grace with a fast start",
    looks: [[100, 1_000_000], [1100, 1_000_000], [1101, 1_000_000]],
    lateAt: 1101,
  },
  {
    name: "is not late while somebody else is waited for",
    looks: [[900, 0], [90_000, 0, false], [90_100, 0], [90_101, 0]],
    lateAt: 90_101,
  },
  {
    name: "earns while somebody else is waited for",
    looks: [[900, 0], [2000, 10, false], [3000, 10], [3001, 10]],
    lateAt: 3001,
  },
];

for (const { name, looks, lateAt } of rows) {
  Deno.test(`a body ${name}`, () => {
    const pace = new BodyRate(limits, 0);
    const late = looks.find(([now, received, awaited]) =>
      pace.isLate(now, received, awaited)
    );
    assertEquals(late?.[0] ?? null, lateAt);
  });
}
