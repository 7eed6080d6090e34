/**
 * What `--help limits` tells of every limit: what it is, as `limits.ts` documents it, and
 * why its default is what it is. This is the only place that has the reasons. Pure.
 *
 * @module
 */

import type { Limits } from "../limits.ts";
import type { optionTable } from "./option_table.ts";

/** The headings of the list, in its order. */
export type LimitGroup =
  | "Requests"
  | "Request bodies"
  | "Connections"
  | "TLS"
  | "Passwords"
  | "Archives"
  | "Jobs"
  | "Workers"
  | "WebSockets";

/** What is told of one limit. */
export interface LimitText {
  readonly group: LimitGroup;
  /** The same text as in `Limits`; a test compares them. */
  readonly is: string;
  /** Why the default is not larger or smaller. */
  readonly because: string;
  /** The option that sets it too. */
  readonly flag?: keyof typeof optionTable;
}

export const limitTable: Readonly<Record<keyof Limits, LimitText>> = {
  maxRequestLineBytes: {
    group: "Requests",
    is:
      "Bytes of the request line, without its CRLF; past it the response is 414.",
    because: "RFC 9112 section 3 recommends at least 8000.",
  },
  maxHeadBytes: {
    group: "Requests",
    is: "Bytes of the whole head; past it the response is 431.",
    because:
      "nginx (4 buffers of 8 KiB) and most other proxies allow the same.",
  },
  maxFields: {
    group: "Requests",
    is: "Field lines of one head; past it the response is 431.",
    because: "Browsers send 15 to 25; gunicorn and Apache stop at 100 too.",
  },
  headTimeoutMs: {
    group: "Requests",
    is:
      "Time from the first byte of a head to its last; past it the response is 408.",
    because:
      "A head is one or two packets. The slowloris attack sends heads that never end.",
  },
  maxBodyBytes: {
    group: "Request bodies",
    is: "Bytes of a request body; past it the response is 413.",
    because:
      "A body is held in memory until it is whole. Forms fit; larger bodies are " +
      "streamed.",
  },
  maxWholeBodyBytes: {
    group: "Request bodies",
    is:
      "Bytes of a request body that is read whole, where larger ones are streamed.",
    because:
      "As much as may be on the way of a streamed body: it costs no more memory.",
  },
  maxBodyMemoryBytes: {
    group: "Request bodies",
    is:
      "Bytes that all request bodies may hold in memory; past it they wait unread, " +
      "and get 503 after queueTimeoutMs.",
    because: "A dozen bodies of the largest size, or some thousand forms.",
  },
  bodyGraceMs: {
    group: "Request bodies",
    is:
      "How long a body may pause, and how long it may take before its rate counts.",
    because: "The same as for a head.",
  },
  minBodyBytesPerSecond: {
    group: "Request bodies",
    is: "Average bytes per second that a body must have after the grace.",
    because:
      "The same as in Apache's mod_reqtimeout; a 2G phone is ten times faster.",
  },
  maxChunkLineBytes: {
    group: "Request bodies",
    is: "Bytes of one chunk-size line, extensions included.",
    because:
      "Extensions are ignored. The longest in use are signatures of about 90 bytes.",
  },
  maxChunkExtensionBytes: {
    group: "Request bodies",
    is: "Bytes of all chunk extensions of one body.",
    because:
      "One-byte chunks with long extensions are much work for few bytes.",
  },
  maxTrailerBytes: {
    group: "Request bodies",
    is: "Bytes of the trailer section of a chunked body.",
    because: "Trailers are dropped; the limit is that of the request line.",
  },
  maxConnections: {
    group: "Connections",
    is: "Connections at one time; past it accepting pauses.",
    because:
      "An idle connection costs about 6 KB, so a small machine can hold this many.",
  },
  maxConnectionsPerAddress: {
    group: "Connections",
    is: "Connections at one time from one address; past it they get 503.",
    because:
      "The same as maxConnections: behind a proxy all clients have one address.",
  },
  maxRequestsPerConnection: {
    group: "Connections",
    is: "Requests on one connection; the last response says Connection: close.",
    because: "High: the limit is only there to bound a leak.",
  },
  idleTimeoutMs: {
    group: "Connections",
    is: "How long a connection may stay open between two requests.",
    because:
      "Browsers keep a connection for 1 to 5 minutes, proxies for about one.",
  },
  writeStallMs: {
    group: "Connections",
    is: "How long a client may read nothing at all of a response.",
    because: "The same as nginx's send_timeout.",
  },
  lingerMs: {
    group: "Connections",
    is:
      "How long the server reads from a refused client, so that the client can read " +
      "its response.",
    because:
      "The same as nginx's lingering_time. There is no limit in bytes: a client that " +
      "sends all of a large body before it reads has to reach the end of the body.",
  },
  lingerStallMs: {
    group: "Connections",
    is: "How long such a client may send nothing.",
    because: "The same as nginx's lingering_timeout.",
  },
  watchAfterMs: {
    group: "Connections",
    is:
      "How long a request waits before the server watches whether its client leaves.",
    because: "Watching costs one more read, which short requests do not need.",
  },
  sweepMs: {
    group: "Connections",
    is: "How often deadlines are checked.",
    because:
      "Deadlines are seconds long, so a quarter of a second is exact enough.",
  },
  maxGuesses: {
    group: "Passwords",
    is:
      "Wrong passwords at once from one address, or from one /64 of IPv6; past it the response is 429.",
    because:
      "Somebody who mistypes needs three or four, an office behind one address a few more.",
  },
  guessIntervalMs: {
    group: "Passwords",
    is: "The time after which such an address has one more.",
    because:
      "3600 an hour guess nothing, and take a tenth of the thread that checks them.",
  },
  maxPasswordChecks: {
    group: "Passwords",
    is: "Passwords that may wait to be checked; past it the response is 503.",
    because: "With bcrypt's usual cost of 10 the last one waits for 10 s.",
  },
  passwordMemoryMs: {
    group: "Passwords",
    is: "How long a right password is not checked again.",
    because:
      "As long as a user is away from a page without noticing the check.",
  },
  maxHotReads: {
    group: "Connections",
    is:
      "Reads of sockets that may be outstanding at one time on a busy server.",
    because:
      "Measured at 1000 busy connections: with 16 reads 50,600 requests/s and p99 31 " +
      "ms; 24: 51,600, 32 ms; 32: 47,900, 35 ms; 64: 43,900, 47 ms. At 256 " +
      "connections 24 is the fastest too.",
  },
  maxHandshakes: {
    group: "TLS",
    is:
      "Handshakes (of TLS, or with a proxy) at one time; past it the oldest is given " +
      "up.",
    because:
      "A handshake takes two round trips, so 1000 a second get through on any line.",
  },
  handshakeTimeoutMs: {
    group: "TLS",
    is: "How long a TLS handshake may take.",
    because: "The same as for a head.",
  },
  certificateCheckMs: {
    group: "TLS",
    is: "How often certificates, and the file of passwords, are looked at.",
    because:
      "Two looks have to find the same: a renewal replaces one file after the other.",
  },
  maxQueue: {
    group: "Jobs",
    flag: "queue",
    is: "Jobs in the pool's queue; past it the response is 503.",
    because: "Four times the jobs that 1000 clients can have in flight.",
  },
  queueTimeoutMs: {
    group: "Jobs",
    flag: "queue-timeout",
    is: "How long a job may wait in the queue; past it the response is 503.",
    because: "By then most clients have given up.",
  },
  handlerTimeoutMs: {
    group: "Jobs",
    flag: "timeout",
    is: "How long a handler may take; past it the response is 504.",
    because: "By then most clients have given up.",
  },
  maxBatch: {
    group: "Jobs",
    is: "Jobs in one message to a worker.",
    because:
      "Measured at 64 connections: with 16 jobs 44,900 requests/s; 32: 50,700; 64: " +
      "56,800.",
  },
  maxInFlightPerWorker: {
    group: "Jobs",
    is: "Jobs that one worker may have in flight.",
    because: "Handlers that wait cost only memory.",
  },
  streamWindowBytes: {
    group: "Jobs",
    is:
      "Bytes of a stream that may be on the way: of a response to its client, or of a " +
      "request body to its handler.",
    because:
      "A client that reads fast does not have to wait for the handler, and a thousand " +
      "streams at one time still fit into memory.",
  },
  loadTimeoutMs: {
    group: "Workers",
    is: "How long a worker may take to load the modules of its app.",
    because:
      "Packages may have to be downloaded, all that an app uses at its first start.",
  },
  bootTimeoutMs: {
    group: "Workers",
    is: "How long a worker may take to boot, once they are loaded.",
    because:
      "A worker boots in 16 to 37 ms; an app may connect to a database first.",
  },
  respawnBackoffMs: {
    group: "Workers",
    is:
      "The wait before a worker that failed to boot is started again; it doubles.",
    because: "A failure may have been an accident: the first wait is short.",
  },
  maxRespawnBackoffMs: {
    group: "Workers",
    is: "The longest such wait.",
    because: "An app that never starts must not keep the machine busy.",
  },
  maxJobsPerWorker: {
    group: "Workers",
    flag: "max-requests",
    is: "Jobs after which a worker is replaced.",
    because: "With a leak of 1 KB a job, the worker has lost 1 GB by then.",
  },
  maxWorkerHeapBytes: {
    group: "Workers",
    flag: "max-heap",
    is: "Bytes of a worker's heap past which it is replaced.",
    because:
      "V8 aborts the whole process at its own limit, which is a few times higher.",
  },
  workerSilenceMs: {
    group: "Workers",
    is:
      "How long a worker that owes a response may be silent before it gets a ping.",
    because:
      "A handler that computes is silent too, and most are done in a second.",
  },
  workerGraceMs: {
    group: "Workers",
    is:
      "How long past the handler timeout a worker may leave a ping open before it " +
      "counts as lost.",
    because: "On a busy machine a thread that is well may be late by so much.",
  },
  maxLostWorkers: {
    group: "Workers",
    flag: "lost-workers",
    is:
      "Worker threads that could not be stopped; past it the server asks to be ended.",
    because: "Each of them keeps a core busy without any use.",
  },
  maxArchiveEntries: {
    group: "Archives",
    is:
      "Files and folders in one archive of --zip; past it the response is 403.",
    because: "As many names as a listing has. A worker looks at each of them.",
  },
  maxArchiveBytes: {
    group: "Archives",
    is: "Bytes of all files in one archive; past it the response is 403.",
    because: "Up to here every program reads an archive; beyond it is ZIP64.",
  },
  maxSocketMessageBytes: {
    group: "WebSockets",
    is:
      "Bytes of one WebSocket message; past it the socket is closed with 1009.",
    because:
      "Socket.IO takes 1 MB, ws 100 MiB. Photos fit; what is larger is for HTTP.",
  },
  maxSocketBufferBytes: {
    group: "WebSockets",
    is:
      "Bytes that a client of a WebSocket has not read yet; past that it is cut off.",
    because:
      "A message of the largest size. A client that is so far behind does not read.",
  },
  maxSocketMemoryBytes: {
    group: "WebSockets",
    is:
      "Bytes of both kinds that the WebSockets of one worker may hold in memory; past " +
      "it a socket that wants more is closed with 1013.",
    because: "The same as for the bodies of requests.",
  },
  socketCloseTimeoutMs: {
    group: "WebSockets",
    is: "How long a client of a WebSocket may take to say goodbye.",
    because: "Two round trips on a very slow line.",
  },
};
