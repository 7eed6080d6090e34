/**
 * Says of each request whether it goes on: at once where its credentials are missing or
 * known, else when they were checked. Must not know what requests are for.
 *
 * @module
 */

import { hash, randomBytes } from "node:crypto";
import { busy, errorResponse } from "../http/error.ts";
import {
  type Dispatch,
  type Exchange,
  type Refuse,
  type WireResponse,
  wireResponseOf,
} from "../http/exchange.ts";
import type { Field, HttpResponse, RequestHead } from "../http/message.ts";
import type { Limits } from "../limits.ts";
import {
  type Credentials,
  decodeCredentials,
  readClaim,
} from "./credentials.ts";
import { clientOf, GuessLimit } from "./guess_limit.ts";
import { PasswordFile } from "./password_file.ts";
import { PasswordThread } from "./password_thread.ts";
import { RecentKeys } from "./recent_keys.ts";

/** What a gate is made of. */
export interface GateOptions {
  /** The path of the file of passwords. */
  readonly file: string;
  readonly limits: Limits;
  /** Requests that go on without credentials. */
  readonly isExempt: (head: RequestHead) => boolean;
  /** Receives one line for the log. */
  readonly log: (line: string) => void;
}

/** What responds to requests. */
interface Responder {
  readonly dispatch: Dispatch;
  readonly refuse: Refuse;
}

/** Users who are remembered. */
const maxKnown = 10_000;
/** A page asks for dozens of files with the password that the browser has kept. */
const wrongMs = 10_000;

// RFC 7617 section 2.1.
const challenge: Field = [
  "WWW-Authenticate",
  'Basic realm="Skein", charset="UTF-8"',
];
const missing = errorResponse(401, "A name and a password are needed.", [
  challenge,
]);
const wrong = errorResponse(401, "The name or the password is wrong.", [
  challenge,
]);
const repeated = errorResponse(400, "Authorization is repeated.");
const overloaded = errorResponse(
  ...busy("Too many passwords are being checked."),
);

function tooMany(waitMs: number): HttpResponse {
  const seconds = Math.ceil(waitMs / 1000);
  return errorResponse(429, "There were too many wrong passwords.", [
    ["Retry-After", `${seconds}`],
  ]);
}

/** Lets requests through, or not. */
export class Gate {
  readonly #options: GateOptions;
  readonly #file: PasswordFile;
  readonly #thread: PasswordThread;
  readonly #guesses: GuessLimit;
  /** Keys of credentials that were right. */
  readonly #right: RecentKeys;
  /** Addresses with keys of credentials that were wrong. */
  readonly #wrong: RecentKeys;
  /** Checks without a result, likewise. */
  readonly #pending = new Map<string, Promise<HttpResponse | null>>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #secret = randomBytes(32).toString("base64");
  /** Counts the changes of the file. */
  #version = 0;

  private constructor(
    options: GateOptions,
    thread: PasswordThread,
    openFile: (onChange: () => void) => PasswordFile,
  ) {
    const { maxGuesses, guessIntervalMs, passwordMemoryMs, sweepMs } =
      options.limits;
    this.#options = options;
    this.#thread = thread;
    this.#guesses = new GuessLimit(maxGuesses, guessIntervalMs);
    this.#right = new RecentKeys(maxKnown, passwordMemoryMs);
    this.#wrong = new RecentKeys(maxKnown, wrongMs);
    this.#file = openFile(() => this.#forget());
    this.#timer = setInterval(() => this.#sweep(), sweepMs);
  }

