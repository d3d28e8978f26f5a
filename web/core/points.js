/** Operations on single control points; see document.js for the rules of all operations. */

import { makePoint } from './check.js';
import { explicit, mapTracks, rising, withPoints, withTracks } from './edit.js';
import { TrajectoryError } from './errors.js';
import { segments } from './repeating.js';
import { evaluate, firstNotRising, fitCurve } from './sampling.js';
import { tidy, within } from './numbers.js';

/** @import {Doc, Point, PointRef, Track, XY} from './types.js' */

/**
 * A changed point of a track, and its index there.
 * @typedef {{readonly index: number, readonly point: Readonly<Point>}} Changed
 */

const GAP = 1e-4; // least gap between the times of two points while dragging, as a fraction of the track's own time

/**
 * Inserts a point before the one at `index` (0: a new first one, n: a new last one). An anchor becomes a path. With
 * timing "keys", the point keeps its time if that lies between its neighbours' times; otherwise it gets their midpoint,
 * and for a new first or last point the times of all others are compressed.
 * @param {Readonly<Doc>} doc
 * @param {string} id
 * @param {number} index 0..n
 * @param {Readonly<Point>} point
 * @returns {Readonly<Doc>}
 */
export function insertPoint(doc, id, index, point) {
  return mapTracks(doc, [id], (track) => {
    const count = track.points.length;
    if (!Number.isInteger(index) || index < 0 || index > count) {
      throw new TrajectoryError('impossible');
    }
    /** @type {Readonly<Track>} */
    const path = { ...track, kind: 'path' };
    if (track.timing !== 'keys') return withPoints(path, inserted(track.points, index, point));
    return withPoints(path, insertedInTime(explicit(track.points), index, point));
  });
}

/**
 * Inserts a point on the curve, at the index parameter `u` from nearestOnCurve or a Hit; its index is floor(u) + 1. A
 * Bezier curve keeps its exact shape, and a track with timing "keys" its speed.
 * @param {Readonly<Doc>} doc
 * @param {string} id
 * @param {number} u 0..n-1
 * @returns {Readonly<Doc>}
 */
export function splitSegment(doc, id, u) {
  const track = doc.tracks.find((each) => each.id === id);
  if (!track || track.points.length < 2) return doc;
  const last = segments(track);
  if (!(u >= 0 && u <= last)) throw new TrajectoryError('impossible');
  const segment = Math.min(Math.floor(u), last - 1);
  const d = u - segment;
  if (segment === track.points.length - 1) return splitBack(doc, track, d);
  const split = track.spline === 'bezier' ? splitBezier(track.points, segment, d) : onCurve(track, segment + d);
  const [before, after] = explicit(track.points).slice(segment, segment + 2);
  const timed =
    track.timing === 'keys' ? { ...split.point, t: tidy(mix(before.t ?? 0, after.t ?? 1, d)) } : split.point;
  const parted = split.neighbours
    ? updatePoints(
        doc,
        split.neighbours.map((each) => ({ id, ...each })),
      )
    : doc;
  return insertPoint(parted, id, segment + 1, timed);
}

/**
 * Inserts a point on the way back of a closed path, at its end.
 * @param {Readonly<Doc>} doc
 * @param {Readonly<Track>} track
 * @param {number} d 0..1 on the way back
 */
function splitBack(doc, track, d) {
  const { id, points } = track;
  const last = points.length - 1;
  if (track.spline !== 'bezier') return insertPoint(doc, id, points.length, onCurve(track, last + d).point);
  const { point, neighbours } = splitBezier([...points, points[0]], last, d);
  const changed = neighbours.map(({ index, changes }) => ({ id, index: index % points.length, changes }));
  const parted = updatePoints(doc, changed);
  return insertPoint(parted, id, points.length, point);
}

/**
 * Changes single points. With timing "keys", a changed t stays between its neighbours', otherwise within 0..1.
 * @param {Readonly<Doc>} doc
 * @param {readonly (PointRef & {readonly changes: Partial<Readonly<Point>>})[]} updates undefined removes t, in or out
 * @returns {Readonly<Doc>}
 */
export function updatePoints(doc, updates) {
  const byTrack = grouped(updates);
  return mapTracks(doc, [...byTrack.keys()], (track) => {
    /** @type {Changed[]} */
    const changed = [];
    for (const { index, changes } of byTrack.get(track.id) ?? []) {
      const before = track.points[index];
      if (before) changed.push({ index, point: makePoint({ ...before, ...bounded(changes) }) });
    }
    if (changed.every(({ index, point }) => same(point, track.points[index]))) return track;
    const points = [...track.points];
    for (const { index, point } of changed) points[index] = point;
    if (track.timing !== 'keys') return { ...track, points };
    return { ...track, points: keptInOrder(track.points, points, changed) };
  });
}

/**
 * @param {Readonly<Doc>} doc
 * @param {readonly PointRef[]} refs a track without remaining points is removed, too
 * @returns {Readonly<Doc>}
 */
export function removePoints(doc, refs) {
  const byTrack = grouped(refs);
  /** @param {Readonly<Track>} track */
  const gone = (track) => new Set(byTrack.get(track.id)?.map(({ index }) => index));
  const emptied = new Set(
    doc.tracks.filter((track) => byTrack.has(track.id) && track.points.every((_, k) => gone(track).has(k))),
  );
  const rest = withTracks(
    doc,
    doc.tracks.filter((track) => !emptied.has(track)),
  );
  return mapTracks(rest, [...byTrack.keys()], (track) => {
    const indices = gone(track);
    const points = track.points.filter((_, k) => !indices.has(k));
    return points.length === track.points.length ? track : withPoints(track, points);
  });
}

