/**
 * Ranges as functions. Over sockets they are in ranges_served_test.ts.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { type RangeAnswer, readRanges } from "../../lib/http/ranges.ts";
import { seed } from "../support/seed.ts";
import { manyRanges } from "../support/many_ranges.ts";

/** "0-9 20-29", or what there is instead of ranges. */
function told(answer: RangeAnswer): string {
  return answer.kind === "ranges"
    ? answer.ranges.map(({ first, last }) => `${first}-${last}`).join(" ")
    : answer.kind;
}

const cases: { value: string; length?: number; want: string }[] = [
  { value: "bytes=0-0", want: "0-0" },
  { value: "bytes=0-9", want: "0-9" },
  { value: "bytes=0-", want: "0-9999" },
  { value: "bytes=9999-", want: "9999-9999" },
  { value: "bytes=-1", want: "9999-9999" },
  { value: "bytes=-10000", want: "0-9999" },
  // Section 14.1.2: a suffix longer than the content is all of it.
  { value: "bytes=-99999", want: "0-9999" },
  { value: "bytes=9000-99999", want: "9000-9999" },
  { value: "bytes=0-99999999999999999999999", want: "0-9999" },
  { value: "bytes=000-009", want: "0-9" },
  { value: "BYTES=0-9", want: "0-9" },
  { value: "bytes= 0-9 ", want: "0-9" },
  { value: "bytes=,0-9,,", want: "0-9" },

  { value: "bytes=10000-", want: "unsatisfiable" },
  { value: "bytes=10000-10001", want: "unsatisfiable" },
  { value: "bytes=99999999999999999999999-", want: "unsatisfiable" },
  { value: "bytes=-0", want: "unsatisfiable" },
  { value: "bytes=-0,10000-", want: "unsatisfiable" },
  { value: "bytes=0-", length: 0, want: "unsatisfiable" },
  { value: "bytes=0-0", length: 0, want: "unsatisfiable" },
  { value: "bytes=-0", length: 0, want: "unsatisfiable" },
  // The last bytes of nothing: there is no Content-Range for them.
  { value: "bytes=-5", length: 0, want: "whole" },

  // Section 14.2: what cannot be read is ignored.
  { value: "", want: "whole" },
  { value: "bytes", want: "whole" },
  { value: "bytes=", want: "whole" },
  { value: "bytes=,", want: "whole" },
  { value: "bytes=-", want: "whole" },
  { value: "bytes=a-b", want: "whole" },
  { value: "bytes=0x0-0x9", want: "whole" },
  { value: "bytes=1.5-2", want: "whole" },
  { value: "bytes=--5", want: "whole" },
  { value: "bytes=5", want: "whole" },
  { value: "bytes=0-9-", want: "whole" },
  { value: "bytes=9-0", want: "whole" },
  { value: "bytes=0-9,9-0", want: "whole" },
  { value: "bytes=0 - 9", want: "whole" },
  { value: "bytes =0-9", want: "whole" },
  { value: "items=0-9", want: "whole" },
  { value: "bytes=0-9, bytes=20-29", want: "whole" },

  // Several.
  { value: "bytes=0-9,1000-1009", want: "0-9 1000-1009" },
  { value: "bytes=0-9, 1000-1009", want: "0-9 1000-1009" },
  { value: "bytes=1000-1009,0-9", want: "1000-1009 0-9" },
  { value: "bytes=0-9,-10", want: "0-9 9990-9999" },
  { value: "bytes=0-9,20000-", want: "0-9" },
  { value: "bytes=0-99,50-149", want: "0-149" },
  { value: "bytes=50-149,0-99", want: "0-149" },
  { value: "bytes=0-99,100-199", want: "0-199" },
  { value: "bytes=0-99,0-99,0-99", want: "0-99" },
  { value: "bytes=0-,0-,0-", want: "0-9999" },
  { value: "bytes=0-,-1", want: "0-9999" },
  { value: "bytes=10-20,0-9999,5-6", want: "0-9999" },
  // A gap smaller than the head of a part (section 15.3.7.2).
  { value: "bytes=0-99,228-300", want: "0-300" },
  { value: "bytes=0-99,229-300", want: "0-99 229-300" },
  { value: "bytes=5000-5009,0-9,5005-5100", want: "5000-5100 0-9" },
];

for (const { value, length = 10_000, want } of cases) {
  Deno.test(`readRanges() makes "${want}" of "${value}" of ${length} bytes`, () => {
    assertEquals(told(readRanges(value, length)), want);
  });
}

Deno.test("readRanges() ignores a set of more than 64", () => {
  const answer = readRanges(manyRanges(64), 1_000_000);
  assert(answer.kind === "ranges");
  assertEquals(answer.ranges.length, 64);
  assertEquals(readRanges(manyRanges(65), 1_000_000).kind, "whole");
});

Deno.test("readRanges() gives each asked byte once, and all that was asked for", () => {
  const spec = fc.tuple(fc.nat(3000), fc.nat(3000)).map(([a, b]) =>
    a <= b ? [a, b] : [b, a]
  );
  fc.assert(
    fc.property(
      fc.array(spec, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 2500 }),
      (specs, length) => {
        const value = `bytes=${specs.map(([a, b]) => `${a}-${b}`).join(",")}`;
        const answer = readRanges(value, length);
        const asked = specs.filter(([first]) => first < length);
        if (answer.kind !== "ranges") {
          return answer.kind === "unsatisfiable" && asked.length === 0;
        }
        const sent = new Uint8Array(length);
        for (const { first, last } of answer.ranges) {
          assert(first <= last && last < length);
          for (let at = first; at <= last; at++) sent[at]++;
        }
        assert(sent.every((count) => count <= 1), "A byte is sent twice");
        return asked.every(([first, last]) =>
          sent.subarray(first, last + 1).every((count) => count === 1)
        );
      },
    ),
    { seed },
  );
});
