/**
 * A client that opens many connections, asks for one page on each, and then stays. Run as
 * `idle_opener.ts URL COUNT`. It prints `still open: N` once all have been idle for a moment, and then
 * keeps them until it is ended. It is a process of its own so that its memory is not the server's.
 *
 * @module
 */

const { hostname, port } = new URL(Deno.args[0]);
const count = Number(Deno.args[1]);

/** More at once would measure how the server's backlog overflows. */
const openAtOnce = 50;

/** A server may do some work after its last answer, and some close what they do not want to keep. */
const settleMs = 2000;

const request = new TextEncoder().encode(
  `GET / HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`,
);
let remaining = count;
let open = 0;

await Promise.all(Array.from({ length: openAtOnce }, openSome));
await new Promise((resolve) => setTimeout(resolve, settleMs));
console.log(`still open: ${open}`);

async function openSome(): Promise<void> {
  while (remaining-- > 0) {
    try {
      await openOne();
    } catch {
      // It is missing from the count at the end.
    }
  }
}

async function openOne(): Promise<void> {
  const conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(request);
  await readAnswer(conn);
  open++;
  void untilClosed(conn);
}

/** Reads exactly one answer, whose length the server says in its head. */
async function readAnswer(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!isWhole(text)) {
    const length = await conn.read(buffer);
    if (length === null) {
      throw new Error("The server closed the connection within its answer");
    }
    // One character per byte, so that lengths can be compared.
    text += String.fromCharCode(...buffer.subarray(0, length));
  }
  if (!text.startsWith("HTTP/1.1 200 ")) {
    throw new Error("The server did not answer 200");
  }
}

function isWhole(text: string): boolean {
  const headEnd = text.indexOf("\r\n\r\n");
  const length = /^content-length: *(\d+)/im.exec(text)?.[1];
  return headEnd !== -1 && length !== undefined &&
    text.length >= headEnd + 4 + Number(length);
}

async function untilClosed(conn: Deno.Conn): Promise<void> {
  await conn.read(new Uint8Array(1)).catch(() => null);
  open--;
  conn.close();
}
