import { assertEquals } from "@std/assert";
import { BoundedPrint } from "../../lib/worker/app_console.ts";
import { inTime, until } from "../support/in_time.ts";

/** Collects what is printed. */
function collected() {
  const texts: [text: string, isError: boolean][] = [];
  const print = new BoundedPrint((...printed) => texts.push(printed));
  return { texts, print };
}

/** All that was printed on one of the two. */
function joined(texts: [string, boolean][], isError: boolean): string {
  return texts.filter((each) => each[1] === isError).map(([text]) => text)
    .join("");
}

Deno.test(
  "BoundedPrint passes on a few texts at once, and all in their order",
  inTime(async () => {
    const { texts, print } = collected();
    let want = "";
    for (let index = 0; index < 300; index++) {
      print.add(`${index}\n`, false);
      want += `${index}\n`;
    }
    assertEquals(texts.length, 100);
    print.add("error\n", true);
    print.add("300\n", false);
    await until(() => joined(texts, false) === `${want}300\n`);
    // The two are not mixed up either.
    assertEquals(texts.at(-2), ["error\n", true]);
    await spanEnds(print, texts);
  }),
);

Deno.test(
  "BoundedPrint drops what is too much, and says how much",
  inTime(async () => {
    const { texts, print } = collected();
    for (let index = 0; index < 10_000; index++) {
      print.add("x".repeat(1000), false);
    }
    const dropped = 10_000 - 100 - 262;
    await until(() => joined(texts, true) !== "");
    assertEquals(joined(texts, false).length, 362_000);
    assertEquals(
      joined(texts, true),
      `(${dropped} more texts were not printed)\n`,
    );
    // The next span begins anew.
    print.add("next", false);
    assertEquals(texts.at(-1), ["next", false]);
    await spanEnds(print, texts);
  }),
);

/** Resolves when no timer is left. */
async function spanEnds(
  print: BoundedPrint,
  texts: readonly [string, boolean][],
): Promise<void> {
  const before = texts.length;
  print.add("x".repeat(1024 * 1024), false);
  await until(() =>
    texts.slice(before).some(([text]) => text.endsWith("not printed)\n"))
  );
}
