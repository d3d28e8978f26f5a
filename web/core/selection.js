/** Operations on a selection of whole tracks and of single points of others. */

import { makePoint } from './check.js';
import { coordinate } from './numbers.js';
import { removePoints, updatePoints } from './points.js';

/** @import {Doc, Point, PointRef, Rect, Selection} from './types.js' */

/**
 * Every selected control point, once each: those of whole tracks, and single ones.
 * @param {Readonly<Doc>} doc
 * @param {Selection} selection
 * @returns {PointRef[]} in the order of the Doc
 */
export function selectedPoints(doc, selection) {
  const whole = new Set(selection.tracks);
  /** @type {Map<string, Set<number>>} */
  const single = new Map();
  for (const { id, index } of selection.points) single.set(id, (single.get(id) ?? new Set()).add(index));
  return doc.tracks.flatMap(({ id, points }) => {
    const indices = single.get(id);
    return points.flatMap((_, index) => (whole.has(id) || indices?.has(index) ? [{ id, index }] : []));
  });
}

/**
 * The selection without anything missing from the Doc, such as after undo.
 * @param {Readonly<Doc>} doc
 * @param {Selection} selection
 * @returns {Selection}
 */
export function validSelection(doc, selection) {
  const there = new Set(doc.objects?.map(({ id }) => id));
  const objects = selection.objects?.filter((id) => there.has(id)) ?? [];
  if (objects.length > 0) {
    return objects.length === selection.objects?.length ? selection : { tracks: [], points: [], objects };
  }
  const counts = new Map(doc.tracks.map((track) => [track.id, track.points.length]));
  const tracks = selection.tracks.filter((id) => counts.has(id));
  const points = selection.points.filter(({ id, index }) => index < (counts.get(id) ?? 0));
  const all = tracks.length === selection.tracks.length && points.length === selection.points.length;
  return all && !selection.objects ? selection : { tracks, points };
}

/**
 * Moves the selection. Of a checked drawing nothing but coordinates changes, which stay in the format's range.
 * @param {Readonly<Doc>} doc
 * @param {Selection} selection
 * @param {number} dx fractions of the picture
 * @param {number} dy
 * @returns {Readonly<Doc>}
 */
export function moveSelection(doc, selection, dx, dy) {
  const single = new Set(selection.points.map(({ id, index }) => `${index} ${id}`));
  const tracks = doc.tracks.map((track) => {
    const whole = selection.tracks.includes(track.id);
    const points = track.points.map((point, k) => {
      if (!whole && !single.has(`${k} ${track.id}`)) return point;
      const [x, y] = [coordinate(point.x + dx), coordinate(point.y + dy)];
      return x === point.x && y === point.y ? point : Object.freeze({ ...point, x, y });
    });
    const rests = points.every((point, k) => point === track.points[k]);
    return rests ? track : Object.freeze({ ...track, points: Object.freeze(points) });
  });
  const rest = tracks.every((track, k) => track === doc.tracks[k]);
  return rest ? doc : Object.freeze({ ...doc, tracks: Object.freeze(tracks) });
}

/**
 * Maps the rectangle `from` to `to`, and the selected points and their handles with it. Along a side of `from` with
 * zero length they are only moved.
 * @param {Readonly<Doc>} doc
 * @param {Selection} selection
 * @param {Rect} from fractions of the picture
 * @param {Rect} to
 * @returns {Readonly<Doc>}
 */
export function scaleSelection(doc, selection, from, to) {
  const scaleX = from.width === 0 ? 1 : to.width / from.width;
  const scaleY = from.height === 0 ? 1 : to.height / from.height;
  return updateSelected(doc, selection, (point) => ({
    x: to.x + (point.x - from.x) * scaleX,
    y: to.y + (point.y - from.y) * scaleY,
    in: point.in && { x: point.in.x * scaleX, y: point.in.y * scaleY },
    out: point.out && { x: point.out.x * scaleX, y: point.out.y * scaleY },
  }));
}

/**
 * @param {Readonly<Doc>} doc
 * @param {Selection} selection
 * @returns {Readonly<Doc>}
 */
export function removeSelection(doc, selection) {
  return removePoints(doc, selectedPoints(doc, selection));
}

/**
 * @param {Readonly<Doc>} doc
 * @param {Selection} selection
 * @param {(point: Readonly<Point>) => Partial<Point>} change
 */
function updateSelected(doc, selection, change) {
  const tracks = new Map(doc.tracks.map((track) => [track.id, track]));
  const updates = selectedPoints(doc, selection).flatMap(({ id, index }) => {
    const point = tracks.get(id)?.points[index];
    return point ? [{ id, index, changes: makePoint({ ...point, ...change(point) }) }] : [];
  });
  return updatePoints(doc, updates);
}
