/**
 * The memory that all request bodies of a server share. A body that finds none left
 * waits, unread, until others have given back theirs, or until it has waited for too
 * long. One body at a time goes on all the same: else all of them could wait for each
 * other. Must not know connections.
 *
 * @module
 */

import { busy, HttpError } from "../http/error.ts";

/** A body that waits for memory. */
interface Waiter {
  readonly account: BodyAccount;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: HttpError) => void;
}

/** The budget of one server. */
export class BodyBudget {
  readonly #maxBytes: number;
  #used = 0;
  readonly #waiters = new Set<Waiter>();
  /** The body that may exceed the budget. */
  #exempt: BodyAccount | null = null;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Opens an account for the bodies of one connection. */
  open(): BodyAccount {
    return new BodyAccount(this);
  }

  /** Whether that body may grow now. */
  mayGrow(account: BodyAccount): boolean {
    if (this.#used < this.#maxBytes) return true;
    this.#exempt ??= account;
    return this.#exempt === account;
  }

  add(bytes: number): void {
    this.#used += bytes;
  }

  /** That body holds nothing any more. */
  giveBack(account: BodyAccount, bytes: number): void {
    this.#used -= bytes;
    if (this.#exempt === account) this.#exempt = null;
    for (const waiter of this.#waiters) {
      if (!this.mayGrow(waiter.account)) return;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  wait(
    account: BodyAccount,
    onWaiter: (waiter: Waiter) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { account, since: performance.now(), resolve, reject };
      this.#waiters.add(waiter);
      onWaiter(waiter);
    });
  }

  refuse(waiter: Waiter): void {
    if (!this.#waiters.delete(waiter)) return;
    waiter.reject(
      new HttpError(...busy("The server is busy with other uploads.")),
    );
  }
}

/** What the body of one connection holds of the budget. */
export class BodyAccount {
  readonly #budget: BodyBudget;
  #held = 0;
  #waiter: Waiter | null = null;

  constructor(budget: BodyBudget) {
    this.#budget = budget;
  }

  /** Whether the body waits for memory, and not for its client. */
  get isWaiting(): boolean {
    return this.#waiter !== null;
  }

  /**
   * Resolves when there is memory; to be called before a body grows.
   *
   * @throws {HttpError} 503 where it has waited for too long
   */
  room(): Promise<void> | null {
    return this.#budget.mayGrow(this) ? null : this.#wait();
  }

  async #wait(): Promise<void> {
    try {
      await this.#budget.wait(this, (waiter) => this.#waiter = waiter);
    } finally {
      this.#waiter = null;
    }
  }

  /** The body holds so many bytes more. */
  add(bytes: number): void {
    this.#held += bytes;
    this.#budget.add(bytes);
  }

  /** Ends a wait that is longer than that. */
  expire(now: number, timeoutMs: number): void {
    const waiter = this.#waiter;
    if (waiter !== null && now - waiter.since > timeoutMs) {
      this.#budget.refuse(waiter);
    }
  }

  /** The body is not needed any more. */
  release(): void {
    if (this.#waiter !== null) this.#budget.refuse(this.#waiter);
    const held = this.#held;
    this.#held = 0;
    this.#budget.giveBack(this, held);
  }
}
