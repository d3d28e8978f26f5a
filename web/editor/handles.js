/** The handles of Bezier curves. */

import { updatePoints } from '../core/document.js';

/** @import {Doc, Hit, Point, PointRef, Size, Track, XY} from '../core/types.js' */

/** @typedef {PointRef & {changes: Partial<Readonly<Point>>}} Update */

/**
 * Gives tracks without handles those of a smooth curve through their points, so that there is something to drag.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @returns {Readonly<Doc>}
 */
export function withRoundHandles(doc, ids) {
  const bare = doc.tracks.filter((track) => ids.includes(track.id) && track.points.length > 1
    && track.points.every((point) => !point.in && !point.out));
  return updatePoints(doc, bare.flatMap(roundHandles));
}

/** @param {Readonly<Track>} track @returns {Update[]} */
function roundHandles({ id, points }) {
  const last = points.length - 1;
  return points.map((_, index) => {
    const before = points[Math.max(0, index - 1)];
    const after = points[Math.min(last, index + 1)];
    const reach = index === 0 || index === last ? 3 : 6;
    const out = { x: (after.x - before.x) / reach, y: (after.y - before.y) / reach };
    /** @type {Partial<Point>} */
    const changes = {};
    if (index < last) changes.out = out;
    if (index > 0) changes.in = { x: -out.x, y: -out.y };
    return { id, index, changes };
  });
}

/**
 * Drags a handle to another place.
 * @param {Readonly<Doc>} doc
 * @param {Hit} hit
 * @param {XY} to pixels of the clip
 * @param {Size} clip
 * @param {boolean} smooth the opposite handle keeps its length and turns to the opposite direction
 * @returns {Update | null}
 */
export function movedHandle(doc, { id, index, side }, to, clip, smooth) {
  const point = doc.tracks.find((track) => track.id === id)?.points[index];
  if (!point || !side) return null;
  const offset = { x: to.x / clip.width - point.x, y: to.y / clip.height - point.y };
  const otherSide = side === 'in' ? 'out' : 'in';
  const other = point[otherSide];
  /** @type {Partial<Point>} */
  const changes = { [side]: offset };
  if (smooth && other) changes[otherSide] = opposite(offset, other, clip);
  return { id, index, changes };
}

/** @param {XY} offset @param {XY} other @param {Size} clip directions are in pixel space @returns {XY} */
function opposite(offset, other, { width, height }) {
  const length = Math.hypot(offset.x * width, offset.y * height);
  if (length < 1e-6) return other;
  const ratio = Math.hypot(other.x * width, other.y * height) / length;
  return { x: -offset.x * ratio, y: -offset.y * ratio };
}
