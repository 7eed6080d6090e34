/**
 * How figures are written for people. It knows units, not what is measured.
 *
 * @module
 */

/** A whole number in groups of three: `12 345`. */
export function showCount(value: number): string {
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, " ");
}

/** A time in milliseconds to three digits: `0.301 ms`, `18.2 ms`, `1 200 ms`. */
export function showMs(value: number): string {
  return `${threeDigits(value)} ms`;
}

/** A time in microseconds to three digits: `17.3 us`; `-` where it is not known. */
export function showUs(value: number): string {
  return Number.isNaN(value) ? "-" : `${threeDigits(value)} us`;
}

function threeDigits(value: number): string {
  return value < 100 ? `${Number(value.toPrecision(3))}` : showCount(value);
}

/** A size in bytes: `4 812 B`. */
export function showBytes(value: number): string {
  return `${showCount(value)} B`;
}

/** A speed in bytes: `2.61 GB/s`, of 10^9 bytes. */
export function showSpeed(bytesPerSecond: number): string {
  return `${(bytesPerSecond / 1e9).toFixed(2)} GB/s`;
}

/** A ratio with two decimals: `0.61`. */
export function showRatio(value: number): string {
  return value.toFixed(2);
}

/** A share as a percentage: `12 %`. */
export function showShare(value: number): string {
  return `${Math.round(value * 100)} %`;
}

/** A size in mebibytes: `77.4 MiB`. */
export function showMiB(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
