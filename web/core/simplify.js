/**
 * Turns a freehand stroke into a track of few points. It is smoothed first; then evenly spaced points are taken, which
 * suit splines parametrised by index, as many as needed to keep the curve within a tolerance of the stroke; and those
 * are removed that are not needed.
 */

import { nearestFraction } from './geometry.js';
import { evaluate, fitSpline } from './sampling.js';
import { smoothings } from './smooth.js';

/** @import {Coefficients} from './sampling.js' */
/** @import {XY} from './types.js' */

/** A spline without handles. @typedef {'pchip' | 'linear' | 'catmull_rom'} Through */

const SAME = 1e-6; // pixels: closer places count as one
const MORE = 1.2; // growth factor of the number of pieces (at least one more) while the curve is too far off
const PIECES = 12; // straight pieces per segment for comparison
const REACH = 2; // segments affected on either side of a point: its own and its neighbours' slopes

/**
 * The points of a stroke that make a track.
 * @param {readonly XY[]} stroke in pixels
 * @param {number} tolerance largest distance, in pixels, between the stroke and the track's curve
 * @param {Through} [spline] of the track
 * @returns {number[]} the indices of the points to keep, rising: the first, the last (or the first of equal ones at the
 *     end), and those between; one index for a stroke of one place
 */
export function simplify(stroke, tolerance, spline = 'pchip') {
  const given = withoutDoubles(stroke);
  if (given.length < 3) return given;
  const line = given.map((index) => stroke[index]);
  return prune(line, refine(line, tolerance, spline), tolerance, spline).map((k) => given[k]);
}

/**
 * Indices of the places that differ from the one before.
 * @param {readonly XY[]} stroke
 */
function withoutDoubles(stroke) {
  /** @type {number[]} */
  const kept = [];
  stroke.forEach((p, k) => {
    const before = stroke[kept[kept.length - 1]];
    if (!before || Math.hypot(p.x - before.x, p.y - before.y) > SAME) kept.push(k);
  });
  return kept;
}

/**
 * Length of the stroke up to each of its places.
 * @param {readonly XY[]} line
 */
function lengths(line) {
  const length = new Float64Array(line.length);
  for (let k = 1; k < line.length; k += 1) {
    length[k] = length[k - 1] + Math.hypot(line[k].x - line[k - 1].x, line[k].y - line[k - 1].y);
  }
  return length;
}

/**
 * Index of the first place at or after this length, or the last one.
 * @param {Float64Array} length
 * @param {number} value
 */
