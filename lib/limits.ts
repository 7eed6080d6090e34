/**
 * Every limit (a size or a count) and every timeout of the server, with its unit, its
 * default and its reason. They are one value, which is passed down; tests pass down
 * small limits. Must not know where they are used.
 *
 * @module
 */

/** The limits and timeouts of one server. All are positive. */
export interface Limits {
  /** Bytes of the request line, without its CRLF; past it the response is 414. */
  readonly maxRequestLineBytes: number;
  /** Bytes of the whole head; past it the response is 431. */
  readonly maxHeadBytes: number;
  /** Field lines of one head; past it the response is 431. */
  readonly maxFields: number;
  /** Bytes of a request body; past it the response is 413. */
  readonly maxBodyBytes: number;
  /** Bytes that all request bodies may hold in memory; past it they wait unread, and
   * get 503 after `queueTimeoutMs`. */
  readonly maxBodyMemoryBytes: number;
  /** Bytes of a request body that is read whole, where larger ones are streamed. */
  readonly maxWholeBodyBytes: number;
  /** Bytes of one chunk-size line, extensions included. */
  readonly maxChunkLineBytes: number;
  /** Bytes of all chunk extensions of one body. */
  readonly maxChunkExtensionBytes: number;
  /** Bytes of the trailer section of a chunked body. */
  readonly maxTrailerBytes: number;
  /** Time from the first byte of a head to its last; past it the response is 408. */
  readonly headTimeoutMs: number;
  /** How long a connection may stay open between two requests. */
  readonly idleTimeoutMs: number;
  /** How long a body may pause, and how long it may take before its rate counts. */
  readonly bodyGraceMs: number;
  /** Average bytes per second that a body must have after the grace. */
  readonly minBodyBytesPerSecond: number;
  /** How long a client may read nothing at all of a response. */
  readonly writeStallMs: number;
  /** How long the server reads from a refused client, so that the client can read its
   * response. */
  readonly lingerMs: number;
  /** How long such a client may send nothing. */
  readonly lingerStallMs: number;
  /** Requests on one connection; the last response says `Connection: close`. */
  readonly maxRequestsPerConnection: number;
  /** Connections at one time; past it accepting pauses. */
  readonly maxConnections: number;
  /** Connections at one time from one address; past it they get 503. */
  readonly maxConnectionsPerAddress: number;
  /** Handshakes (of TLS, or with a proxy) at one time; past it the oldest is given up. */
  readonly maxHandshakes: number;
  /** How long a TLS handshake may take. */
  readonly handshakeTimeoutMs: number;
  /** How often certificates are looked at. */
  readonly certificateCheckMs: number;
  /** Reads of sockets that may be outstanding at one time on a busy server. */
  readonly maxHotReads: number;
  /** How long a request waits before the server watches whether its client leaves. */
  readonly watchAfterMs: number;
  /** How often deadlines are checked. */
  readonly sweepMs: number;
  /** Jobs in the pool's queue; past it the response is 503. */
  readonly maxQueue: number;
  /** How long a job may wait in the queue; past it the response is 503. */
  readonly queueTimeoutMs: number;
  /** Jobs in one message to a worker. */
  readonly maxBatch: number;
  /** Jobs that one worker may have in flight. */
  readonly maxInFlightPerWorker: number;
  /** How long a handler may take; past it the response is 504. */
  readonly handlerTimeoutMs: number;
  /** How long a worker that owes a response may be silent before it gets a ping. */
  readonly workerSilenceMs: number;
  /** How long past the handler timeout a worker may leave a ping open before it counts
   * as lost. */
  readonly workerGraceMs: number;
  /** How long a worker may take to load the modules of its app. */
  readonly loadTimeoutMs: number;
  /** How long a worker may take to boot, once they are loaded. */
  readonly bootTimeoutMs: number;
  /** The wait before a worker that failed to boot is started again; it doubles. */
  readonly respawnBackoffMs: number;
  /** The longest such wait. */
  readonly maxRespawnBackoffMs: number;
  /** Bytes of one WebSocket message; past it the socket is closed with 1009. */
  readonly maxSocketMessageBytes: number;
  /** Bytes that a client of a WebSocket has not taken yet; past it it is cut off. */
  readonly maxSocketBufferBytes: number;
  /** Bytes of both kinds that the WebSockets of one worker may hold in memory; past it
   * a socket that wants more is closed with 1013. */
  readonly maxSocketMemoryBytes: number;
  /** How long a client of a WebSocket may take to say goodbye. */
  readonly socketCloseTimeoutMs: number;
  /** Worker threads that could not be stopped; past it the server asks to be ended. */
  readonly maxLostWorkers: number;
  /** Jobs after which a worker is replaced. */
  readonly maxJobsPerWorker: number;
  /** Bytes of a worker's heap past which it is replaced. */
  readonly maxWorkerHeapBytes: number;
  /** Bytes of a stream that may be on the way: of a response to its client, or of a
   * request body to its handler. */
  readonly streamWindowBytes: number;
}

