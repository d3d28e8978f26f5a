/** Drags that start outside the picture, where nothing can follow them, and the same drags moved inside. */

import { makePoint } from './check.js';
import { mapTracks, withPoints } from './edit.js';

/** @import {Doc, Size, Track} from './types.js' */

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