function firstAt(length, value) {
  let [low, high] = [0, length.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (length[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Takes more and more evenly spaced places, until the curve through them is within the tolerance everywhere. This ends,
 * because the last attempt keeps all places.
 * @param {readonly XY[]} line
 * @param {number} tolerance
 * @param {Through} spline
 */
function refine(line, tolerance, spline) {
  const length = lengths(line);
  for (let count = 1; count < line.length - 1; count = Math.max(count + 1, Math.ceil(count * MORE))) {
    const kept = evenly(length, count);
    const through = curveThrough(line, kept, spline);
    if (kept.slice(1).every((_, k) => strayOf(line, kept, k, through, k) <= tolerance)) return kept;
  }
  return line.map((_, k) => k);
}

/**
 * The places that cut the stroke into `count` pieces of about the same length.
 * @param {Float64Array} length
 * @param {number} count
 * @returns {number[]}
 */
function evenly(length, count) {
  const last = length.length - 1;
  const kept = Array.from({ length: count + 1 }, (_, k) => firstAt(length, (length[last] * k) / count));
  return kept.filter((index, k) => k === 0 || index > kept[k - 1]);
}

/**
 * Removes, one by one, points without which the curve is still within the tolerance.
 * @param {readonly XY[]} line
 * @param {number[]} first
 * @param {number} tolerance
 * @param {Through} spline
 */
function prune(line, first, tolerance, spline) {
  const kept = [...first];
  for (let k = 1; k + 1 < kept.length;) {
    const [index] = kept.splice(k, 1);
    if (holdsAround(line, kept, k, tolerance, spline)) continue;
    kept.splice(k, 0, index);
    k += 1;
  }
  return kept;
}

/**
 * Whether the segments around `k` stay within the tolerance.
 * @param {readonly XY[]} line
 * @param {readonly number[]} kept
 * @param {number} k index in `kept` of the point after the removed one
 * @param {number} tolerance
 * @param {Through} spline
 */
function holdsAround(line, kept, k, tolerance, spline) {
  // Two more points on either side than are compared, for correct slopes at the first and the last of these.
  const from = Math.max(0, k - 1 - 2 * REACH);
  const part = kept.slice(from, k + 1 + 2 * REACH);
  const through = curveThrough(line, part, spline);
  const last = Math.min(k - 1 + REACH, kept.length - 2);
  for (let segment = Math.max(0, k - 1 - REACH); segment <= last; segment += 1) {
    if (strayOf(line, kept, segment, through, segment - from) > tolerance) return false;
  }
  return true;
}

/**
 * @param {readonly XY[]} line
 * @param {readonly number[]} kept
 * @param {Through} spline
 */
function curveThrough(line, kept, spline) {
  return {
    x: fitSpline(
      spline,
      Float64Array.from(kept, (index) => line[index].x),
    ),
    y: fitSpline(
      spline,
      Float64Array.from(kept, (index) => line[index].y),
    ),
  };
}

/**
 * The distance between stroke and curve between two kept places, measured both ways: from each place to the curve, and
 * from the curve to the stroke, since a loop of the curve could pass through all places.
 * @param {readonly XY[]} line
 * @param {readonly number[]} kept
 * @param {number} k segment between kept[k] and kept[k + 1]
 * @param {{x: Coefficients, y: Coefficients}} through
 * @param {number} u where that segment begins on `through`
 * @returns {number} the largest distance
 */
function strayOf(line, kept, k, through, u) {
  const [from, to] = [kept[k], kept[k + 1]];
  const piece = Array.from({ length: PIECES + 1 }, (_, i) => ({
    x: evaluate(through.x, u + i / PIECES),
    y: evaluate(through.y, u + i / PIECES),
  }));
  let farthest = 0;
  for (let index = from + 1; index < to; index += 1) {
    farthest = Math.max(farthest, toLine(line[index], piece, 0, PIECES));
  }
  for (const place of piece) farthest = Math.max(farthest, toLine(place, line, from, to));
  return farthest;
}

/**
 * Distance to a line segment.
 * @param {XY} p
 * @param {readonly XY[]} line
 * @param {number} from
 * @param {number} to
 */
function toLine(p, line, from, to) {
  let nearest = Infinity;
  for (let k = from; k < to; k += 1) {
    nearest = Math.min(nearest, toSegment(p, line[k].x, line[k].y, line[k + 1].x, line[k + 1].y));
  }
  return nearest;
}

/**
 * @param {XY} p
 * @param {number} ax
 * @param {number} ay
 * @param {number} bx
 * @param {number} by
 */
function toSegment(p, ax, ay, bx, by) {
  const d = nearestFraction(p.x, p.y, ax, ay, bx, by);
  return Math.hypot(ax + (bx - ax) * d - p.x, ay + (by - ay) * d - p.y);
}

const FEW = 12; // points; if more are needed, the stroke is smoothed more
const TOLERANCE = 1; // CSS pixels: largest distance of the curve from the smooth stroke

/**
 * The points of the track, with the spline "pchip", that follows a stroke.
 * @param {readonly XY[]} stroke in pixels of the clip
 * @param {number} px length of one CSS pixel (the unit of jitter) in pixels of the clip
 * @returns {XY[]} in pixels of the clip, from the first place of the stroke to its last one
 */
export function pointsOf(stroke, px) {
  const scaled = stroke.map(({ x, y }) => ({ x: x / px, y: y / px }));
  const places = scaled.filter((p, k) => k === 0 || p.x !== scaled[k - 1].x || p.y !== scaled[k - 1].y);
  let best = places;
  for (const line of smoothings(places)) {
    const points = simplify(line, TOLERANCE).map((index) => line[index]);
    if (best !== places && points.length >= best.length) break; // smoothing further removes no more points
    best = points;
    if (best.length <= FEW) break;
  }
  return best.map(({ x, y }) => ({ x: x * px, y: y * px }));
}
