/**
 * An outlined area becomes tracks on a grid inside it, all with the same motion, to be edited like drawn ones. All
 * lengths are in pixels of the picture.
 */

import { bounds } from './geometry.js';

/** @import {Rect, Size, TrackDraft, XY} from './types.js' */

const PLACES = 12; // about this many tracks for an area of any size
const FULLNESS = 8; // the area counts as at least an eighth of its bounding box
const CLOSEST = 8; // pixels: least distance of two tracks

/**
 * Places on a grid inside a closed outline, at least one.
 * @param {readonly XY[]} outline corners, in order; the last is joined to the first
 * @returns {XY[]}
 */
export function placesInOutline(outline) {
  const box = /** @type {Rect} */ (bounds(outline));
  // Where an outline crosses itself, the formula subtracts one part from the other.
  const area = Math.max(areaOf(outline), (box.width * box.height) / FULLNESS);
  const step = Math.max(CLOSEST, Math.sqrt(area / PLACES));
  const columns = cells(box.width, step);
  const rows = cells(box.height, step);
  const places = Array.from({ length: columns * rows }, (_, k) => ({
    x: box.x + (((k % columns) + 0.5) / columns) * box.width,
    y: box.y + ((Math.floor(k / columns) + 0.5) / rows) * box.height,
  })).filter((place) => isInsideOutline(outline, place));
  return places.length > 0 ? places : [outline[Math.floor(outline.length / 2)]];
}

/**
 * A track for each place of the grid.
 * @param {readonly XY[]} outline
 * @param {XY} by the motion of the area
 * @param {Size} size of the picture
 * @returns {TrackDraft[]} for addTracks
 */
export function areaTracks(outline, by, { width, height }) {
  return placesInOutline(outline).map(({ x, y }, k) => ({
    name: `area ${k + 1}`,
    points: [
      { x: x / width, y: y / height },
      { x: (x + by.x) / width, y: (y + by.y) / height },
    ],
  }));
}

/**
 * Whether a place lies inside of a closed outline; where that crosses itself, by the even-odd rule, as it is filled.
 * @param {readonly XY[]} outline
 * @param {XY} place
 */
export function isInsideOutline(outline, { x, y }) {
  let inside = false;
  let before = outline[outline.length - 1];
  for (const corner of outline) {
    const crosses = corner.y > y !== before.y > y;
    if (crosses && x < corner.x + ((y - corner.y) * (before.x - corner.x)) / (before.y - corner.y)) inside = !inside;
    before = corner;
  }
  return inside;
}

/** @param {number} side @param {number} step */
const cells = (side, step) => Math.max(1, Math.round(side / step));

/** By the shoelace formula. @param {readonly XY[]} outline */
function areaOf(outline) {
  let before = outline[outline.length - 1];
  let twice = 0;
  for (const corner of outline) {
    twice += before.x * corner.y - corner.x * before.y;
    before = corner;
  }
  return Math.abs(twice) / 2;
}
