/**
 * Turns among reads, by what has happened and never by the time it took: a read tells
 * when it begins, and ends when it is told to.
 */

import { assertEquals, assertRejects } from "@std/assert";
import type { ByteSource } from "../../lib/server/byte_reader.ts";
import { ReadScheduler } from "../../lib/server/read_scheduler.ts";

const room = new Uint8Array(1);

function fail(error: unknown): never {
  throw error;
}

/** A read that the test ends. */
class HeldRead implements ByteSource {
  readonly #begun = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<number | null>();
  /** Whether its turn has come. */
  hasBegun = false;
  /** Settles with the read. */
  readonly result: Promise<number | null>;

  constructor(turns: ReadScheduler) {
    this.result = turns.read(this, room);
  }

  read(): Promise<number | null> {
    this.hasBegun = true;
    this.#begun.resolve();
    return this.#end.promise;
  }

  /** Resolves when its turn has come. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Something was read, or the end was. */
  async end(count: number | null = 1): Promise<void> {
    this.#end.resolve(count);
    assertEquals(await this.result, count);
  }

  async fail(error: Error): Promise<void> {
    this.#end.reject(error);
    await assertRejects(() => this.result, error.constructor as typeof Error);
  }
}

/** Turns of which there are only so many. */
async function enforced(maxHotReads: number): Promise<ReadScheduler> {
  const turns = new ReadScheduler({ maxHotReads }, fail);
  turns.setCrowded(true);
  // It becomes so some time soon: when one read more than there are turns waits.
  for (;;) {
    const reads = hold(turns, maxHotReads + 1);
    const waits = !reads.at(-1)!.hasBegun;
    for (const read of reads) {
      await read.begun;
      await read.end();
    }
    if (waits) return turns;
    await turnOfTheEventLoop();
  }
}

function turnOfTheEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** All that promises make of what has happened; no socket is asked meanwhile, so no
 * turn expires. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

function hold(turns: ReadScheduler, count: number): HeldRead[] {
  return Array.from({ length: count }, () => new HeldRead(turns));
}

function begun(reads: HeldRead[]): boolean[] {
  return reads.map(({ hasBegun }) => hasBegun);
}

Deno.test("ReadTurns.read() makes nobody wait before there is a crowd", async () => {
  const turns = new ReadScheduler({ maxHotReads: 1 }, fail);
  const reads = hold(turns, 100);
  assertEquals(begun(reads), reads.map(() => true));
  for (const read of reads) await read.end();
  await turns.close();
});

Deno.test("ReadTurns.read() makes nobody wait while there is no crowd any more", async () => {
  const turns = await enforced(1);
  const before = hold(turns, 2);
  turns.setCrowded(false);
  const after = hold(turns, 2);
  assertEquals(begun([...before, ...after]), [true, false, true, true]);
  await before[0].end();
  await before[1].begun;
  turns.setCrowded(true);
  const late = hold(turns, 1);
  assertEquals(begun(late), [false]);
  await before[1].end();
  await late[0].begun;
  for (const read of [...after, ...late]) await read.end();
  await turns.close();
});

Deno.test("ReadTurns.read() begins as many reads as there are turns", async () => {
  const turns = await enforced(3);
  const reads = hold(turns, 5);
  assertEquals(begun(reads), [true, true, true, false, false]);
  await settle();
  assertEquals(begun(reads), [true, true, true, false, false]);
  await turns.close();
  for (const read of reads) await read.end();
});

Deno.test("ReadTurns.read() gives what was read, and the end", async () => {
  const turns = await enforced(1);
  const [first, second] = hold(turns, 2);
  await first.end(1);
  await second.begun;
  await second.end(null);
  await turns.close();
});

Deno.test("ReadTurns.read() hands a turn on in the order of the asking", async () => {
  const turns = await enforced(2);
  const reads = hold(turns, 6);
  // The last that began ends first: the order is not theirs.
  await reads[1].end();
  await settle();
  assertEquals(begun(reads), [true, true, true, false, false, false]);
  await reads[2].end();
  await settle();
  assertEquals(begun(reads), [true, true, true, true, false, false]);
  await reads[0].end();
  await reads[3].end();
  await settle();
  assertEquals(begun(reads), [true, true, true, true, true, true]);
  await reads[4].end();
  await reads[5].end();
  await turns.close();
});

