/**
 * A thread that puts a link to outside into the place of a directory and takes it away
 * again, without pause.
 */

interface Swap {
  /** Its first element is 1 when it should end; the second counts the swaps. */
  readonly ended: SharedArrayBuffer;
  readonly directory: string;
  readonly kept: string;
  readonly outside: string;
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Swap>) => void;
  /** Receives how often they were exchanged. */
  postMessage: (swaps: number) => void;
};

scope.onmessage = ({ data }) => {
  const { directory, kept, outside } = data;
  const ended = new Int32Array(data.ended);
  let swaps = 0;
  while (Atomics.load(ended, 0) === 0) {
    Deno.renameSync(directory, kept);
    Deno.symlinkSync(outside, directory);
    Deno.removeSync(directory);
    Deno.renameSync(kept, directory);
    Atomics.store(ended, 1, ++swaps);
  }
  scope.postMessage(swaps);
};
