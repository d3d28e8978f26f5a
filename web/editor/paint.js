/**
 * Draws tracks on a canvas. The contexts' unit is the clip's pixel; `px` is the length of one CSS pixel in it. The look
 * of a track is computed once: tracks are immutable, so it stays valid.
 */

import { evaluate, fitCurve, sampleTrack } from '../core/sampling.js';

/** @import {Hit, Polyline, Samples, Track, XY} from '../core/types.js' */
/** @import {Clip} from './host.js' */

export const DARK = 'rgba(0, 0, 0, 0.6)'; // around every line, for visibility on light pictures
export const LIGHT = '#fff';
const CASING = 'rgba(255, 255, 255, 0.85)'; // between line and DARK, for pictures of the line's colour
const POINT = 4.5; // CSS pixels, radius of a control point
export const DISABLED = 0.35; // opacity
const TURN = 2 * Math.PI;
const PER_SEGMENT = 12; // straight pieces
const ARROW_LENGTH = 3; // pixels of the clip: the arrow points along at least this much of the end of the curve

/**
 * @typedef {object} Look
 * @property {Clip} clip
 * @property {XY[]} points control points in pixels of the clip
 * @property {Polyline} curve
 * @property {Path2D} path the curve
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
  const along = curve(track, width, height, PER_SEGMENT);
  const samples = sampleTrack(track, frames, width, height);
  const look = {
    clip: { ...clip },
    points,
    curve: along,
    path: curvePath(along),
    samples,
    dots: dotsOf(samples, 1),
    hiddenDots: dotsOf(samples, 0),
    heading: headingOf(along),
  };
  looks.set(track, look);
  return look;
}

/**
 * The curve to draw, not clamped. A single-point track gives just that point.
 * @param {Readonly<Track>} track
 * @param {number} width
 * @param {number} height
 * @param {number} [perSegment] straight pieces for each segment
 * @returns {Polyline} with perSegment * segments + 1 places
 */
export function curve(track, width, height, perSegment = 16) {
  const fitted = track.points.length > 1 ? fitCurve(track, width, height) : null;
  const pieces = fitted ? (perSegment * fitted[0].length) / 4 : 0;
  const places = { x: new Float64Array(pieces + 1), y: new Float64Array(pieces + 1), u: new Float64Array(pieces + 1) };
  if (!fitted) {
    places.x[0] = track.points[0].x * width;
    places.y[0] = track.points[0].y * height;
    return places;
  }
  const [x, y] = fitted;
  for (let i = 0; i <= pieces; i += 1) {
    const u = i / perSegment;
    places.u[i] = u;
    places.x[i] = evaluate(x, u);
    places.y[i] = evaluate(y, u);
  }
  return places;
}

/** @param {Clip} a @param {Clip} b */
const same = (a, b) => a.width === b.width && a.height === b.height && a.frames === b.frames;

/** @param {Polyline} line */
function curvePath({ x, y }) {
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
 * The path of a track with its frames, without control points.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<Track>} track
 * @param {Clip} clip
 * @param {number} px
 * @param {boolean} emphasis whether it is selected
 * @param {boolean} [faint] whether what it bends is elsewhere in the frame that is shown
 */
export function paintTrack(context, track, clip, px, emphasis, faint = false) {
  const look = lookOf(track, clip);
  context.globalAlpha = track.enabled && !faint ? 1 : DISABLED;
  context.lineJoin = 'round';
  context.lineCap = 'round';
  if (track.points.length === 1) {
    paintPin(context, look.points[0], track.color, px, emphasis);
  } else {
    context.setLineDash(track.enabled ? [] : [5 * px, 5 * px]);
    const width = emphasis ? 3 : 2;
    line(context, look.path, DARK, (width + 3) * px);
    line(context, look.path, CASING, (width + 1.4) * px);
    line(context, look.path, track.color, width * px);
    context.setLineDash([]);
    line(context, look.hiddenDots, DARK, (width + 1.5) * px);
    line(context, look.dots, DARK, (width + 3) * px);
    line(context, look.dots, LIGHT, (width + 1) * px);
    paintArrow(context, look.points[look.points.length - 1], look.heading, track.color, px, emphasis ? POINT + 1 : 0);
  }
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} color @param {number} width */
export function line(context, path, color, width) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke(path);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {number} heading
 * @param {string} color
 * @param {number} px
 * @param {number} gap CSS pixels left free around the last control point
 */
function paintArrow(context, at, heading, color, px, gap) {
  context.save();
  context.translate(at.x, at.y);
  context.rotate(heading);
  context.scale(px, px);
  context.translate(gap, 0);
  context.beginPath();
  context.moveTo(11, 0);
  context.lineTo(0, 5.5);
  context.lineTo(2.5, 0);
  context.lineTo(0, -5.5);
  context.closePath();
  for (const [style, width] of /** @type {[string, number][]} */ ([[DARK, 4], [CASING, 2]])) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
  context.fillStyle = color;
  context.fill();
  context.restore();
}

/**
 * An anchor.
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {string} color
 * @param {number} px
 * @param {boolean} emphasis
 */
function paintPin(context, at, color, px, emphasis) {
  context.save();
  context.translate(at.x, at.y);
  context.scale(px, px);
  const ring = new Path2D();
  ring.arc(0, 0, emphasis ? 8 : 7, 0, TURN);
  for (const [x, y] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    ring.moveTo(4 * x, 4 * y);
    ring.lineTo(11 * x, 11 * y);
  }
  line(context, ring, DARK, 5.5);
  line(context, ring, CASING, 3.8);
  line(context, ring, color, 2);
  disc(context, 0, 0, 2.5, emphasis ? LIGHT : color, DARK, 1);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} fill
 * @param {string} stroke
 * @param {number} width
 */
