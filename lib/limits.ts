/**
 * Every limit (a size or a count) and every timeout (a span of time) of the
 * server, with its default, its unit and its reason, as one value that is handed down;
 * tests hand down small ones. This file must not know who uses it.
 *
 * @module
 */

/** The limits and timeouts of one server. All of them are positive. */
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
  /** From the first byte of a head to its last; past it the response is 408. */
  readonly headTimeoutMs: number;
  /** How long a connection may stay open between two requests. */
  readonly idleTimeoutMs: number;
  /** How long a body may pause, and take before its rate counts. */
  readonly bodyGraceMs: number;
  /** Average bytes per second that a body must have after the grace. */
  readonly minBodyBytesPerSecond: number;
  /** How long a client may read nothing at all of a response. */
  readonly writeStallMs: number;
  /** How long a refused client is read from, so that it can read its response. */
  readonly lingerMs: number;
  /** How long it may send nothing meanwhile. */
  readonly lingerStallMs: number;
  /** Requests on one connection; the last response says `Connection: close`. */
  readonly maxRequestsPerConnection: number;
  /** Connections at one time; past it accepting pauses. */
  readonly maxConnections: number;
  /** Connections at one time from one address; past it they get 503. */
  readonly maxConnectionsPerAddress: number;
  /** Connections that may have a hot read outstanding (see the read scheduler). */
  readonly maxHotReads: number;
  /** How long a request waits before its client is watched. */
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
  /** A worker that owes a response and was silent for so long is pinged. */
  readonly workerSilenceMs: number;
  /** How long past the handler timeout it may leave a ping open before it is lost. */
  readonly workerGraceMs: number;
  /** How long a worker may take to boot. */
  readonly bootTimeoutMs: number;
  /** The wait before a worker that failed to boot is tried again; it doubles. */
  readonly respawnBackoffMs: number;
  /** The longest such wait. */
  readonly maxRespawnBackoffMs: number;
  /** Threads that could not be stopped; past it the server asks to be ended. */
  readonly maxLostWorkers: number;
  /** Jobs after which a worker is replaced. */
  readonly maxJobsPerWorker: number;
  /** Bytes of a worker's heap past which it is replaced. */
  readonly maxWorkerHeapBytes: number;
  /** Bytes of a stream that may be on the way: of a response, ahead of its client; of a
   * request body, ahead of its handler. */
  readonly streamWindowBytes: number;
}

/** The default of each limit. */
export const defaultLimits: Limits = {
  // RFC 9112 section 3 recommends at least 8000.
  maxRequestLineBytes: 8 * 1024,
  // What nginx (4 buffers of 8 KiB) and most proxies in front allow.
  maxHeadBytes: 32 * 1024,
  // Browsers send 15 to 25; gunicorn and Apache stop at 100 too.
  maxFields: 100,
  // A body is held in memory until it is whole. Form posts fit; uploads are
  // streamed.
  maxBodyBytes: 10 * 1024 * 1024,
  // A dozen uploads of the largest size, or some thousand forms.
  maxBodyMemoryBytes: 128 * 1024 * 1024,
  // As much as is on the way of a streamed body: it costs no more memory.
  maxWholeBodyBytes: 256 * 1024,
  // Extensions are ignored; at most a signature is sent in them (about 90 bytes).
  maxChunkLineBytes: 512,
  // One-byte chunks with long extensions are work for nothing.
  maxChunkExtensionBytes: 16 * 1024,
  // Trailers are dropped; they get what the request line gets.
  maxTrailerBytes: 8 * 1024,
  // A head is one or two packets; slowloris is a head that never ends.
  headTimeoutMs: 10_000,
  // Browsers keep a connection for 1 to 5 minutes; proxies for about one.
  idleTimeoutMs: 60_000,
  bodyGraceMs: 10_000,
  // Apache's mod_reqtimeout takes the same; a 2G phone does ten times that.
  minBodyBytesPerSecond: 500,
  // nginx's send_timeout.
  writeStallMs: 60_000,
  // nginx's lingering_time and lingering_timeout. Bytes are not counted: a client that
  // sends a large body first and reads its response later has to come to its end.
  lingerMs: 30_000,
  lingerStallMs: 5_000,
  // High: reconnecting only bounds what a leak could do.
  maxRequestsPerConnection: 100_000,
  // An idle one costs some 6 KB; this many fit in what a small machine has.
  maxConnections: 10_000,
  // As many as in all: behind a proxy all clients have one address.
  maxConnectionsPerAddress: 10_000,
  // At 1000 busy connections: 16 50 600 requests/s, p99 31 ms; 24 51 600, 32 ms;
  // 32 47 900, 35 ms; 64 43 900, 47 ms. At 256, 24 is the fastest too.
  maxHotReads: 24,
  // Watching costs an early read; short requests never pay it.
  watchAfterMs: 200,
  sweepMs: 250,
  // Four times what 1000 clients can have in flight.
  maxQueue: 4096,
  // Past it most clients have given up.
  queueTimeoutMs: 30_000,
  // At 64 connections: 16 44 900 requests/s, 32 50 700, 64 56 800.
  maxBatch: 64,
  // Handlers that wait cost memory only.
  maxInFlightPerWorker: 1024,
  handlerTimeoutMs: 30_000,
  workerSilenceMs: 1_000,
  workerGraceMs: 2_000,
  // A worker boots in 16 to 37 ms; an app may connect to a database first.
  bootTimeoutMs: 10_000,
  respawnBackoffMs: 100,
  maxRespawnBackoffMs: 10_000,
  // Each is a core that is busy for nothing.
  maxLostWorkers: 4,
  // By then a leak of 1 KB a job is 1 GB.
  maxJobsPerWorker: 1_000_000,
  // V8 aborts the whole process at its own limit, a few times this.
  maxWorkerHeapBytes: 512 * 1024 * 1024,
  streamWindowBytes: 256 * 1024,
};
