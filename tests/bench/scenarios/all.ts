/**
 * Every family of scenarios, in the order in which they are measured.
 *
 * @module
 */

import type { Scenario } from "../scenario.ts";
import type { Checkout } from "../servers/skein.ts";
import { appScenarios } from "./apps.ts";
import { idleConnections } from "./idle.ts";
import { secure } from "./secure.ts";
import { smallPage } from "./small_page.ts";
import { sockets } from "./sockets.ts";
import { starts } from "./start.ts";
import { staticFiles } from "./static.ts";

/** The scenarios of all families, each with a row for every one of `checkouts`. */
export function allScenarios(checkouts: readonly Checkout[]): Scenario[] {
  return [
    ...[smallPage, idleConnections, staticFiles, appScenarios, starts],
    ...[secure, sockets],
  ].flatMap((family) => family(checkouts));
}
