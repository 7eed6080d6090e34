/**
 * Where clients come in, from the options: certificates, listeners, passwords, proxies,
 * and the server behind them. Must not know who responds to a request.
 *
 * What most servers do without is loaded where it is asked for.
 *
 * @module
 */

import type { Gate } from "../auth/gate.ts";
import { isPreflight } from "../files/operator_headers.ts";
import type { Proxies, ReadProxyHeader } from "../http/exchange.ts";
import type { FullOptions } from "../options.ts";
import { listen, type Listener, stopListening } from "../server/listen.ts";
import { type Endpoint, Server, type ServerOptions } from "../server/server.ts";
import type { Security } from "../tls/security.ts";

/** What responds to requests, and which bodies it wants. */
export type Responder = Pick<
  ServerOptions,
  "dispatch" | "refuse" | "wantsBodies" | "maxStreamedBodyBytes"
>;

/** What it is made of. */
interface EntranceParts {
  readonly security: Security | null;
  readonly gate: Gate | null;
  readonly listeners: readonly Listener[];
  readonly redirect: Endpoint | null;
}

/** What clients come through. */
export class Entrance implements AsyncDisposable {
  readonly #options: FullOptions;
  readonly #security: Security | null;
  readonly #gate: Gate | null;
  /** Those that no server has yet. */
  #endpoints: readonly Endpoint[];
  /** Where clients are served. */
  readonly addresses: readonly (Deno.NetAddr | Deno.UnixAddr)[];

  private constructor(options: FullOptions, parts: EntranceParts) {
    const { security, gate, listeners, redirect } = parts;
    this.#options = options;
    this.#security = security;
    this.#gate = gate;
    this.#endpoints = [
      ...listeners.map((listener) => ({ listener })),
      ...redirect === null ? [] : [redirect],
    ];
    this.addresses = listeners.map(({ addr }) => addr);
  }

  /**
   * Listens. Nobody is served yet.
   *
   * @throws {Deno.errors.AddrInUse} and the like
   * @throws {Error} where a certificate or a file of passwords cannot be used
   */
  static async open(options: FullOptions): Promise<Entrance> {
    await using opened = new AsyncDisposableStack();
    const security = await openSecurity(options);
    opened.defer(() => security?.close());
    const listeners = await listenAll(options, security);
    opened.defer(() => listeners.forEach(stopListening));
    const gate = await openGate(options, listeners);
    opened.defer(() => gate?.close());
    const redirect = await openRedirect(options, listeners);
    opened.move();
    return new Entrance(options, { security, gate, listeners, redirect });
  }

  /** Whether clients are served by TLS. */
  get secure(): boolean {
    return this.#security !== null;
  }

  /**
   * Lets clients in. The listeners belong to the server from now on.
   *
   * @throws {RangeError} where a network of proxies is none
   */
  async serve(responder: Responder): Promise<Server> {
    const { limits, log, serverName, onRequest = null } = this.#options;
    const proxies = await trustedProxies(this.#options);
    const readProxyHeader = await proxyHeaderReader(this.#options);
    const endpoints = this.#endpoints;
    this.#endpoints = [];
    return new Server(endpoints, {
      ...responder,
      ...this.#gate?.guard(responder),
      ...{ limits, serverName, onRequest, proxies, readProxyHeader },
      secureLines: this.#security?.fieldLines ?? null,
      onBug: (error) =>
        log(error instanceof Error ? error.stack ?? `${error}` : `${error}`),
    });
  }

  /** Reads certificates and passwords anew. */
  async reload(): Promise<void> {
    await this.#security?.reload();
    await this.#gate?.reload();
  }

  /** No certificate is renewed from now on; connections go on. */
  async stopRenewal(): Promise<void> {
    await this.#security?.close();
  }

  /** Ends all but the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gate?.close();
    this.#endpoints.forEach(({ listener }) => stopListening(listener));
    await this.#security?.close();
  }
}

async function openSecurity(
  { tls, limits, log }: FullOptions,
): Promise<Security | null> {
  if (!tls) return null;
  const { certificateCheckMs: checkMs, handshakeTimeoutMs: timeoutMs } = limits;
  // Its modules of the runtime take a while to load.
  const { Security } = await import("../tls/security.ts");
  return await Security.open(tls, { timeoutMs, checkMs, log });
}

async function listenAll(
  { hostname = "127.0.0.1", port = 0, listen: addresses = [], reusePort }:
    FullOptions,
  security: Security | null,
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  try {
    for (
      const address of addresses.length > 0 ? addresses : [{ hostname, port }]
    ) listeners.push(await listen(address, reusePort, security?.listen));
    return listeners;
  } catch (error) {
    listeners.forEach(stopListening);
    throw error;
  }
}

/** @throws {Error} where its file cannot be used, or passwords could be read by others */
async function openGate(
  options: FullOptions,
  listeners: readonly Listener[],
): Promise<Gate | null> {
  const { basicAuth, tls, files, app, limits, log } = options;
  if (!basicAuth) return null;
  if (!tls && !basicAuth.plain) {
    const { requireLocal } = await import("../auth/exposure.ts");
    requireLocal(listeners.map(({ addr }) => addr));
  }
  const { Gate } = await import("../auth/gate.ts");
  // What an app does with a preflight nobody knows.
  const opensPreflights = !!files?.cors && !app;
  return await Gate.open({
    file: basicAuth.file,
    isExempt: ({ method, fields }) =>
      opensPreflights && method === "OPTIONS" && isPreflight(fields),
    limits,
    log,
  });
}

/** The port that only sends clients to HTTPS. */
async function openRedirect(
  { tls, reusePort }: FullOptions,
  listeners: readonly Listener[],
): Promise<Endpoint | null> {
  if (!tls?.redirectFrom) return null;
  const [port = 443] = listeners.flatMap(({ addr }) =>
    "port" in addr ? [addr.port] : []
  );
  const { RedirectError, redirectTo } = await import("../tls/redirect.ts");
  const listener = await listen(tls.redirectFrom, reusePort).catch((error) => {
    throw new RedirectError(error);
  });
  return { listener, responder: redirectTo(port) };
}

/** @throws {RangeError} where a network is none */
async function trustedProxies(
  { trustProxy = [], forwardedFields = "x-forwarded" }: FullOptions,
): Promise<Proxies | null> {
  if (trustProxy.length === 0) return null;
  // Its modules of the runtime take a while to load.
  const { TrustedProxies } = await import("../proxy/trusted_proxies.ts");
  return new TrustedProxies(trustProxy, forwardedFields);
}

async function proxyHeaderReader(
  { proxyProtocol }: FullOptions,
): Promise<ReadProxyHeader | null> {
  if (!proxyProtocol) return null;
  return (await import("../proxy/proxy_protocol.ts")).readProxyHeader;
}
