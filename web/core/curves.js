/** The curves through control points: piecewise cubics over the index parameter, as dragnuwa/trajectory/sampling.py. */

import { segments } from './repeating.js';

/** @import {Spline, Track} from './types.js' */

/** Four numbers a segment of a curve, a0 to a3. @typedef {Float64Array} Coefficients */

export const STEPS = 64; // sub-steps of a segment in the table of arc lengths

/**
 * The curve through a track's control points; a closed one has one more segment, unless its ends coincide.
 * @param {Readonly<Track>} track of two points or more
 * @param {number} width of the picture in pixels
 * @param {number} height
 * @returns {readonly [Coefficients, Coefficients]} of x and of y, in pixels
 */
export function fitCurve(track, width, height) {
  const { spline } = track;
  const isClosed = track.loop?.mode === 'closed';
  const points = isClosed ? pointsAround(track) : track.points;
  /** @param {'x' | 'y'} axis @param {number} side @returns {Coefficients} */
  const along = (axis, side) => {
    const control = Float64Array.from(points, (point) => point[axis] * side);
    const whole = spline !== 'bezier' ? fitSpline(spline, control) : hermite(
      control,
      Float64Array.from(points, (point) => 3 * ((point.out?.[axis] ?? 0) * side)),
      Float64Array.from(points, (point) => -3 * ((point.in?.[axis] ?? 0) * side)),
    );
    return isClosed ? whole.subarray(4, -4) : whole;
  };
  return [along('x', width), along('y', height)];
}

/** The points around a closed path, with one more on each side, so that the curve is smooth at its seam. */
/** @param {Readonly<Track>} track */
function pointsAround(track) {
  const count = segments(track);
  const ring = track.points.slice(0, count);
  if (count < track.points.length) ring[0] = { ...ring[0], in: track.points[count].in }; // both are one point
  return Array.from({ length: count + 3 }, (_, k) => ring[(k - 1 + count) % count]);
}

/**
 * One coordinate of a spline without handles.
 * @param {Exclude<Spline, 'bezier'>} spline
 * @param {Float64Array} control two numbers or more
 * @returns {Coefficients}
 */
export function fitSpline(spline, control) {
  if (spline === 'linear') return linear(control);
  const slopes = spline === 'pchip' ? pchipSlopes(control) : catmullRomSlopes(control);
  return hermite(control, slopes, slopes);
}

/**
 * The value of a curve at u.
 * @param {Coefficients} coefficients
 * @param {number} u index parameter, 0..n-1
 */
export function evaluate(coefficients, u) {
  const k = Math.min(Math.floor(u), coefficients.length / 4 - 1);
  const d = u - k;
  const at = 4 * k;
  const [a0, a1] = [coefficients[at], coefficients[at + 1]];
  return ((a0 * d + a1) * d + coefficients[at + 2]) * d + coefficients[at + 3];
}

/**
 * Cumulative lengths along a curve.
 * @param {readonly [Coefficients, Coefficients]} curve
 * @param {number} steps straight pieces for each segment
 * @returns {Float64Array} length from the beginning to u = 0, 1 / steps, 2 / steps, ...
 */
export function curveLength([x, y], steps) {
  const pieces = (x.length / 4) * steps;
  const lengths = new Float64Array(pieces + 1);
  let [beforeX, beforeY] = [evaluate(x, 0), evaluate(y, 0)];
  for (let i = 1; i <= pieces; i += 1) {
    const [nextX, nextY] = [evaluate(x, i / steps), evaluate(y, i / steps)];
    lengths[i] = lengths[i - 1] + Math.hypot(nextX - beforeX, nextY - beforeY);
    [beforeX, beforeY] = [nextX, nextY];
  }
  return lengths;
}

/**
 * Slopes of monotone cubic interpolation (Fritsch and Butland 1984): at inner points the harmonic mean of the adjacent
 * differences, 0 if they differ in sign; at the ends a shape-preserving one-sided estimate.
 * @param {Float64Array} control
 */
function pchipSlopes(control) {
  const last = control.length - 1;
  const slopes = new Float64Array(last + 1);
  /** @param {number} k */
  const difference = (k) => control[k + 1] - control[k];
  if (last === 1) return slopes.fill(difference(0));
  for (let k = 1; k < last; k += 1) {
    const [m0, m1] = [difference(k - 1), difference(k)];
    slopes[k] = Math.sign(m0) === Math.sign(m1) && m0 !== 0 ? 1 / ((3 / m0 + 3 / m1) / 6) : 0;
  }
  slopes[0] = pchipEnd(difference(0), difference(1));
  slopes[last] = pchipEnd(difference(last - 1), difference(last - 2));
  return slopes;
}

/**
 * @param {number} m0 the difference at the end
 * @param {number} m1 the next one
 */
function pchipEnd(m0, m1) {
  const slope = (3 * m0 - m1) / 2;
  if (Math.sign(slope) !== Math.sign(m0)) return 0;
  return Math.sign(m0) !== Math.sign(m1) && Math.abs(slope) > 3 * Math.abs(m0) ? 3 * m0 : slope;
}

/**
 * Slopes of uniform Catmull-Rom with doubled end points: half the difference of the neighbours.
 * @param {Float64Array} control
 */
function catmullRomSlopes(control) {
  const last = control.length - 1;
  return control.map((_, k) => (control[Math.min(k + 1, last)] - control[Math.max(k - 1, 0)]) / 2);
}

/**
 * @param {Float64Array} control
 * @returns {Coefficients}
 */
function linear(control) {
  const coefficients = new Float64Array(4 * (control.length - 1));
  for (let k = 0; k + 1 < control.length; k += 1) {
    coefficients.set([0, 0, control[k + 1] - control[k], control[k]], 4 * k);
  }
  return coefficients;
}

/**
 * Cubic Hermite segments.
 * @param {Float64Array} control
 * @param {Float64Array} leaving slope at each point, on the way out
 * @param {Float64Array} arriving slope at each point, on the way in
 * @returns {Coefficients}
 */
function hermite(control, leaving, arriving) {
  const coefficients = new Float64Array(4 * (control.length - 1));
  for (let k = 0; k + 1 < control.length; k += 1) {
    const step = control[k + 1] - control[k];
    const [left, right] = [leaving[k], arriving[k + 1]];
    coefficients.set([left + right - 2 * step, 3 * step - 2 * left - right, left, control[k]], 4 * k);
  }
  return coefficients;
}