Deno.test("ReadTurns.read() lets nobody overtake those who wait", async () => {
  const turns = await enforced(1);
  const [first, second] = hold(turns, 2);
  const ended = first.end();
  // Asked for at the moment at which a turn is handed on.
  const third = new HeldRead(turns);
  await ended;
  await settle();
  assertEquals(begun([second, third]), [true, false]);
  await second.end();
  await third.begun;
  await third.end();
  await turns.close();
});

Deno.test("ReadTurns.read() gives its turn back where the read fails", async () => {
  const turns = await enforced(1);
  const [first, second] = hold(turns, 2);
  await first.fail(new Deno.errors.ConnectionReset("gone"));
  await settle();
  assertEquals(second.hasBegun, true);
  await second.end();
  await turns.close();
});

Deno.test("ReadTurns.read() takes the turn of an idle read", async () => {
  const turns = await enforced(2);
  const idle = hold(turns, 2);
  const busy = hold(turns, 5);
  // Nobody ends the idle ones, and nobody here ends a busy one before the last has
  // begun: each gets the turn of one that is idle.
  for (const read of busy) await read.begun;
  for (const read of [...busy, ...idle]) await read.end();
  await turns.close();
});

Deno.test("ReadTurns.read() gives no turn back twice", async () => {
  const turns = await enforced(1);
  const [idle, second] = hold(turns, 2);
  await second.begun;
  // The second has the turn of the first now, which ends only now.
  await idle.end();
  const third = new HeldRead(turns);
  await settle();
  assertEquals(third.hasBegun, false);
  await second.end();
  await settle();
  assertEquals(third.hasBegun, true);
  const fourth = new HeldRead(turns);
  await settle();
  assertEquals(fourth.hasBegun, false);
  await third.end();
  await fourth.begun;
  await fourth.end();
  await turns.close();
});

Deno.test("ReadTurns.read() has all turns again when all reads have ended", async () => {
  const turns = await enforced(2);
  for (let round = 0; round < 3; round++) {
    const idle = hold(turns, 4);
    for (const read of idle) await read.begun;
    for (const read of idle) await read.end();
    const reads = hold(turns, 3);
    assertEquals(begun(reads), [true, true, false]);
    for (const read of reads) {
      await read.begun;
      await read.end();
    }
  }
  await turns.close();
});

Deno.test("ReadTurns.read() serves thousands who wait, in their order", async () => {
  const turns = await enforced(1);
  const order: number[] = [];
  const reads = Array.from({ length: 5000 }, (_, at) =>
    turns.read({
      read() {
        order.push(at);
        return Promise.resolve(1);
      },
    }, room));
  await Promise.all(reads);
  assertEquals(order, reads.map((_, at) => at));
  await turns.close();
});

Deno.test("ReadTurns.close() releases those who wait, and makes nobody wait any more", async () => {
  const turns = await enforced(1);
  const reads = hold(turns, 4);
  assertEquals(begun(reads), [true, false, false, false]);
  await turns.close();
  for (const read of reads) await read.begun;
  reads.push(...hold(turns, 2));
  assertEquals(begun(reads), reads.map(() => true));
  for (const read of reads) await read.end();
});

Deno.test("ReadTurns.close() may come while it opens, twice, or with nothing open", async () => {
  const opening = new ReadScheduler({ maxHotReads: 1 }, fail);
  opening.setCrowded(true);
  await opening.close();
  await opening.close();
  const untouched = new ReadScheduler({ maxHotReads: 1 }, fail);
  await untouched.close();
  for (const turns of [opening, untouched]) {
    const reads = hold(turns, 2);
    assertEquals(begun(reads), [true, true]);
    for (const read of reads) await read.end();
  }
});

Deno.test("ReadTurns.setCrowded() tells why nobody will be made to wait", async () => {
  const { listen } = Deno;
  const refused = new Deno.errors.NotCapable("no such permission");
  Deno.listen = (): never => {
    throw refused;
  };
  const told = Promise.withResolvers<Error>();
  const turns = new ReadScheduler({ maxHotReads: 1 }, told.resolve);
  try {
    turns.setCrowded(true);
    turns.setCrowded(true);
    assertEquals(await told.promise, refused);
  } finally {
    Deno.listen = listen;
  }
  const reads = hold(turns, 2);
  assertEquals(begun(reads), [true, true]);
  for (const read of reads) await read.end();
  await turns.close();
});