  /**
   * Reads the file, and starts the thread.
   *
   * @throws {import("./htpasswd.ts").PasswordFileError} where the file cannot be used
   */
  static async open(options: GateOptions): Promise<Gate> {
    const { file: path, limits, log } = options;
    let changed = () => {};
    const file = await PasswordFile.open({
      ...{ path, log, checkMs: limits.certificateCheckMs },
      onChange: () => changed(),
    });
    try {
      const thread = await PasswordThread.start(limits.maxPasswordChecks, log);
      return new Gate(options, thread, (onChange) => {
        changed = onChange;
        return file;
      });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The same, for those who may. */
  guard(inner: Responder): Responder {
    const refuse: Refuse = (head, peer) => {
      const refusal = this.#refuse(head, peer);
      if (refusal === null) return inner.refuse(head, peer);
      return refusal instanceof Promise
        ? refusal.then((refused) => refused ?? inner.refuse(head, peer))
        : refusal;
    };
    const dispatch: Dispatch = (request) => {
      const refusal = this.#refuse(request.head, request.peer);
      if (refusal === null) return inner.dispatch(request);
      return refusal instanceof Promise
        ? new CheckedExchange(
          refusal,
          request.head,
          () => inner.dispatch(request),
        )
        : refusedExchange(refusal, request.head);
    };
    return { dispatch, refuse };
  }

  /** @returns `null` for a request that goes on */
  #refuse(
    head: RequestHead,
    peer: string,
  ): HttpResponse | null | Promise<HttpResponse | null> {
    if (this.#options.isExempt(head)) return null;
    const claim = readClaim(head.fields);
    switch (claim.kind) {
      case "none":
        return missing;
      case "repeated":
        return repeated;
      case "basic": {
        // A keyed hash tells nothing by the time that looking it up takes. HMAC takes
        // 15 us and this 2, and nobody sees the hash to lengthen it.
        const key = hash("sha256", this.#secret + claim.token);
        return this.#right.has(key)
          ? null
          : this.#judge(key, claim.token, clientOf(peer));
      }
    }
  }

  #judge(
    key: string,
    token: string,
    address: string,
  ): HttpResponse | Promise<HttpResponse | null> {
    const guess = `${key} ${address}`;
    if (this.#wrong.has(guess)) return wrong;
    const pending = this.#pending.get(guess);
    if (pending !== undefined) return pending;
    // First, for it costs least.
    const waitMs = this.#guesses.take(address, performance.now());
    if (waitMs > 0) return tooMany(waitMs);
    const credentials = decodeCredentials(token);
    const checked = credentials && this.#check(key, credentials, address);
    if (checked === null) {
      this.#guesses.giveBack(address);
      return credentials === null ? wrong : overloaded;
    }
    this.#pending.set(guess, checked);
    return checked.finally(() => this.#pending.delete(guess));
  }

  /** @returns `null` where too many wait already */
  #check(
    key: string,
    { user, password }: Credentials,
    address: string,
  ): Promise<HttpResponse | null> | null {
    const { users } = this.#file;
    const version = this.#version;
    const own = users.get(user);
    const anothers = this.#hashOfAnother(user);
    const checking = this.#thread.check(address, {
      password,
      hash: own ?? anothers,
    });
    if (checking === null) return null;
    return checking.then((result) => {
      const isRight = result === true && own !== undefined;
      if (result === null || isRight) this.#guesses.giveBack(address);
      if (result === null) return overloaded;
      // The file may have changed meanwhile.
      if (version === this.#version) {
        const now = performance.now();
        if (isRight) this.#right.add(key, now);
        else this.#wrong.add(`${key} ${address}`, now);
      }
      return isRight ? null : wrong;
    });
  }

  /** The hash for a name that nobody has: its check takes as long as that of one that
   * somebody has, and for the same name always the same time. */
  #hashOfAnother(user: string): string {
    const hashes = [...this.#file.users.values()];
    const number = Number.parseInt(
      hash("sha256", this.#secret + user).slice(0, 8),
      16,
    );
    return hashes[number % hashes.length];
  }

  #sweep(): void {
    const now = performance.now();
    this.#right.forget(now);
    this.#wrong.forget(now);
  }

  #forget(): void {
    this.#version++;
    this.#right.clear();
    this.#wrong.clear();
  }

  /** Reads the file anew. */
  reload(): Promise<void> {
    return this.#file.reload();
  }

  /** Ends the thread. Resolves when the file is not being read. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#thread.close();
    await this.#file.close();
  }
}

function refusedExchange(response: HttpResponse, head: RequestHead): Exchange {
  return {
    response: wireResponseOf(response, head),
    worker: null,
    abandon() {},
    handedOver() {},
  };
}

/** A request whose credentials are being checked; afterwards perhaps one that goes on. */
class CheckedExchange implements Exchange {
  readonly response: Promise<WireResponse>;
  #state: "checking" | "abandoned" | "closed" | Exchange = "checking";

  /** @param begin gives the request on */
  constructor(
    checked: Promise<HttpResponse | null>,
    head: RequestHead,
    begin: () => Exchange,
  ) {
    this.response = checked.then((refusal) => {
      if (refusal !== null) return wireResponseOf(refusal, head);
      // Nobody will see it.
      if (this.#state === "closed") return wireResponseOf(overloaded, head);
      const exchange = begin();
      if (this.#state === "abandoned") exchange.abandon();
      this.#state = exchange;
      return exchange.response;
    });
  }

  get worker(): number | null {
    return typeof this.#state === "object" ? this.#state.worker : null;
  }

  abandon(): void {
    if (typeof this.#state === "object") this.#state.abandon();
    else if (this.#state === "checking") this.#state = "abandoned";
  }

  handedOver(whole: boolean): void {
    if (typeof this.#state === "object") this.#state.handedOver(whole);
    else if (!whole) this.#state = "closed";
  }
}
