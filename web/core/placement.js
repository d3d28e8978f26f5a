/**
 * Where a drawing lies after the clip has changed, and drags that begin outside of it. A place is a rectangle in
 * fractions of the current clip: the position of the clip in which the drawing was begun. So a drawing can be shown in
 * any clip, and undo needs no step for the change.
 */

import { makePoint } from './check.js';
import { mapTracks, withPoints } from './edit.js';
import { objectsOf, scaleObjects } from './objects/edit.js';
import { scaleSelection } from './selection.js';

/** @import {Doc, Rect, Size, Track} from './types.js' */

/** The place in the first clip. @type {Rect} */
export const WHOLE = Object.freeze({ x: 0, y: 0, width: 1, height: 1 });

const SAME = 1e-9; // fractions of the clip

/**
 * A place after a change of the clip.
 * @param {Rect} place
 * @param {Rect} to where the previous clip lies in the new one, in fractions of the new one
 * @returns {Rect}
 */
export function placeAfter(place, to) {
  return {
    x: to.x + place.x * to.width,
    y: to.y + place.y * to.height,
    width: place.width * to.width,
    height: place.height * to.height,
  };
}

/** @param {Rect} a @param {Rect} b */
export function samePlace(a, b) {
  const away = [a.x - b.x, a.y - b.y, a.width - b.width, a.height - b.height];
  return away.every((difference) => Math.abs(difference) < SAME);
}

/**
 * A drawing with every drag and object at the same point of the picture in another clip.
 * @param {Readonly<Doc>} doc
 * @param {Rect} from its place
 * @param {Rect} to
 * @returns {Readonly<Doc>} the same one if the places are the same
 */
export function movedTo(doc, from, to) {
  if (samePlace(from, to)) return doc;
  const moved = scaleSelection(doc, { tracks: doc.tracks.map(({ id }) => id), points: [] }, from, to);
  return scaleObjects(moved, objectsOf(moved).map(({ id }) => id), from, to);
}

const MARGIN = 2; // pixels from the edge at which a drag starts once it is moved in

/**
 * The enabled tracks that start outside the picture.
 * @param {Readonly<Doc>} doc
 * @returns {readonly Readonly<Track>[]}
 */
export function startingOutside(doc) {
  return doc.tracks.filter(({ enabled, points: [{ x, y }] }) => enabled && (x < 0 || x > 1 || y < 0 || y > 1));
}

/**
 * Moves these tracks, each as a whole and no further than it has to go, so that they start inside the picture.
 * @param {Readonly<Doc>} doc
 * @param {Size} size of the picture in pixels
 * @returns {Readonly<Doc>}
 */
export function movedInside(doc, { width, height }) {
  return mapTracks(doc, startingOutside(doc).map(({ id }) => id), (track) => {
    const [{ x, y }] = track.points;
    const [dx, dy] = [within(x, MARGIN / width) - x, within(y, MARGIN / height) - y];
    return withPoints(track, track.points.map((point) => makePoint({ ...point, x: point.x + dx, y: point.y + dy })));
  });
}

/** @param {number} value @param {number} margin */
const within = (value, margin) => Math.min(Math.max(value, margin), 1 - margin);
