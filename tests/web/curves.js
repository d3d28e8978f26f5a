/** Curves and their distances, for the tests of geometry and simplification. */

import { addTracks, emptyDoc } from '../../web/core/document.js';
import { curve } from '../../web/editor/paint.js';

/** @import {Polyline, XY} from '../../web/core/types.js' */

/**
 * @param {readonly XY[]} points in pixels
 * @param {'pchip' | 'linear' | 'catmull_rom'} spline
 * @param {number} [perSegment]
 */
export function curveThrough(points, spline, perSegment) {
  const fractions = points.map(({ x, y }) => ({ x: x / 1000, y: y / 1000 }));
  return curve(addTracks(emptyDoc(), [{ points: fractions, spline }]).doc.tracks[0], 1000, 1000, perSegment);
}

/**
 * @param {XY} p
 * @param {XY} a
 * @param {XY} b the segment's other end
 */
export function distanceToSegment(p, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const squared = dx * dx + dy * dy;
  const d = squared === 0 ? 0 : Math.min(Math.max(((p.x - a.x) * dx + (p.y - a.y) * dy) / squared, 0), 1);
  return Math.hypot(a.x + dx * d - p.x, a.y + dy * d - p.y);
}

/**
 * Largest distance of the places of `points` from `line`, by brute force.
 * @param {readonly XY[]} points
 * @param {readonly XY[]} line
 */
export function farthest(points, line) {
  return Math.max(...points.map((p) => Math.min(...line.slice(1).map((b, k) => distanceToSegment(p, line[k], b)))));
}

/** @param {Polyline} polyline @returns {XY[]} */
export const places = ({ x, y }) => Array.from(x, (_, i) => ({ x: x[i], y: y[i] }));
