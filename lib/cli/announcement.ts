/**
 * Tells that Skein serves, and what: gathers the facts, and chooses the text for a
 * terminal or for a log. Must not know where it is printed.
 *
 * @module
 */

import { openBrowser } from "./browser.ts";
import type { CommandLine } from "./command_line.ts";
import {
  adminGreeting,
  browserAddress,
  type GreetingFacts,
  type ListeningAddress,
  plainGreeting,
  terminalGreeting,
} from "./greeting.ts";
import { nameOf } from "./invocation.ts";
import { listsOf, type Program } from "./served.ts";
import type { Painter } from "./terminal.ts";

/** What a Skein that serves can be asked for. */
export interface ServingSkein {
  readonly server: Pick<GreetingFacts, "addresses" | "secure">;
  readonly pool: { readonly size: number };
}

/** The facts at this moment. */
export function factsOf(
  { server: { addresses, secure }, pool }: ServingSkein,
  options: CommandLine,
  { version, invocation, isTerminal }: Program,
  admin: ListeningAddress | null,
): GreetingFacts {
  return {
    ...{ version, tookMs: performance.now(), addresses, secure, admin },
    root: options.root,
    app: options.app && nameOf(options.app),
    lists: listsOf(options, isTerminal),
    watches: options.watch,
    workers: pool.size,
    command: invocation.commandText,
  };
}

/** @param paint colours of the terminal, or `null` where there is none */
export function greeting(facts: GreetingFacts, paint: Painter | null): string {
  if (paint !== null) return terminalGreeting(facts, networkAddresses(), paint);
  const { admin } = facts;
  const line = plainGreeting(facts);
  return admin === null ? line : `${line}\n${adminGreeting(admin)}`;
}

/** Addresses of this machine that others may reach; none where they may not be asked
 * for. */
function networkAddresses(): string[] {
  try {
    return Deno.networkInterfaces().map(({ address }) => address)
      .filter((each) => !/^(?:127\.|::1$|fe80:)/i.test(each));
  } catch {
    return [];
  }
}

/** @param warn receives a sentence where no browser can be opened */
export async function openPage(
  facts: GreetingFacts,
  warn: (sentence: string) => void,
): Promise<void> {
  const url = browserAddress(facts);
  if (url === null) return warn("--open: a socket file is for no browser");
  try {
    await openBrowser(url);
  } catch (error) {
    warn(`${url} cannot be opened: ${(error as Error).message}`);
  }
}
