/** Shapes of tracks on the canvas, computed once per track: tracks are immutable, so a shape stays valid. */

import { curve, sampleTrack } from '../core/sampling.js';
import { bounds } from '../core/geometry.js';

/** @import {Hit, Polyline, Rect, Samples, Shape, Track, XY} from '../core/types.js' */
/** @import {Clip} from './host.js' */

const PER_SEGMENT = 12; // straight pieces
const ARROW_LENGTH = 3; // pixels of the clip: the arrow points along at least this much of the end of the curve

/**
 * @typedef {object} Look
 * @property {Clip} clip
 * @property {XY[]} points control points in pixels of the clip
 * @property {Polyline} curve
 * @property {Path2D} path the curve
 * @property {Rect} bounds of points and curve
 * @property {Samples} samples at the frames
 * @property {Path2D} dots the visible frames, as points to stroke with round caps
 * @property {Path2D} hiddenDots the hidden frames
 * @property {number} heading direction at the end, radians
 */

/** @type {WeakMap<Readonly<Track>, Look>} */
const looks = new WeakMap();

/**
 * A track's look in a clip.
 * @param {Readonly<Track>} track
 * @param {Clip} clip
 * @returns {Look}
 */
export function lookOf(track, clip) {
  const known = looks.get(track);
  if (known && same(known.clip, clip)) return known;
  const { width, height, frames } = clip;
  const points = track.points.map(({ x, y }) => ({ x: x * width, y: y * height }));
  const line = curve(track, width, height, PER_SEGMENT);
  const samples = sampleTrack(track, frames, width, height);
  const look = {
    clip: { ...clip },
    points,
    curve: line,
    path: pathOf(line),
    bounds: /** @type {Rect} */ (bounds(places(line, points))),
    samples,
    dots: dotsOf(samples, 1),
    hiddenDots: dotsOf(samples, 0),
    heading: headingOf(line),
  };
  looks.set(track, look);
  return look;
}

/** @param {Clip} a @param {Clip} b */
const same = (a, b) => a.width === b.width && a.height === b.height && a.frames === b.frames;

/** @param {Polyline} line @param {XY[]} points */
function* places(line, points) {
  yield* points;
  for (let i = 0; i < line.x.length; i += 1) yield { x: line.x[i], y: line.y[i] };
}

/** @param {Polyline} line */
function pathOf({ x, y }) {
  const path = new Path2D();
  path.moveTo(x[0], y[0]);
  for (let i = 1; i < x.length; i += 1) path.lineTo(x[i], y[i]);
  return path;
}

/** @param {Samples} samples @param {number} visible */
function dotsOf(samples, visible) {
  const path = new Path2D();
  for (let i = 0; i < samples.x.length; i += 1) {
    if (samples.visible[i] !== visible) continue;
    path.moveTo(samples.x[i], samples.y[i]);
    path.lineTo(samples.x[i] + 1e-3, samples.y[i]); // zero-length lines are not drawn
  }
  return path;
}

/** @param {Polyline} line */
function headingOf({ x, y }) {
  const last = x.length - 1;
  let from = last;
  while (from > 0 && Math.hypot(x[last] - x[from], y[last] - y[from]) < ARROW_LENGTH) from -= 1;
  return Math.atan2(y[last] - y[from], x[last] - x[from]);
}

/**
 * A track for `hitTest`, in pixels of the clip.
 * @param {Readonly<Track>} track
 * @param {Clip} clip
 * @param {boolean} handles with its handles, as a selected track shows them
 * @returns {Shape}
 */
export function shapeOf(track, clip, handles) {
  const { points, curve: line } = lookOf(track, clip);
  const shape = { id: track.id, points, curve: line };
  if (!handles || track.spline !== 'bezier') return shape;
  const at = (/** @type {'in' | 'out'} */ side) => track.points.map((point, k) => {
    const offset = point[side];
    return offset && { x: points[k].x + offset.x * clip.width, y: points[k].y + offset.y * clip.height };
  });
  return { ...shape, handlesIn: at('in'), handlesOut: at('out') };
}

/**
 * The tracks near a point.
 * @param {readonly Readonly<Track>[]} tracks
 * @param {Clip} clip
 * @param {XY} p pixels of the clip
 * @param {number} radius
 */
export function nearby(tracks, clip, p, radius) {
  return tracks.filter((track) => {
    const box = lookOf(track, clip).bounds;
    return p.x >= box.x - radius && p.x <= box.x + box.width + radius
      && p.y >= box.y - radius && p.y <= box.y + box.height + radius;
  });
}

/** @param {Hit | undefined} a @param {Hit | undefined} b */
export function sameHit(a, b) {
  return a?.id === b?.id && a?.kind === b?.kind && a?.index === b?.index && a?.side === b?.side;
}
