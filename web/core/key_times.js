/** Times of control points, for the timing "keys". */

/** @import {Point} from './types.js' */

/**
 * The times of the points, fractions of the track's own time. A missing first time is 0, a missing last one 1, others
 * are spaced evenly between their known neighbours.
 * @param {readonly Readonly<Point>[]} points
 * @returns {Float64Array}
 */
export function keyTimes(points) {
  const last = points.length - 1;
  const known = [];
  for (let k = 0; k <= last; k += 1) {
    const t = points[k].t ?? (k === 0 ? 0 : k === last ? 1 : undefined);
    if (t !== undefined) known.push({ k, t });
  }
  const index = Float64Array.from(known, ({ k }) => k);
  const times = Float64Array.from(known, ({ t }) => t);
  return Float64Array.from(points, (_, k) => interpolate(k, index, times));
}

/**
 * Index of the first point whose time is not later than that of the point before it; -1 if all times rise.
 * @param {readonly Readonly<Point>[]} points
 */
export function firstNotRising(points) {
  if (points.length < 2) return -1;
  const times = keyTimes(points);
  return times.findIndex((t, k) => k > 0 && !(t > times[k - 1]));
}

/**
 * Linear interpolation between the points (xs, ys), constant outside, like numpy's interp; of equal xs the last wins.
 * @param {number} x
 * @param {Float64Array} xs in ascending order
 * @param {Float64Array} ys
 */
export function interpolate(x, xs, ys) {
  const last = xs.length - 1;
  if (x < xs[0]) return ys[0];
  if (x >= xs[last]) return ys[last];
  let low = 0; // xs[low] <= x < xs[high]
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle;
    else high = middle;
  }
  const slope = (ys[high] - ys[low]) / (xs[high] - xs[low]);
  return slope * (x - xs[low]) + ys[low];
}
