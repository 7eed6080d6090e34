/**
 * Clients of a WebSocket that send a message, wait until it comes back, and send the next. Run as
 * `echo_client.ts URL CLIENTS WARM-UP-SECONDS SECONDS`; prints JSON. The frames are made here, for a
 * whole client would be busier than the server.
 *
 * @module
 */

const { hostname, port } = new URL(Deno.args[0]);
const [clients, warmUpSeconds, seconds] = Deno.args.slice(1).map(Number);

const handshake = new TextEncoder().encode(
  `GET /echo HTTP/1.1\r\nhost: ${hostname}:${port}\r\nupgrade: websocket\r\n` +
    "connection: upgrade\r\nsec-websocket-version: 13\r\n" +
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
);
const textBytes = 32;
// A text of a client, masked with zeros, and the same of a server.
const message = new Uint8Array(6 + textBytes).fill(0x61);
message.set([0x81, 0x80 | textBytes, 0, 0, 0, 0]);
const echoBytes = 2 + textBytes;

let latenciesMs: number[] = [];
let failed = 0;
const start = performance.now() + warmUpSeconds * 1000;
const end = start + seconds * 1000;

await Promise.all(
  Array.from({ length: clients }, () => talk().catch(() => failed++)),
);
latenciesMs = latenciesMs.sort((a, b) => a - b);
const at = (share: number) =>
  latenciesMs[Math.floor(latenciesMs.length * share)];
console.log(
  JSON.stringify({
    rate: latenciesMs.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    failed,
  }),
);

async function talk(): Promise<void> {
  using conn = await Deno.connect({ hostname, port: Number(port) });
  conn.setNoDelay(true);
  const buffer = new Uint8Array(4096);
  await conn.write(handshake);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const length = await conn.read(buffer);
    if (length === null) throw new Error("It was closed");
    head += new TextDecoder().decode(buffer.subarray(0, length));
  }
  if (!head.startsWith("HTTP/1.1 101 ")) throw new Error("It is not a 101");
  for (let now = performance.now(); now < end;) {
    await conn.write(message);
    for (let received = 0; received < echoBytes;) {
      const length = await conn.read(buffer);
      if (length === null) throw new Error("It was closed");
      received += length;
    }
    const after = performance.now();
    if (after >= start) latenciesMs.push(after - now);
    now = after;
  }
}
