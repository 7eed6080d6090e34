/**
 * What is printed once the server serves: one plain line, or on a terminal what a
 * person wants to know first. Pure: must not know `Deno`, or where it is printed.
 *
 * @module
 */

import type { Painter } from "./terminal.ts";

/** An address that is listened on. */
export type ListeningAddress =
  | { readonly hostname: string; readonly port: number }
  /** A socket file. */
  | { readonly path: string };

/** What a server that serves can tell of itself. */
export interface GreetingFacts {
  readonly version: string;
  /** Since the process began. */
  readonly tookMs: number;
  readonly addresses: readonly ListeningAddress[];
  /** Whether these speak TLS. */
  readonly secure: boolean;
  /** The directory as it was given; `null` for the bundled site. */
  readonly root: string | null;
  /** The name of the app, if there is one. */
  readonly app: string | null;
  /** Whether directories are listed. */
  readonly lists: boolean;
  /** Whether the app is loaded anew when it changes. */
  readonly watches: boolean;
  readonly workers: number;
  /** Where the admin listener is, if there is one. */
  readonly admin: ListeningAddress | null;
  /** The command that starts Skein here, without options. */
  readonly command: string;
}

/** The line for logs and service managers. */
export function plainGreeting(facts: GreetingFacts): string {
  const scheme = facts.secure ? "https" : "http";
  const addresses = facts.addresses.map((each) => addressText(each, scheme));
  return `Skein is listening on ${addresses.join(" and ")} and serves ${
    whatOf(facts)
  } with ${workersText(facts.workers)}`;
}

/** The second plain line, where there is an admin listener. */
export function adminGreeting(address: ListeningAddress): string {
  return `Its status, health and metrics are on ${addressText(address)}`;
}

/**
 * The lines for a terminal.
 *
 * @param networkAddresses IP addresses of this machine that others can reach
 */
export function terminalGreeting(
  facts: GreetingFacts,
  networkAddresses: readonly string[],
  paint: Painter,
): string {
  const rows = addressRows(facts, networkAddresses)
    .map(([label, text]) => [label, paint("cyan", text)]);
  const listings = facts.lists ? "listings and " : "";
  const workers = workersText(facts.workers);
  // Each of them loads the app, and prints what it prints.
  const how = facts.app === null || facts.workers === 1
    ? `with ${listings}${workers}`
    : `in each of ${workers}`;
  rows.push(["Serving", `${whatOf(facts)}, ${how}`]);
  if (facts.admin !== null) {
    rows.push(["Status", paint("cyan", addressText(facts.admin))]);
  }
  const title = paint("bold", `Skein ${facts.version}`);
  const took = paint("dim", `ready in ${Math.round(facts.tookMs)} ms`);
  return [
    "",
    `  ${title}  ${took}`,
    "",
    ...rows.map(([label, text]) => `  ${`${label}:`.padEnd(9)}  ${text}`),
    "",
    `  ${paint("dim", hintOf(facts))}`,
    "",
  ].join("\n");
}

/** The address that a browser on this machine can open; `null` where there is none. */
export function browserAddress(
  facts: Pick<GreetingFacts, "addresses" | "secure">,
): string | null {
  const scheme = facts.secure ? "https" : "http";
  const address = facts.addresses.find((each) => "port" in each);
  if (address === undefined || "path" in address) return null;
  const hostname = localNames[address.hostname] ?? address.hostname;
  return addressText({ ...address, hostname }, scheme);
}

/** An address as a URL, or as `--listen` takes it. */
export function addressText(
  address: ListeningAddress,
  scheme = "http",
): string {
  return "path" in address
    ? `unix:${address.path}`
    : `${scheme}://${hostText(address.hostname)}:${address.port}/`;
}

function hostText(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** What stands for all addresses of a machine, and the name that leads to it here. */
const localNames: Readonly<Record<string, string>> = {
  "0.0.0.0": "127.0.0.1",
  "::": "::1",
};

type Row = readonly [label: string, text: string];

function addressRows(
  { addresses, secure }: GreetingFacts,
  networkAddresses: readonly string[],
): Row[] {
  const scheme = secure ? "https" : "http";
  return addresses.flatMap((address): Row[] => {
    if ("path" in address) return [["Socket", addressText(address)]];
    const { hostname, port } = address;
    const text = (hostname: string) => addressText({ hostname, port }, scheme);
    const local = localNames[hostname];
    if (local === undefined) {
      const isLocal = /^(?:127\.|::1$|localhost$)/.test(hostname);
      return [[isLocal ? "Local" : "Network", text(hostname)]];
    }
    const reachable = networkAddresses
      .filter((each) => hostname === "::" || !each.includes(":"));
    return [
      ["Local", text(local)],
      ...reachable.map((each): Row => ["Network", text(each)]),
      ...reachable.length === 0
        ? [["Network", `port ${port} of every address of this machine`] as Row]
        : [],
    ];
  });
}

function whatOf({ root, app }: GreetingFacts): string {
  if (app === null) return root ?? "the hello page";
  return root === null ? app : `${app}, then ${root}`;
}

function workersText(workers: number): string {
  return workers === 1 ? "1 worker" : `${workers} workers`;
}

/** What helps most next. */
function hintOf(facts: GreetingFacts): string {
  const { app, root, watches, addresses, command } = facts;
  const stop = "Ctrl-C stops it.";
  if (app === null && root === null) {
    return `${stop} To serve a folder of yours: ${command} ./my-site`;
  }
  if (app !== null && !watches) {
    return `${stop} With --watch it loads the app again when a file changes.`;
  }
  if (app !== null) {
    return `${stop} The app is loaded again when a file changes.`;
  }
  const isOpen = addresses.some((each) =>
    "port" in each && each.hostname in localNames
  );
  return isOpen
    ? `${stop} All options: ${command} --help`
    : `${stop} With --host 0.0.0.0 your network sees it too.`;
}
