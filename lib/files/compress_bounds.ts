/**
 * Which files are compressed on the fly. Apart from the compression itself, so that who
 * only asks need not load it.
 *
 * @module
 */

/**
 * A larger file is sent in a coding only where it was compressed beforehand: 2 MiB
 * keep a thread busy for 18 ms (br) to 45 ms (gzip), and other requests wait.
 */
export const maxCompressBytes = 2 * 1024 * 1024;

/** Less fits into one packet without compression. */
export const minCompressBytes = 1024;