function disc(context, x, y, radius, fill, stroke, width) {
  context.beginPath();
  context.arc(x, y, radius, 0, TURN);
  context.fillStyle = fill;
  context.fill();
  context.strokeStyle = stroke;
  context.lineWidth = width;
  context.stroke();
}

/**
 * Control points, and the handles of a bezier curve.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<Track>} track
 * @param {Clip} clip
 * @param {number} px
 * @param {ReadonlySet<number>} chosen indices of selected points
 */
export function paintPoints(context, track, clip, px, chosen) {
  const { points } = lookOf(track, clip);
  if (track.spline === 'bezier' && track.points.length > 1) paintHandles(context, track, points, clip, px);
  points.forEach((p, k) => {
    const selected = chosen.has(k);
    const [fill, stroke] = selected ? [track.color, LIGHT] : [LIGHT, track.color];
    disc(context, p.x, p.y, (selected ? POINT + 1 : POINT) * px, DARK, DARK, 2 * px);
    disc(context, p.x, p.y, (selected ? POINT + 0.5 : POINT - 0.5) * px, fill, stroke, 2 * px);
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<Track>} track
 * @param {XY[]} points its control points in pixels of the clip
 * @param {Clip} clip
 * @param {number} px
 */
function paintHandles(context, track, points, clip, px) {
  track.points.forEach((point, k) => {
    for (const offset of [point.in, point.out]) {
      if (!offset) continue;
      const end = { x: points[k].x + offset.x * clip.width, y: points[k].y + offset.y * clip.height };
      const stem = new Path2D();
      stem.moveTo(points[k].x, points[k].y);
      stem.lineTo(end.x, end.y);
      line(context, stem, DARK, 3 * px);
      line(context, stem, LIGHT, px);
      disc(context, end.x, end.y, 3.5 * px, track.color, LIGHT, 1.5 * px);
    }
  });
}

/**
 * The marker of a track's position during playback.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<Track>} track
 * @param {XY} at
 * @param {boolean} visible
 * @param {number} px
 */
export function paintMarker(context, track, at, visible, px) {
  disc(context, at.x, at.y, 6.5 * px, visible ? track.color : 'transparent', DARK, 4 * px);
  disc(context, at.x, at.y, 6.5 * px, visible ? track.color : 'transparent', LIGHT, 2 * px);
}

/**
 * The marker's position: linear between two frames, since the video has nothing between them.
 * @param {Readonly<Track>} track
 * @param {number} fraction of the clip
 * @param {Clip} clip
 */
export function markerPosition(track, fraction, clip) {
  const { x, y, visible } = lookOf(track, clip).samples;
  const at = fraction * (clip.frames - 1);
  const k = Math.min(Math.floor(at), clip.frames - 2);
  const part = at - k;
  const between = (/** @type {Float64Array} */ values) => values[k] + part * (values[k + 1] - values[k]);
  return { x: between(x), y: between(y), visible: visible[Math.round(at)] === 1 };
}

/**
 * Highlights what the pointer is over.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<Track>} track
 * @param {Hit} hit
 * @param {Clip} clip
 * @param {number} px
 * @param {boolean} inserts whether a click would insert a point there
 */
export function paintHover(context, track, hit, clip, px, inserts) {
  const look = lookOf(track, clip);
  context.globalAlpha = 0.55;
  context.lineCap = 'round';
  line(context, look.path, LIGHT, 1.5 * px);
  context.globalAlpha = 1;
  if (hit.kind === 'curve' && !inserts) return;
  context.beginPath();
  context.arc(hit.x, hit.y, 8 * px, 0, TURN);
  context.strokeStyle = LIGHT;
  context.lineWidth = 1.5 * px;
  context.stroke();
  if (!inserts) return;
  disc(context, hit.x, hit.y, 4 * px, LIGHT, track.color, 2 * px);
}

/**
 * The outline of an area, light and dark, for visibility on any picture.
 * @param {CanvasRenderingContext2D} context
 * @param {readonly XY[]} outline
 * @param {boolean} closed
 * @param {number} px
 */
export function paintArea(context, outline, closed, px) {
  const path = new Path2D();
  outline.forEach(({ x, y }, k) => (k === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  if (closed) path.closePath();
  context.fillStyle = 'rgba(255, 255, 255, 0.18)';
  context.fill(path, 'evenodd');
  context.lineJoin = 'round';
  line(context, path, DARK, 3.5 * px);
  context.setLineDash(closed ? [6 * px, 4 * px] : []);
  line(context, path, LIGHT, 1.5 * px);
  context.setLineDash([]);
}

/** A cross in a circle. @param {CanvasRenderingContext2D} context @param {XY} at @param {number} px */
export function paintCross(context, { x, y }, px) {
  const path = new Path2D();
  path.arc(x, y, 7 * px, 0, 2 * Math.PI);
  for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) {
    path.moveTo(x + 3 * dx * px, y + 3 * dy * px);
    path.lineTo(x + 11 * dx * px, y + 11 * dy * px);
  }
  line(context, path, DARK, 3.5 * px);
  line(context, path, LIGHT, 1.5 * px);
}

/**
 * A dotted line, such as from the last point to the pointer.
 * @param {CanvasRenderingContext2D} context
 * @param {XY} from
 * @param {XY} to
 * @param {string} color
 * @param {number} px
 */
export function paintRubber(context, from, to, color, px) {
  const path = new Path2D();
  path.moveTo(from.x, from.y);
  path.lineTo(to.x, to.y);
  context.lineCap = 'round';
  line(context, path, DARK, 4 * px);
  line(context, path, CASING, 2.5 * px);
  context.setLineDash([4 * px, 5 * px]);
  line(context, path, color, 2.5 * px);
  context.setLineDash([]);
}