export const defaultLimits: Limits = {
  // RFC 9112 section 3 recommends at least 8000.
  maxRequestLineBytes: 8 * 1024,
  // nginx (4 buffers of 8 KiB) and most other proxies allow the same.
  maxHeadBytes: 32 * 1024,
  // Browsers send 15 to 25; gunicorn and Apache stop at 100 too.
  maxFields: 100,
  // A body is held in memory until it is whole. Forms fit; larger bodies are streamed.
  maxBodyBytes: 10 * 1024 * 1024,
  // A dozen bodies of the largest size, or some thousand forms.
  maxBodyMemoryBytes: 128 * 1024 * 1024,
  // As much as may be on the way of a streamed body: it costs no more memory.
  maxWholeBodyBytes: 256 * 1024,
  // Extensions are ignored. The longest in use are signatures of about 90 bytes.
  maxChunkLineBytes: 512,
  // One-byte chunks with long extensions are much work for few bytes.
  maxChunkExtensionBytes: 16 * 1024,
  // Trailers are dropped; the limit is that of the request line.
  maxTrailerBytes: 8 * 1024,
  // A head is one or two packets. The slowloris attack sends heads that never end.
  headTimeoutMs: 10_000,
  // Browsers keep a connection for 1 to 5 minutes, proxies for about one.
  idleTimeoutMs: 60_000,
  bodyGraceMs: 10_000,
  // The same as in Apache's mod_reqtimeout; a 2G phone is ten times faster.
  minBodyBytesPerSecond: 500,
  // nginx's send_timeout.
  writeStallMs: 60_000,
  // nginx's lingering_time and lingering_timeout. There is no limit in bytes: a client
  // that sends all of a large body before it reads has to reach the end of the body.
  lingerMs: 30_000,
  lingerStallMs: 5_000,
  // High: the limit is only there to bound a leak.
  maxRequestsPerConnection: 100_000,
  // An idle connection costs about 6 KB, so a small machine can hold this many.
  maxConnections: 10_000,
  // The same as in all: behind a proxy all clients have one address.
  maxConnectionsPerAddress: 10_000,
  // A handshake takes two round trips, so 1000 a second get through on any line.
  maxHandshakes: 1_000,
  // The same as for a head.
  handshakeTimeoutMs: 10_000,
  // Two looks have to find the same: a renewal replaces one file after the other.
  certificateCheckMs: 2_000,
  // Measured at 1000 busy connections: with 16 reads 50,600 requests/s and p99 31 ms;
  // 24: 51,600, 32 ms; 32: 47,900, 35 ms; 64: 43,900, 47 ms. At 256 connections 24 is
  // the fastest too.
  maxHotReads: 24,
  // Watching costs one more read, which short requests do not need.
  watchAfterMs: 200,
  sweepMs: 250,
  // Four times the jobs that 1000 clients can have in flight.
  maxQueue: 4096,
  // By then most clients have given up.
  queueTimeoutMs: 30_000,
  // Measured at 64 connections: with 16 jobs 44,900 requests/s; 32: 50,700; 64: 56,800.
  maxBatch: 64,
  // Handlers that wait cost only memory.
  maxInFlightPerWorker: 1024,
  handlerTimeoutMs: 30_000,
  workerSilenceMs: 1_000,
  workerGraceMs: 2_000,
  // Packages may have to be downloaded, all that an app uses at its first start.
  loadTimeoutMs: 300_000,
  // A worker boots in 16 to 37 ms; an app may connect to a database first.
  bootTimeoutMs: 10_000,
  respawnBackoffMs: 100,
  maxRespawnBackoffMs: 10_000,
  // Socket.IO takes 1 MB, ws 100 MiB. Photos fit; what is larger is for HTTP.
  maxSocketMessageBytes: 16 * 1024 * 1024,
  // A message of the largest size. A client that is so far behind does not read.
  maxSocketBufferBytes: 16 * 1024 * 1024,
  // The same as for the bodies of requests.
  maxSocketMemoryBytes: 128 * 1024 * 1024,
  // Two round trips on a very slow line.
  socketCloseTimeoutMs: 5_000,
  // Each of them keeps a core busy without any use.
  maxLostWorkers: 4,
  // With a leak of 1 KB a job, the worker has lost 1 GB by then.
  maxJobsPerWorker: 1_000_000,
  // V8 aborts the whole process at its own limit, which is a few times higher.
  maxWorkerHeapBytes: 512 * 1024 * 1024,
  streamWindowBytes: 256 * 1024,
};
