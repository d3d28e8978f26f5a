/**
 * A track's position at every frame, computed as in the library. Only for the preview: the model's input is sampled in
 * Python. The cases in tests/web/cases.json check that both agree.
 *
 *     f = frame / (frames - 1)                                 fraction of the clip
 *     o = (clip(f, start, end) - start) / (end - start)        fraction of the track's own time
 *     s = ease(progress(o))                                    where it repeats, of one way (repeating.js)
 *     u = points: s * (n - 1); keys: linear between the points' times; arc_length: constant speed in pixels
 *     position = curve(u), rounded to 1e-6 pixel, then clamped into the picture
 *
 * Curves are piecewise cubics over the index parameter u. On segment k, with d = u - k, the value is
 * ((a0 * d + a1) * d + a2) * d + a3.
 */

import { BACK } from './limits.js';
import { firstTime, pointsAround, progress, segments, swung, timesAround } from './repeating.js';

/** @import {Ease, Interval, Loop, Point, Samples, Spline, Track, XY} from './types.js' */

/** A track or an object. @typedef {{readonly start: number, readonly end: number, readonly loop?: Loop}} Timed */
/** Four numbers a segment of a curve, a0 to a3. @typedef {Float64Array} Coefficients */

/** Pixels that a single-point track moves right and down over its time. */
const DRIFT = 1;

const STEPS = 64; // sub-steps of a segment in the table of arc lengths
const REACHED = 1e-9; // ease "constant": tolerance (in u) for reaching a point, against rounding errors
const PIXEL_DIGITS = 1e6; // positions are rounded to this fraction of a pixel
const INSTANT = 1e-9; // fractions of the clip closer than this are the same instant

/** @type {Readonly<Record<Ease, (s: number) => number>>} */
const EASE = Object.freeze({
  linear: (s) => s,
  ease_in: (s) => s * s,
  ease_out: (s) => 1 - (1 - s) * (1 - s),
  ease_in_out: (s) => s * s * (3 - 2 * s),
  constant: (s) => s, // the jumps happen in u
});

/** @type {Readonly<Record<Ease, (s: number) => number>>} */
const EASE_INVERSE = Object.freeze({
  linear: (s) => s,
  ease_in: (s) => Math.sqrt(s),
  ease_out: (s) => 1 - Math.sqrt(1 - s),
  ease_in_out: (s) => 0.5 - Math.sin(Math.asin(1 - 2 * s) / 3), // the root in 0..1 of 3r^2 - 2r^3 = s
  constant: (s) => s,
});

/**
 * A track at `frames` instants spread evenly over the clip, whether it is enabled or not.
 * @param {Readonly<Track>} track
 * @param {number} frames 2 or more
 * @param {number} width of the picture in pixels
 * @param {number} height
 * @returns {Samples} positions inside [0, width - 1] x [0, height - 1]
 */
export function sampleTrack(track, frames, width, height) {
  const samples = { x: new Float64Array(frames), y: new Float64Array(frames), visible: new Uint8Array(frames) };
  const position = positionFunction(track, width, height);
  for (let i = 0; i < frames; i += 1) {
    const fraction = i / (frames - 1);
    const { x, y } = position(fraction);
    samples.x[i] = intoPicture(x, width);
    samples.y[i] = intoPicture(y, height);
    samples.visible[i] = isVisible(track, fraction) ? 1 : 0;
  }
  return samples;
}

/**
 * The fractions of the clip at which the control points are first reached; multiplied by (frames - 1), the frames.
 * @param {Readonly<Track>} track
 * @param {number} width of the picture in pixels, which arc_length measures
 * @param {number} height
 * @returns {Float64Array} one for each point
 */
export function pointTimes(track, width, height) {
  const own = pointProgress(track, width, height);
  return own.map((s) => timeOf(track, EASE_INVERSE[track.ease](s)));
}

/**
 * The progress (s after easing, 0..1) at each control point: the `t` that keeps the speed.
 * @param {Readonly<Track>} track
 * @param {number} width
 * @param {number} height
 * @returns {Float64Array} one for each point
 */
export function pointProgress(track, width, height) {
  const count = track.points.length;
  if (count === 1) return new Float64Array(1);
  if (track.timing === 'keys') return timesOf(track).subarray(0, count);
  const last = track.loop ? segments(track) : count - 1;
  const evenly = Float64Array.from({ length: count }, (_, k) => k / last);
  if (track.timing === 'points') return evenly;
  const lengths = curveLength(fitCurve(track, width, height), STEPS);
  const total = lengths[lengths.length - 1];
  return total === 0 ? evenly : evenly.map((_, k) => lengths[k * STEPS] / total);
}

/**
 * The `t` with which a control point is reached at a fraction of the clip.
 * @param {Readonly<Track>} track
 * @param {number} fraction
 * @returns {number} 0..1
 */
export function keyTimeAt(track, fraction) {
  const s = EASE[track.ease](wayAt(track, fraction));
  return segments(track) < track.points.length ? s : Math.min(s / (1 - BACK), 1);
}

/** Progress from one key to the next at a fraction of the time between them. @param {Ease} ease @param {number} s */
export function eased(ease, s) {
  return ease === 'constant' ? 0 : EASE[ease](s);
}

/**
 * Maps a fraction of the clip to the position in pixels, neither rounded nor clamped.
 * @param {Readonly<Track>} track
 * @param {number} width
 * @param {number} height
 * @returns {(fraction: number) => {x: number, y: number}}
 */
