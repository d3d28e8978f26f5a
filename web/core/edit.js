/** The last step of every operation on a Doc: checks and freezes new tracks, and limits their total. */

import { checkedTrack, makePoint } from './check.js';
import { TrajectoryError } from './errors.js';
import { firstNotRising, keyTimes } from './sampling.js';
import { MAX_TRACKS } from './limits.js';
import { tidy } from './numbers.js';
import { checkTotal } from './text.js';

/** @import {Doc, Point, Track} from './types.js' */

/**
 * `doc` with other tracks; `doc` itself if they are the same. Tracks that are not from `doc` must already be checked.
 * @param {Readonly<Doc>} doc
 * @param {readonly Readonly<Track>[]} tracks
 * @returns {Readonly<Doc>}
 * @throws {TrajectoryError} if there are too many, or too many points in total
 */
export function withTracks(doc, tracks) {
  if (tracks.length === doc.tracks.length && tracks.every((track, k) => track === doc.tracks[k])) return doc;
  if (tracks.length > MAX_TRACKS) throw new TrajectoryError('tooManyTracks', { most: MAX_TRACKS });
  checkTotal(tracks, doc.objects);
  return Object.freeze({ ...doc, tracks: Object.freeze([...tracks]) });
}

/**
 * `doc` with `change` applied to the tracks of these ids. A track that `change` returns unchanged stays the same
 * object.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {(track: Readonly<Track>) => Readonly<Track>} change
 * @returns {Readonly<Doc>}
 */
export function mapTracks(doc, ids, change) {
  const chosen = new Set(ids);
  return withTracks(
    doc,
    doc.tracks.map((track) => {
      if (!chosen.has(track.id)) return track;
      const changed = change(track);
      return changed === track ? track : checkedTrack(changed);
    }),
  );
}

/**
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 */
export function chosenTracks(doc, ids) {
  const chosen = new Set(ids);
  return doc.tracks.filter((track) => chosen.has(track.id));
}

/**
 * The track with other points; with timing "keys", their times are made to rise.
 * @param {Readonly<Track>} track
 * @param {readonly Readonly<Point>[]} points
 * @returns {Readonly<Track>}
 */
export function withPoints(track, points) {
  return { ...track, points: track.timing === 'keys' ? rising(points) : points };
}

/**
 * Points with a time each; if the times do not rise, all are spread evenly over 0..1.
 * @param {readonly Readonly<Point>[]} points
 * @returns {readonly Readonly<Point>[]}
 */
export function rising(points) {
  const timed = explicit(points);
  if (firstNotRising(timed) < 0) return timed;
  return points.map((point, k) => makePoint({ ...point, t: tidy(k / (points.length - 1)) }));
}

/**
 * Points with explicit times.
 * @param {readonly Readonly<Point>[]} points
 * @returns {readonly Readonly<Point>[]}
 */
export function explicit(points) {
  if (points.every((point) => point.t !== undefined)) return points;
  const times = keyTimes(points);
  return points.map((point, k) => (point.t === undefined ? Object.freeze({ ...point, t: tidy(times[k]) }) : point));
}
