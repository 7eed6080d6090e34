/**
 * Every limit (a size or a count) and every timeout of the server, with its unit and its
 * default; the reasons are in `cli/limit_table.ts`, for `--help limits`. They are one
 * value, which is passed down; tests pass down small limits. Must not know where they
 * are used.
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
  /** Files and folders in one archive of `--zip`; past it the response is 403. */
  readonly maxArchiveEntries: number;
  /** Bytes of all files in one archive; past it the response is 403. */
  readonly maxArchiveBytes: number;
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
  /** How often certificates, and the file of passwords, are looked at. */
  readonly certificateCheckMs: number;
  /** Wrong passwords at once from one address, or from one /64 of IPv6; past it the
   * response is 429. */
  readonly maxGuesses: number;
  /** The time after which such an address has one more. */
  readonly guessIntervalMs: number;
  /** Passwords that may wait to be checked; past it the response is 503. */
  readonly maxPasswordChecks: number;
  /** How long a right password is not checked again. */
  readonly passwordMemoryMs: number;
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
  /** Bytes that a client of a WebSocket has not read yet; past that it is cut off. */
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
  maxRequestLineBytes: 8 * 1024,
  maxHeadBytes: 32 * 1024,
  maxFields: 100,
  maxBodyBytes: 10 * 1024 * 1024,
  maxBodyMemoryBytes: 128 * 1024 * 1024,
  maxWholeBodyBytes: 256 * 1024,
  maxChunkLineBytes: 512,
  maxChunkExtensionBytes: 16 * 1024,
  maxTrailerBytes: 8 * 1024,
  maxArchiveEntries: 10_000,
  maxArchiveBytes: 4 * 1024 * 1024 * 1024 - 64 * 1024 * 1024,
  headTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  bodyGraceMs: 10_000,
  minBodyBytesPerSecond: 500,
  writeStallMs: 60_000,
  lingerMs: 30_000,
  lingerStallMs: 5_000,
  maxRequestsPerConnection: 100_000,
  maxConnections: 10_000,
  maxConnectionsPerAddress: 10_000,
  maxHandshakes: 1_000,
  handshakeTimeoutMs: 10_000,
  certificateCheckMs: 2_000,
  maxGuesses: 10,
  guessIntervalMs: 1_000,
  maxPasswordChecks: 128,
  passwordMemoryMs: 600_000,
  maxHotReads: 24,
  watchAfterMs: 200,
  sweepMs: 250,
  maxQueue: 4096,
  queueTimeoutMs: 30_000,
  maxBatch: 64,
  maxInFlightPerWorker: 1024,
  handlerTimeoutMs: 30_000,
  workerSilenceMs: 1_000,
  workerGraceMs: 2_000,
  loadTimeoutMs: 300_000,
  bootTimeoutMs: 10_000,
  respawnBackoffMs: 100,
  maxRespawnBackoffMs: 10_000,
  maxSocketMessageBytes: 16 * 1024 * 1024,
  maxSocketBufferBytes: 16 * 1024 * 1024,
  maxSocketMemoryBytes: 128 * 1024 * 1024,
  socketCloseTimeoutMs: 5_000,
  maxLostWorkers: 4,
  maxJobsPerWorker: 1_000_000,
  maxWorkerHeapBytes: 512 * 1024 * 1024,
  streamWindowBytes: 256 * 1024,
};
