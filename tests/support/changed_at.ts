/**
 * A time at which something was last changed, and those around it.
 */

/** Milliseconds: Wed, 01 Jul 2026 12:00:00 GMT. */
export const changedAt = Date.UTC(2026, 6, 1, 12);
/** The same as a field has it. */
export const same = new Date(changedAt).toUTCString();
/** A second before it. */
export const earlier = new Date(changedAt - 1000).toUTCString();
/** A second after it. */
export const later = new Date(changedAt + 1000).toUTCString();
