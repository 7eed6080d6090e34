/**
 * Parses the dates of HTTP (RFC 9110 section 5.6.7), in the three forms that a
 * recipient has to accept. Pure; must not know what the dates are for.
 *
 * @module
 */

import { natives } from "../natives.ts";

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const clock = "(\\d\\d):(\\d\\d):(\\d\\d)";
const month = `(${months.join("|")})`;
const day = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const longDay = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";

const fixDate = new RegExp(
  `^${day}, (\\d\\d) ${month} (\\d{4}) ${clock} GMT$`,
);
const rfc850Date = new RegExp(
  `^${longDay}, (\\d\\d)-${month}-(\\d\\d) ${clock} GMT$`,
);
const asctimeDate = new RegExp(
  `^${day} ${month} (\\d\\d| \\d) ${clock} (\\d{4})$`,
);

/**
 * Parses a date. Whether the day of the week fits the date is not checked.
 *
 * ```ts
 * import { parseHttpDate } from "./http_date.ts";
 *
 * parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT", Date.now()); // 784111777000
 * ```
 *
 * @param now in milliseconds since the epoch; decides the century of a two-digit year
 * @returns milliseconds since the epoch, or `null` where it is not a date
 */
export function parseHttpDate(text: string, now: number): number | null {
  let match = fixDate.exec(text);
  if (match !== null) {
    const [, date, name, year, ...time] = match;
    return timeOf(Number(year), name, date, time);
  }
  match = asctimeDate.exec(text);
  if (match !== null) {
    const [, name, date, hour, minute, second, year] = match;
    return timeOf(Number(year), name, date, [hour, minute, second]);
  }
  match = rfc850Date.exec(text);
  if (match === null) return null;
  const [, date, name, year, ...time] = match;
  return timeOf(wholeYear(Number(year), now), name, date, time);
}

/** Section 5.6.7: a two-digit year more than 50 years ahead is in the past. */
function wholeYear(year: number, now: number): number {
  const present = new natives.Date(now).getUTCFullYear();
  const whole = present - present % 100 + year;
  return whole > present + 50 ? whole - 100 : whole;
}

function timeOf(
  year: number,
  name: string,
  date: string,
  [hour, minute, second]: string[],
): number | null {
  const dayOfMonth = Number(date);
  const monthIndex = months.indexOf(name);
  // 60 is a leap second, which `Date` counts as the first second of the next minute.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    return null;
  }
  const midnight = new natives.Date(0);
  midnight.setUTCFullYear(year, monthIndex, dayOfMonth);
  // For `Date` the 30th of February is a day in March.
  if (midnight.getUTCMonth() !== monthIndex || dayOfMonth === 0) return null;
  return midnight.getTime() +
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
}
