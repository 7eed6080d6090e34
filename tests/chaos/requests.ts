/**
 * What the clients ask, and what each answer has to be. Must not know sockets.
 *
 * @module
 */

import type { Random } from "../fuzz/random.ts";
import { contentOf } from "./content.ts";

/** A request, and the only right answer to it. */
export interface ChaosRequest {
  /** What it is one of. */
  readonly kind: string;
  readonly path: string;
  /** `null` for a GET. */
  readonly content: string | null;
  readonly status: number;
  /** The whole content of the answer, or a part of it; `null` for an error page. */
  readonly wants: string | { readonly part: string } | null;
  /** The answer is cut off after that. */
  readonly cut: boolean;
}

/** Makes one of a kind. */
type Maker = (random: Random, word: string) => Omit<ChaosRequest, "kind">;

function get(
  path: string,
  status: number,
  wants: ChaosRequest["wants"],
): Omit<ChaosRequest, "kind"> {
  return { path, content: null, status, wants, cut: false };
}

/** Good ones that are answered at once, in the order of the batch. */
const prompt: Record<string, Maker> = {
  echo: (_, word) => get(`/echo?word=${word}`, 200, word),
  large: (random, word) => {
    const length = random.below(400_000);
    return get(
      `/large?word=${word}&length=${length}`,
      200,
      contentOf(word, length),
    );
  },
  file: () => get("/", 200, { part: "Hi from Skein" }),
  missing: (_, word) => get(`/${word}`, 404, { part: "Oops!" }),
  compute: (random, word) =>
    get(`/compute?word=${word}&ms=${random.below(30)}`, 200, word),
  json: (_, word) => ({
    ...get("/json", 200, `{"got":["${word}"]}`),
    content: `["${word}"]`,
  }),
};

/** Good ones that wait for something. */
const waiting: Record<string, Maker> = {
  slow: (random, word) =>
    get(`/slow?word=${word}&ms=${random.below(20)}`, 200, word),
  stream: (random, word) => {
    const length = 4 + random.below(50_000);
    return get(
      `/stream?word=${word}&length=${length}`,
      200,
      contentOf(word, length),
    );
  },
};

/** Bad ones that end soon. */
const bad: Record<string, Maker> = {
  throw: () => get("/throw", 500, null),
  reject: () => get("/reject", 500, null),
  garbage: () => get("/garbage", 500, null),
  uncloneable: () => get("/uncloneable", 500, null),
  exit: () => get("/exit", 500, null),
  close: () => get("/close", 500, null),
  dangling: () => get("/dangling", 200, "answered"),
  throwingTimer: () => get("/throwing-timer", 200, "answered"),
  dyingStream: () => ({
    ...get("/dying-stream", 200, "the first half"),
    cut: true,
  }),
  grow: () => get("/grow", 200, "grown"),
};

/** Bad ones that take the whole of a handler's time. */
const long: Record<string, Maker> = {
  never: () => get("/never", 504, null),
  loop: () => get("/loop", 504, null),
  loopAfterAwait: () => ({
    ...get("/loop-after-await", 504, null),
    content: "content",
  }),
};

/** That one costs a thread for good. */
export const losing: ChaosRequest = {
  kind: "loopAfterTimer",
  ...get("/loop-after-timer", 504, null),
};

function pick(
  random: Random,
  makers: Record<string, Maker>,
  word: string,
): ChaosRequest {
  const kind = random.pick(Object.keys(makers));
  return { kind, ...makers[kind](random, word) };
}

/**
 * Any request.
 *
 * @param word is in nobody else's
 */
export function anyRequest(random: Random, word: string): ChaosRequest {
  // A loop holds a worker for the whole of its time: as few as that leave the
  // others something to do.
  if (random.chance(0.004)) return pick(random, long, word);
  if (random.chance(0.1)) return pick(random, bad, word);
  if (random.chance(0.3)) return pick(random, waiting, word);
  return pick(random, prompt, word);
}

/** A good request that is answered at once: not even a worker that is lost owes
 * an answer to it. */
export function promptRequest(random: Random, word: string): ChaosRequest {
  return pick(random, prompt, word);
}

/** Every kind there is. */
export const kinds: readonly string[] = [prompt, waiting, bad, long]
  .flatMap((makers) => Object.keys(makers));
