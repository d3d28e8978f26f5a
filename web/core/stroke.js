/** Turns a freehand stroke into the points of a track: smooths it, then fits a curve with few points. */

import { simplify } from './simplify.js';
import { smoothings } from './smooth.js';

/** @import {XY} from './types.js' */

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
