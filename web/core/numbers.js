/** Numbers as stored: rounded, finite and in range. */

import { TrajectoryError } from './errors.js';
import { DECIMALS, MAX_COORDINATE } from './limits.js';

const SCALE = 10 ** DECIMALS;

/**
 * Rounded to DECIMALS decimals, without a minus zero.
 * @param {number} value
 */
export function tidy(value) {
  return Math.round(value * SCALE) / SCALE + 0;
}

/**
 * A coordinate computed by an operation, rounded and clamped to the format's range.
 * @param {number} value
 * @throws {TrajectoryError} if it is not finite
 */
export function coordinate(value) {
  return tidy(within(value, -MAX_COORDINATE, MAX_COORDINATE));
}

/**
 * `value` clamped to low..high.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @throws {TrajectoryError} if it is not finite
 */
export function within(value, low, high) {
  if (!Number.isFinite(value)) throw new TrajectoryError('impossible');
  return Math.min(Math.max(value, low), high);
}
