/**
 * Places inside an outline that represent it: few, deep inside, and far apart. Identical to the library's, operation by
 * operation; dragnuwa/trajectory/objects/masks.py explains how they are chosen.
 */

/** @import {Ring, Size, XY} from '../types.js' */

const CELLS = 24; // of the grid, along the longer side of the bounding box
const REACH = 3;
const [FEWEST, MOST] = [3, 8];
const SLOPE = 10; // places added to the minimum, per sqrt(fraction of the picture covered)

/** @typedef {readonly [XY, XY]} Edge */

/**
 * @param {readonly Ring[]} outline in fractions of a picture
 * @param {Size} size of the picture
 * @returns {XY[][]} in its pixels
 */
export const inPixels = (outline, { width, height }) => (
  outline.map((ring) => ring.map(({ x, y }) => ({ x: x * width, y: y * height })))
);

/**
 * @param {readonly Ring[]} outline
 * @param {number} width of the picture in pixels
 * @param {number} height
 * @returns {XY[]} in pixels, 3 to 8; fewer only if no more grid points lie inside
 */
export function interiorPoints(outline, width, height) {
  const edges = edgesOf(inPixels(outline, { width, height }));
  const { cells, area, centre } = grid(edges);
  const inside = cells.filter((place) => contains(edges, place));
  if (inside.length === 0) return [centre];
  const depth = inside.map((place) => squaredDistance(edges, place));
  const share = (inside.length * area) / (width * height);
  const count = Math.min(MOST, FEWEST + Math.floor(SLOPE * Math.sqrt(share) + 0.5));
  const chosen = [largest(depth)];
  const apart = inside.map(() => Infinity);
  while (chosen.length < Math.min(count, inside.length)) {
    const { x, y } = inside[chosen[chosen.length - 1]];
    inside.forEach((place, k) => {
      apart[k] = Math.min(apart[k], squared(place.x - x, place.y - y));
    });
    const score = apart.map((distance, k) => Math.min(distance, REACH * REACH * depth[k]));
    for (const k of chosen) score[k] = -1;
    chosen.push(largest(score));
  }
  return chosen.map((k) => inside[k]);
}

/**
 * Whether a place lies inside an outline, by the even-odd rule; both in the same units.
 * @param {readonly (readonly XY[])[]} outline
 * @param {XY} place
 */
export function isInside(outline, place) {
  return contains(edgesOf(outline), place);
}

/**
 * @param {readonly (readonly XY[])[]} rings
 * @returns {Edge[]}
 */
function edgesOf(rings) {
  return rings.flatMap((ring) => ring.map((corner, k) => /** @type {const} */ ([corner, ring[(k + 1) % ring.length]])));
}

/**
 * The centres of the cells, row by row.
 * @param {readonly Edge[]} edges
 */
function grid(edges) {
  const low = { x: Infinity, y: Infinity };
  const high = { x: -Infinity, y: -Infinity };
  for (const [{ x, y }] of edges) {
    [low.x, low.y] = [Math.min(low.x, x), Math.min(low.y, y)];
    [high.x, high.y] = [Math.max(high.x, x), Math.max(high.y, y)];
  }
  const [width, height] = [high.x - low.x, high.y - low.y];
  const step = Math.max(width, height) / CELLS;
  const [columns, rows] = [width, height].map((side) => Math.max(1, Math.floor(side / step + 0.5)));
  const cells = Array.from({ length: columns * rows }, (_, k) => ({
    x: low.x + (((k % columns) + 0.5) / columns) * width,
    y: low.y + ((Math.floor(k / columns) + 0.5) / rows) * height,
  }));
  const centre = { x: (low.x + high.x) / 2, y: (low.y + high.y) / 2 };
  return { cells, area: (width / columns) * (height / rows), centre };
}

/** @param {readonly Edge[]} edges @param {XY} place */
function contains(edges, { x, y }) {
  let inside = false;
  for (const [a, b] of edges) {
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y)) inside = !inside;
  }
  return inside;
}

/** @param {readonly Edge[]} edges @param {XY} place */
function squaredDistance(edges, place) {
  let least = Infinity;
  for (const [a, b] of edges) {
    const along = { x: b.x - a.x, y: b.y - a.y };
    const length = squared(along.x, along.y);
    const arm = { x: place.x - a.x, y: place.y - a.y };
    const way = length > 0 ? Math.min(Math.max((arm.x * along.x + arm.y * along.y) / length, 0), 1) : 0;
    least = Math.min(least, squared(arm.x - way * along.x, arm.y - way * along.y));
  }
  return least;
}

/** @param {number} x @param {number} y */
const squared = (x, y) => x * x + y * y;

/** The index of the first maximum. @param {readonly number[]} values */
function largest(values) {
  return values.reduce((best, value, k) => (value > values[best] ? k : best), 0);
}