export function positionFunction(track, width, height) {
  const { sway } = track;
  const along = wayFunction(track, width, height);
  if (!sway) return along;
  return (fraction) => {
    const [{ x, y }, by] = [along(fraction), swung(sway, ownTime(track, fraction), width, height)];
    return { x: x + by.x, y: y + by.y };
  };
}

/** Whether a track holds one point still. @param {Pick<Track, 'points' | 'sway'>} track */
export const isAnchor = ({ points, sway }) => points.length === 1 && !sway;

/** As `positionFunction`, before a track sways. */
/** @param {Readonly<Track>} track @param {number} width @param {number} height @returns {(fraction: number) => XY} */
function wayFunction(track, width, height) {
  if (track.points.length === 1) {
    const [{ x, y }] = track.points;
    return (fraction) => {
      const drift = isAnchor(track) ? DRIFT * ownTime(track, fraction) : 0; // linear in time, whatever timing and ease
      return { x: x * width + drift, y: y * height + drift };
    };
  }
  const fitted = fitCurve(track, width, height);
  const parameter = parameterOf(track, fitted);
  return (fraction) => {
    const s = EASE[track.ease](wayAt(track, fraction));
    const u = track.ease === 'constant' ? Math.floor(parameter(s) + REACHED) : parameter(s);
    return { x: evaluate(fitted[0], u), y: evaluate(fitted[1], u) };
  };
}

/**
 * The fraction of the time from start to end at a fraction of the clip.
 * @param {{readonly start: number, readonly end: number}} span
 * @param {number} fraction of the clip
 */
export function ownTime({ start, end }, fraction) {
  return (Math.min(Math.max(fraction, start), end) - start) / (end - start);
}

/**
 * The same; of what repeats, the fraction of one way, or of one way around.
 * @param {Timed} item
 * @param {number} fraction of the clip
 */
export function wayAt(item, fraction) {
  const own = ownTime(item, fraction);
  return item.loop ? progress(item.loop, own) : own;
}

/** The fraction of the clip at which a fraction of the first way is reached. @param {Timed} item @param {number} way */
export function timeOf({ start, end, loop }, way) {
  return start + (loop ? firstTime(loop, way) : way) * (end - start);
}

/**
 * Maps s to the index parameter u.
 * @param {Readonly<Track>} track of two points or more
 * @param {readonly [Coefficients, Coefficients]} fitted
 * @returns {(s: number) => number}
 */
function parameterOf(track, fitted) {
  const last = fitted[0].length / 4;
  if (track.timing === 'keys') {
    const times = timesOf(track);
    const index = times.map((_, k) => k);
    return (s) => interpolate(s, times, index);
  }
  if (track.timing === 'arc_length') {
    const lengths = curveLength(fitted, STEPS);
    const total = lengths[lengths.length - 1];
    const table = lengths.map((_, i) => i / STEPS);
    if (total !== 0) return (s) => interpolate(s * total, lengths, table);
  }
  return (s) => s * last;
}

/**
 * @param {number} value in pixels
 * @param {number} side
 */
function intoPicture(value, side) {
  return Math.min(Math.max(roundHalfEven(value * PIXEL_DIGITS) / PIXEL_DIGITS, 0), side - 1);
}

/**
 * @param {{readonly visible: readonly Interval[]}} item a track or an object
 * @param {number} fraction
 */
export function isVisible({ visible }, fraction) {
  return visible.some(([from, to]) => from - INSTANT <= fraction && fraction <= to + INSTANT);
}

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

/** One coordinate of a spline without handles, through two numbers or more. */
/** @param {Exclude<Spline, 'bezier'>} spline @param {Float64Array} control @returns {Coefficients} */
export function fitSpline(spline, control) {
  if (spline === 'linear') return linear(control);
  const slopes = spline === 'pchip' ? pchipSlopes(control) : catmullRomSlopes(control);
  return hermite(control, slopes, slopes);
}

/** The value of a curve at u, from 0 to its segments. @param {Coefficients} coefficients @param {number} u */
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
function curveLength([x, y], steps) {
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

/** @param {Float64Array} control @returns {Coefficients} */
function linear(control) {
  const coefficients = new Float64Array(4 * (control.length - 1));
  for (let k = 0; k + 1 < control.length; k += 1) {
    coefficients.set([0, 0, control[k + 1] - control[k], control[k]], 4 * k);
  }
  return coefficients;
}

/**
 * Cubic Hermite segments, from the slopes at each point on the way out and on the way in.
 * @param {Float64Array} control
 * @param {Float64Array} leaving
 * @param {Float64Array} arriving
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

/** As `keyTimes`, one for each end of a segment. @param {Readonly<Track>} track */
const timesOf = (track) => (track.loop ? timesAround(track, keyTimes(track.points)) : keyTimes(track.points));

/**
 * Index of the first point whose time is not later than that of the point before it; -1 if all times rise.
 * @param {readonly Readonly<Point>[]} points
 */
export function firstNotRising(points) {
  if (points.length < 2) return -1;
  const times = keyTimes(points);
  return times.findIndex((t, k) => k > 0 && !(t > times[k - 1]));
}

/** Linear interpolation between points, constant outside, like numpy's interp; of equal xs the last wins. */
/** @param {number} x @param {Float64Array} xs @param {Float64Array} ys */
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

/** Rounded to a whole number, half to even, as Python's round(). @param {number} value */
export function roundHalfEven(value) {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