/**
 * @template {PointRef} T
 * @param {readonly T[]} refs
 */
function grouped(refs) {
  /** @type {Map<string, T[]>} */
  const byTrack = new Map();
  for (const ref of refs) {
    const group = byTrack.get(ref.id);
    if (group) group.push(ref);
    else byTrack.set(ref.id, [ref]);
  }
  return byTrack;
}

/**
 * @param {Partial<Readonly<Point>>} changes
 * @returns {Partial<Readonly<Point>>} t within 0..1
 */
function bounded(changes) {
  if (changes.t === undefined) return changes;
  return { ...changes, t: tidy(within(changes.t, 0, 1)) };
}

/**
 * @param {Readonly<Point>} a
 * @param {Readonly<Point>} b
 */
function same(a, b) {
  return a.x === b.x && a.y === b.y && a.t === b.t && sameOffset(a.in, b.in) && sameOffset(a.out, b.out);
}

/**
 * @param {XY | undefined} a
 * @param {XY | undefined} b
 */
const sameOffset = (a, b) => a?.x === b?.x && a?.y === b?.y;

/**
 * Clamps the changed times between the unchanged ones; if there is no room, all times stay as before.
 * @param {readonly Readonly<Point>[]} before with rising times
 * @param {readonly Readonly<Point>[]} points after the changes
 * @param {readonly Changed[]} changed
 */
function keptInOrder(before, points, changed) {
  const indices = changed.map(({ index }) => index).sort((a, b) => a - b);
  const walls = explicit(before).map((point) => point.t ?? 0);
  const times = explicit(points).map((point, k) => (indices.includes(k) ? (point.t ?? walls[k]) : walls[k]));
  for (const k of indices) if (k > 0) times[k] = Math.max(times[k], times[k - 1] + GAP);
  for (const k of indices.reverse()) times[k] = Math.min(times[k], k + 1 < times.length ? times[k + 1] - GAP : 1);
  const orderly = times.map(tidy);
  const timed = points.map((point, k) => (point.t === orderly[k] ? point : makePoint({ ...point, t: orderly[k] })));
  const inRange = orderly.every((t) => t >= 0 && t <= 1);
  return inRange && firstNotRising(timed) < 0
    ? timed
    : rising(points.map((point, k) => makePoint({ ...point, t: walls[k] })));
}

/**
 * @param {readonly Readonly<Point>[]} points
 * @param {number} index
 * @param {Readonly<Point>} point
 */
function inserted(points, index, point) {
  return [...points.slice(0, index), makePoint({ ...point, ...bounded({ t: point.t }) }), ...points.slice(index)];
}

/**
 * @param {readonly Readonly<Point>[]} points each with a time
 * @param {number} index
 * @param {Readonly<Point>} point
 */
function insertedInTime(points, index, point) {
  const count = points.length;
  const first = points[0].t ?? 0;
  const last = points[count - 1].t ?? 1;
  const after = index === 0 ? -Infinity : (points[index - 1].t ?? 0);
  const before = index === count ? Infinity : (points[index].t ?? 1);
  const own = bounded({ t: point.t }).t;
  if (own !== undefined && after < own && own < before) return inserted(points, index, { ...point, t: own });
  if (index > 0 && index < count) return inserted(points, index, { ...point, t: tidy((after + before) / 2) });
  if (count === 1) {
    const both = inserted([makePoint({ ...points[0], t: index })], index, { ...point, t: 1 - index });
    return both.map((each, k) => makePoint({ ...each, t: k }));
  }
  const share = (count - 1) / count;
  const [fixed, freed] = index === 0 ? [last, first] : [first, last];
  const closer = points.map((each) => makePoint({ ...each, t: tidy(fixed + ((each.t ?? 0) - fixed) * share) }));
  return inserted(closer, index, { ...point, t: freed });
}

/**
 * @param {Readonly<Track>} track
 * @param {number} u
 * @returns {{point: Point, neighbours?: undefined}}
 */
function onCurve(track, u) {
  const [x, y] = fitCurve(track, 1, 1);
  return { point: { x: evaluate(x, u), y: evaluate(y, u) } };
}

/**
 * De Casteljau: splits a Bezier segment into two that form the same curve.
 * @param {readonly Readonly<Point>[]} points
 * @param {number} k the segment
 * @param {number} d 0..1 on it
 */
function splitBezier(points, k, d) {
  const [p, q] = [points[k], points[k + 1]];
  const corners = [p, sum(p, p.out), sum(q, q.in), q];
  const [a, b, c] = [0, 1, 2].map((i) => between(corners[i], corners[i + 1], d));
  const [ab, bc] = [between(a, b, d), between(b, c, d)];
  const at = between(ab, bc, d);
  return {
    point: { x: at.x, y: at.y, in: difference(ab, at), out: difference(bc, at) },
    neighbours: [
      { index: k, changes: { out: difference(a, p) } },
      { index: k + 1, changes: { in: difference(c, q) } },
    ],
  };
}

/** @param {number} a @param {number} b @param {number} d */
const mix = (a, b, d) => a + (b - a) * d;
/** @param {XY} a @param {XY} b @param {number} d */
const between = (a, b, d) => ({ x: mix(a.x, b.x, d), y: mix(a.y, b.y, d) });
/** @param {XY} a @param {XY} [b] */
const sum = (a, b) => ({ x: a.x + (b?.x ?? 0), y: a.y + (b?.y ?? 0) });
/** @param {XY} a @param {XY} b */
const difference = (a, b) => ({ x: a.x - b.x, y: a.y - b.y });
