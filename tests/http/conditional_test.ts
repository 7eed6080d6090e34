/**
 * Conditions, and whether a range applies: as functions. Over sockets they are in
 * conditions_served_test.ts.
 */

import { assertEquals } from "@std/assert";
import {
  checkConditions,
  type Conditions,
  rangeApplies,
  type Validators,
  type Verdict,
} from "../../lib/http/conditional.ts";
import { changedAt, earlier, later, same } from "../support/changed_at.ts";

const now = changedAt + 3_600_000;

const strong: Validators = { etag: '"a"', lastModifiedMs: changedAt };
const weak: Validators = { etag: 'W/"a"', lastModifiedMs: changedAt };
const undated: Validators = { etag: '"a"', lastModifiedMs: null };
// RFC 9110 section 8.8.3 allows all of these characters.
const odd: Validators = { etag: '"a,b*!\xff"', lastModifiedMs: changedAt };

type ConditionCase = [
  name: string,
  conditions: Conditions,
  want: Verdict,
  of?: Validators,
];

/** Values of If-None-Match, by what they are. */
function noneMatch(
  want: Verdict,
  values: Readonly<Record<string, string>>,
): ConditionCase[] {
  return Object.entries(values).map(([what, ifNoneMatch]) => [
    `If-None-Match of ${what}`,
    { ifNoneMatch },
    want,
  ]);
}

const conditionCases: ConditionCase[] = [
  ["no condition", {}, "proceed"],

  // Section 13.1.1, strong comparison.
  ["the tag", { ifMatch: '"a"' }, "proceed"],
  ["another", { ifMatch: '"b"' }, "failed"],
  ["a list", { ifMatch: '"b", "a"' }, "proceed"],
  ["a star", { ifMatch: "*" }, "proceed"],
  ["a weak one", { ifMatch: 'W/"a"' }, "failed"],
  ["a weak one of weak content", { ifMatch: 'W/"a"' }, "failed", weak],
  ["a star of weak content", { ifMatch: "*" }, "proceed", weak],
  ["nothing", { ifMatch: "" }, "failed"],

  // Section 13.1.2, weak comparison.
  ...noneMatch("not modified", {
    "the tag": '"a"',
    "the tag, weak": 'W/"a"',
    "a star": "*",
    "a list with it": '"x", "a", "y"',
    "a list without spaces": '"x","a"',
    "empty members": ', ,"a",',
    "a tab": '"x",\t"a"',
  }),
  ...noneMatch("proceed", {
    "another tag": '"b"',
    "a list without it": '"x", W/"y"',
    "the tag unquoted": "a",
    "half a tag": '"a',
    "a small w": 'w/"a"',
    "a weak sign apart": 'W/ "a"',
    "what follows a tag": '"a"x',
    "a star in a list": '"b", *',
    "nothing": "",
  }),
  [
    "If-None-Match of weak content",
    { ifNoneMatch: '"a"' },
    "not modified",
    weak,
  ],
  [
    "a tag with a comma in it",
    { ifNoneMatch: '"x", "a,b*!\xff"' },
    "not modified",
    odd,
  ],
  [
    "a part of a tag with a comma",
    { ifNoneMatch: '"a", "b*!\xff"' },
    "proceed",
    odd,
  ],

  // Section 13.1.3.
  ["changed then", { ifModifiedSince: same }, "not modified"],
  ["changed before", { ifModifiedSince: later }, "not modified"],
  ["changed since", { ifModifiedSince: earlier }, "proceed"],
  ["no date", { ifModifiedSince: "today" }, "proceed"],
  ["two dates", { ifModifiedSince: `${same}, ${same}` }, "proceed"],
  ["content without a date", { ifModifiedSince: later }, "proceed", undated],

  // Section 13.1.4.
  ["unchanged since then", { ifUnmodifiedSince: same }, "proceed"],
  [
    "changed since, which must not be",
    { ifUnmodifiedSince: earlier },
    "failed",
  ],
  ["no date to be unchanged since", { ifUnmodifiedSince: "-1" }, "proceed"],

  // The order of section 13.2.2.
  ["If-Match over If-Unmodified-Since", {
    ifMatch: '"a"',
    ifUnmodifiedSince: earlier,
  }, "proceed"],
  ["If-Match that fails before If-None-Match", {
    ifMatch: '"b"',
    ifNoneMatch: '"a"',
  }, "failed"],
  ["If-Unmodified-Since that fails before If-None-Match", {
    ifUnmodifiedSince: earlier,
    ifNoneMatch: '"a"',
  }, "failed"],
  ["If-Match that holds, then If-None-Match", {
    ifMatch: '"a"',
    ifNoneMatch: '"a"',
  }, "not modified"],
  ["If-None-Match over If-Modified-Since", {
    ifNoneMatch: '"b"',
    ifModifiedSince: same,
  }, "proceed"],
  ["If-None-Match that is found, whatever the date", {
    ifNoneMatch: '"a"',
    ifModifiedSince: earlier,
  }, "not modified"],
];

for (const [name, conditions, want, validators = strong] of conditionCases) {
  Deno.test(`checkConditions() says "${want}" to ${name} (${JSON.stringify(conditions)})`, () => {
    assertEquals(checkConditions(conditions, validators, now), want);
  });
}

// Section 13.1.5.
for (
  const { name, value, validators = strong, at = now, want } of [
    { name: "none", value: undefined, want: true },
    { name: "the tag", value: '"a"', want: true },
    { name: "another tag", value: '"b"', want: false },
    { name: "a weak tag", value: 'W/"a"', want: false },
    {
      name: "the same weak tag",
      value: 'W/"a"',
      validators: weak,
      want: false,
    },
    { name: "a star, which is none", value: "*", want: false },
    { name: "a list, which is none", value: '"a", "b"', want: false },
    { name: "the date", value: same, want: true },
    { name: "an earlier date", value: earlier, want: false },
    // It has to be the same one; later is not enough.
    { name: "a later date", value: later, want: false },
    { name: "no date", value: "tomorrow", want: false },
    {
      name: "the date of this very second",
      value: same,
      at: changedAt + 999,
      want: false,
    },
    {
      name: "a date of what has none",
      value: same,
      validators: undated,
      want: false,
    },
  ]
) {
  Deno.test(`rangeApplies() says ${want} to ${name}`, () => {
    assertEquals(rangeApplies(value, validators, at), want);
  });
}
