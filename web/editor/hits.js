/** What lies under the pointer: the points, handles and curves of tracks. */

import { bounds, hitTest } from '../core/geometry.js';
import { pinHandleAt } from './objects/pin_handles.js';
import { lookOf } from './paint.js';

/** @import {Hit, Polyline, Rect, Shape, Track, XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Clip} from './host.js' */
/** @import {StageEvent} from './stage.js' */

const RADIUS = { mouse: { point: 9, curve: 7 }, touch: { point: 20, curve: 16 } }; // CSS pixels

/**
 * How far from a point or a curve a press still hits it, in pixels of the clip.
 * @param {Editor} editor
 * @param {boolean} touch
 */
export function radiusOf({ px }, touch) {
  const { point, curve } = touch ? RADIUS.touch : RADIUS.mouse;
  return { point: point * px, curve: curve * px };
}

/** All that lies under the pointer, what is selected first. @param {Editor} editor @param {StageEvent} event */
export function hitsAt(editor, { p, touch }) {
  const { session: { now }, clip } = editor;
  const chosen = new Set(now.tracks);
  const radius = radiusOf(editor, touch);
  const others = nearby(now.doc.tracks, clip, p, radius.point).filter((track) => !chosen.has(track));
  return [
    ...hitTest(now.tracks.map((track) => shapeOf(track, clip, true)), p, radius),
    ...hitTest(others.map((track) => shapeOf(track, clip, false)), p, radius),
  ];
}

/** What a press there grabs. @param {Editor} editor @param {StageEvent} event @returns {Hit | undefined} */
export const hitAt = (editor, event) => pinHandleAt(editor, event) ?? hitsAt(editor, event)[0];

/** @type {WeakMap<Polyline, Rect>} */
const known = new WeakMap();

/** Around points and curve. @param {Readonly<Track>} track @param {Clip} clip @returns {Rect} */
function boundsOf(track, clip) {
  const { points, curve } = lookOf(track, clip);
  const box = known.get(curve) ?? /** @type {Rect} */ (bounds(places(curve, points)));
  known.set(curve, box);
  return box;
}

/** @param {Polyline} line @param {XY[]} points */
function* places(line, points) {
  yield* points;
  for (let i = 0; i < line.x.length; i += 1) yield { x: line.x[i], y: line.y[i] };
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
function nearby(tracks, clip, p, radius) {
  return tracks.filter((track) => {
    const box = boundsOf(track, clip);
    return p.x >= box.x - radius && p.x <= box.x + box.width + radius
      && p.y >= box.y - radius && p.y <= box.y + box.height + radius;
  });
}

/** @param {Hit | undefined} a @param {Hit | undefined} b */
export function sameHit(a, b) {
  return a?.id === b?.id && a?.kind === b?.kind && a?.index === b?.index && a?.side === b?.side;
}
