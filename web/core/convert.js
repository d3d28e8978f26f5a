/**
 * The points that a track needs after a change of kind, spline or timing, so that its motion stays the same if
 * possible.
 */

import { makePoint } from './check.js';
import { rising } from './edit.js';
import { firstNotRising, fitCurve, pointProgress } from './sampling.js';
import { coordinate, tidy } from './numbers.js';

/** @import {Point, Size, Track, TrackChanges} from './types.js' */

/**
 * The points that a track needs after `changes` of kind, spline and timing.
 * @param {Readonly<Track>} track
 * @param {TrackChanges} changes
 * @param {Size} size
 * @returns {readonly Readonly<Point>[]}
 */
export function convertedPoints(track, { kind, spline, timing }, size) {
  if (kind === 'anchor' && track.points.length > 1) return track.points.slice(0, 1);
  let { points } = track;
  const bare = points.every((point) => !point.in && !point.out);
  if (spline === 'bezier' && points.length > 1 && bare) points = handlesOfCurve(track);
  if (timing !== 'keys' || track.timing === 'keys') return points;
  if (points.every((point) => point.t !== undefined) && firstNotRising(points) < 0) return points;
  const progress = pointProgress(track, size.width, size.height);
  return rising(points.map((point, k) => makePoint({ ...point, t: tidy(progress[k]) })));
}

/**
 * The points with handles that make the Bezier curve equal the track's present curve: a third of the slope at each end.
 * @param {Readonly<Track>} track of two points or more
 */
function handlesOfCurve(track) {
  const [x, y] = fitCurve(track, 1, 1);
  /** @param {Float64Array} c coefficients @param {number} k segment */
  const leaving = (c, k) => coordinate(c[4 * k + 2] / 3);
  /** @param {Float64Array} c coefficients @param {number} k segment */
  const arriving = (c, k) => coordinate(-(3 * c[4 * k] + 2 * c[4 * k + 1] + c[4 * k + 2]) / 3);
  const count = x.length / 4;
  const isClosed = track.loop?.mode === 'closed';
  return track.points.map((point, k) =>
    makePoint({
      ...point,
      in: k > 0 || isClosed ? { x: arriving(x, (k || count) - 1), y: arriving(y, (k || count) - 1) } : undefined,
      out: k < count ? { x: leaving(x, k), y: leaving(y, k) } : undefined,
    }),
  );
}
