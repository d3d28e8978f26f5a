/** Turns paths into anchors and back. */

import { makePoint } from './check.js';
import { mapTracks, withPoints } from './edit.js';

/** @import {Doc, Kind, Point, Track, XY} from './types.js' */

/**
 * The tracks as anchors, or as paths. A path that becomes an anchor keeps only its first point, and all other fields.
 * An anchor that becomes a path gets back the points that it last had as a path, shifted to where the anchor is now; if
 * it never was a path, it gets a second point, to be dragged into place.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {Kind} kind
 * @param {XY} step from the first to a new second point, fractions of the picture
 * @param {() => Iterable<Readonly<Doc>>} earlier earlier documents, the latest first, in which to look for a path
 * @returns {Readonly<Doc>}
 */
export function withKind(doc, ids, kind, step, earlier) {
  return mapTracks(doc, ids, (track) => {
    if (track.kind === kind) return track;
    if (kind === 'anchor') return { ...track, kind, points: track.points.slice(0, 1) };
    return withPoints({ ...track, kind }, formerPoints(earlier(), track) ?? twoPoints(track.points[0], step));
  });
}

/**
 * @param {Iterable<Readonly<Doc>>} earlier
 * @param {Readonly<Track>} anchor
 * @returns {readonly Readonly<Point>[] | undefined}
 */
function formerPoints(earlier, { id, points: [place] }) {
  for (const { tracks } of earlier) {
    const track = tracks.find((other) => other.id === id);
    if (!track) return undefined; // the id belonged to another track
    if (track.points.length > 1) return movedTo(track.points, place);
  }
  return undefined;
}

/** @param {readonly Readonly<Point>[]} points @param {XY} place for the first one */
function movedTo(points, place) {
  const [dx, dy] = [place.x - points[0].x, place.y - points[0].y];
  if (dx === 0 && dy === 0) return points;
  return points.map((point) => makePoint({ ...point, x: point.x + dx, y: point.y + dy }));
}

/** @param {Readonly<Point>} point @param {XY} step */
function twoPoints(point, step) {
  return [point, makePoint({ x: point.x + step.x, y: point.y + step.y })];
}
