/**
 * Pages of any size whose text compresses about as well as prose does: by a factor of some three. The
 * same seed gives the same page, so that runs can be compared. Pure.
 *
 * @module
 */

const syllables =
  "ba de ki lo mu na re si to vu sha ler mon tri pel an or est un ing".split(
    " ",
  );
const wordsPerParagraph = 60;

/** A page of exactly `bytes` bytes, all of them ASCII; at least some 200. */
export function htmlPage(bytes: number, seed: number): string {
  const random = generator(seed);
  const vocabulary = Array.from({ length: 500 }, () => word(random));
  const head = `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Page ${seed}</title>
  </head>
  <body>
`;
  const foot = "  </body>\n</html>\n";
  let body = "";
  while (body.length < bytes) body += paragraph(vocabulary, random);
  const room = bytes - head.length - foot.length;
  return head + body.slice(0, room) + foot;
}

function paragraph(vocabulary: string[], random: () => number): string {
  // The square prefers some words to others, as every language does.
  const words = Array.from(
    { length: wordsPerParagraph },
    () => vocabulary[Math.floor(random() ** 2 * vocabulary.length)],
  );
  return `    <p class="text">${words.join(" ")}.</p>\n`;
}

function word(random: () => number): string {
  const length = 1 + Math.floor(random() * 3);
  return Array.from(
    { length },
    () => syllables[Math.floor(random() * syllables.length)],
  ).join("");
}

/** Numbers from 0 up to 1: mulberry32, which is enough for text that nobody reads. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
