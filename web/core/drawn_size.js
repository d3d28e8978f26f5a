/** Drags from another tool, in pixels of a picture whose size the text does not name. */

import { WHOLE } from './placement.js';
import { scaleSelection } from './selection.js';

/** @import {Doc, Size} from './types.js' */

const KJNODES = 512; // pixels: both sides of what KJNodes' Spline Editor draws on, unless somebody has changed it
const STEP = 64; // pixels: sides of pictures are multiples of it, more often than not

/** Whether a point of any drag lies outside the picture. @param {Readonly<Doc>} doc */
export function missesPicture({ tracks }) {
  return tracks.some(({ points }) => points.some(({ x, y }) => x < 0 || x > 1 || y < 0 || y > 1));
}

/**
 * The size that such drags may have been drawn at: KJNodes' own, or a larger one that contains them.
 * @param {Readonly<Doc>} doc read as if drawn at `size`
 * @param {Size} size
 * @returns {Size}
 */
export function guessedSize({ tracks }, { width, height }) {
  const points = tracks.flatMap((track) => track.points);
  const side = (/** @type {number} */ most) => Math.max(KJNODES, Math.ceil(most / STEP) * STEP);
  const most = (/** @type {'x' | 'y'} */ axis) => points.reduce((found, point) => Math.max(found, point[axis]), 0);
  return { width: side(most('x') * width), height: side(most('y') * height) };
}

/**
 * These drags, read as if drawn at one size, as drawn at another.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {Size} read
 * @param {Size} drawn
 * @returns {Readonly<Doc>}
 */
export function drawnAt(doc, ids, read, drawn) {
  const from = { x: 0, y: 0, width: drawn.width / read.width, height: drawn.height / read.height };
  return scaleSelection(doc, { tracks: ids, points: [] }, from, WHOLE);
}
