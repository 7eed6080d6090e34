import { assertEquals } from "@std/assert";
import { parseHttpDate } from "../../lib/http/http_date.ts";

const now = Date.UTC(2026, 7, 1);
const sunday = Date.UTC(1994, 10, 6, 8, 49, 37);

const cases: { text: string; want: number | null }[] = [
  // The three forms of RFC 9110 section 5.6.7.
  { text: "Sun, 06 Nov 1994 08:49:37 GMT", want: sunday },
  { text: "Sunday, 06-Nov-94 08:49:37 GMT", want: sunday },
  { text: "Sun Nov  6 08:49:37 1994", want: sunday },
  { text: "Wed Nov 16 08:49:37 1994", want: sunday + 10 * 86_400_000 },
  // A wrong day of the week does no harm.
  { text: "Mon, 06 Nov 1994 08:49:37 GMT", want: sunday },
  { text: "Thu, 29 Feb 2024 00:00:00 GMT", want: Date.UTC(2024, 1, 29) },
  { text: "Sat, 31 Dec 2016 23:59:60 GMT", want: Date.UTC(2017, 0, 1) },
  { text: "Thu, 01 Jan 1970 00:00:00 GMT", want: 0 },
  { text: "Fri, 01 Jan 0099 00:00:00 GMT", want: -59042995200000 },
  // Years of two digits: up to 50 years ahead.
  { text: "Friday, 01-Aug-76 00:00:00 GMT", want: Date.UTC(2076, 7, 1) },
  { text: "Monday, 01-Aug-77 00:00:00 GMT", want: Date.UTC(1977, 7, 1) },
  { text: "Saturday, 01-Aug-26 00:00:00 GMT", want: now },

  { text: "", want: null },
  { text: "0", want: null },
  { text: "784111777", want: null },
  { text: "yesterday", want: null },
  { text: "1994-11-06T08:49:37Z", want: null },
  { text: "Sun, 06 Nov 1994 08:49:37", want: null },
  { text: "Sun, 06 Nov 1994 08:49:37 UTC", want: null },
  { text: "Sun, 06 Nov 1994 08:49:37 +0000", want: null },
  { text: "sun, 06 nov 1994 08:49:37 gmt", want: null },
  { text: "Sun, 6 Nov 1994 08:49:37 GMT", want: null },
  { text: "Sun,  06 Nov 1994 08:49:37 GMT", want: null },
  { text: "Sun, 06 Nov 94 08:49:37 GMT", want: null },
  { text: "Sun, 06 Nov 1994 8:49:37 GMT", want: null },
  { text: "Sun, 06 Nov 1994 24:00:00 GMT", want: null },
  { text: "Sun, 06 Nov 1994 08:60:00 GMT", want: null },
  { text: "Sun, 06 Nov 1994 08:49:61 GMT", want: null },
  { text: "Sun, 00 Nov 1994 08:49:37 GMT", want: null },
  { text: "Sun, 31 Nov 1994 08:49:37 GMT", want: null },
  { text: "Wed, 29 Feb 2023 00:00:00 GMT", want: null },
  { text: "Sun, 06 Nov 1994 08:49:37 GMT; length=1", want: null },
  { text: "Sun, 06 Nov 1994 08:49:37 GMT, x", want: null },
  { text: "Sun Nov 06 08:49:37 1994 GMT", want: null },
];

for (const { text, want } of cases) {
  const verb = want === null ? "refuses" : "reads";
  Deno.test(`parseHttpDate() ${verb} ${JSON.stringify(text)}`, () => {
    assertEquals(parseHttpDate(text, now), want);
  });
}

Deno.test("parseHttpDate() reads what Date writes", () => {
  for (const time of [0, sunday, now, Date.UTC(2099, 11, 31, 23, 59, 59)]) {
    assertEquals(parseHttpDate(new Date(time).toUTCString(), now), time);
  }
});
