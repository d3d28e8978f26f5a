/** Converts outlines to pixels, for painting with a brush, and back. */

import { inPixels } from './interior.js';
import { edgesOfCell, joinedRings } from './rings.js';

/** @import {Ring, Size, XY} from '../types.js' */

const LONG = 512; // pixels along the longer side of the clip
const TOLERANCE = 0.8; // pixels between the pixel edges and the outline
const SPECK = 12; // pixels: smaller islands and holes are dropped

/**
 * A mask over the clip.
 * @typedef {object} Raster
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} data 1 inside, row by row
 */

/**
 * @param {readonly Ring[]} outline fractions of the clip; by the even-odd rule
 * @param {Size} clip whose aspect ratio the raster has
 * @returns {Raster}
 */
export function rasterOf(outline, clip) {
  const step = Math.max(clip.width, clip.height) / LONG;
  const width = Math.max(1, Math.round(clip.width / step));
  const height = Math.max(1, Math.round(clip.height / step));
  const data = new Uint8Array(width * height);
  const rings = inPixels(outline, { width, height });
  for (let row = 0; row < height; row += 1) {
    const crossings = rings.flatMap((ring) => crossingsOf(ring, row + 0.5)).sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(0, Math.ceil(crossings[k] - 0.5));
      const to = Math.min(width, Math.ceil(crossings[k + 1] - 0.5));
      if (to > from) data.fill(1, row * width + from, row * width + to);
    }
  }
  return { width, height, data };
}

/** Where a ring crosses a row. @param {readonly XY[]} ring @param {number} y */
function crossingsOf(ring, y) {
  return ring.flatMap((a, k) => {
    const b = ring[(k + 1) % ring.length];
    return a.y > y !== b.y > y ? [a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y)] : [];
  });
}

/**
 * One outline with another one, or without it.
 * @param {readonly Ring[]} outline fractions of the clip
 * @param {readonly Ring[]} other
 * @param {boolean} belongs whether the other one is added, not taken away
 * @param {Size} clip
 * @returns {{raster: Raster, changed: number, size: number}} `changed`: the part of the other one that was not so
 *   before; `size`: how large the result is, in parts of what the outline was
 */
export function combined(outline, other, belongs, clip) {
  const [raster, change] = [outline, other].map((one) => rasterOf(one, clip));
  const value = belongs ? 1 : 0;
  const count = (/** @type {Raster} */ { data }) => data.reduce((sum, inside) => sum + inside, 0);
  const [before, whole] = [count(raster), count(change)];
  change.data.forEach((inside, k) => {
    if (inside) raster.data[k] = value;
  });
  const after = count(raster);
  const [changed, size] = [Math.abs(after - before) / Math.max(whole, 1), after / Math.max(before, 1)];
  return { raster, changed, size };
}

/**
 * Paints a round stroke into the raster, in place.
 * @param {Raster} raster
 * @param {XY} from fractions of the clip
 * @param {XY} to
 * @param {number} radius fraction of the clip's longer side
 * @param {0 | 1} value
 */
export function paintStroke({ width, height, data }, from, to, radius, value) {
  const reach = radius * Math.max(width, height);
  const [a, b] = [from, to].map(({ x, y }) => ({ x: x * width, y: y * height }));
  const along = { x: b.x - a.x, y: b.y - a.y };
  const length = along.x * along.x + along.y * along.y;
  const rows = span(a.y, b.y, reach, height);
  const columns = span(a.x, b.x, reach, width);
  for (let row = rows[0]; row < rows[1]; row += 1) {
    for (let column = columns[0]; column < columns[1]; column += 1) {
      const arm = { x: column + 0.5 - a.x, y: row + 0.5 - a.y };
      const way = length > 0 ? Math.min(Math.max((arm.x * along.x + arm.y * along.y) / length, 0), 1) : 0;
      const away = Math.hypot(arm.x - way * along.x, arm.y - way * along.y);
      if (away <= reach) data[row * width + column] = value;
    }
  }
}

/**
 * The range of pixels that a stroke may reach along one axis.
 * @param {number} a
 * @param {number} b
 * @param {number} reach
 * @param {number} side
 */
function span(a, b, reach, side) {
  return [Math.max(0, Math.floor(Math.min(a, b) - reach)), Math.min(side, Math.ceil(Math.max(a, b) + reach))];
}

/**
 * @param {Raster} raster
 * @returns {Ring[]} fractions of the clip; [] if nothing is inside
 */
export function outlineOf({ width, height, data }) {
  const rings = joinedRings(edgesOf(width, height, data))
    .map((ring) => ring.map((corner) => ({ x: corner % (width + 1), y: Math.floor(corner / (width + 1)) })))
    .filter((ring) => Math.abs(areaOf(ring)) >= SPECK)
    .map(withoutSteps);
  return rings.map((ring) => ring.map(({ x, y }) => ({ x: x / width, y: y / height })));
}

/**
 * The edges between inside and outside, from corner to corner, with the inside on the right.
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} data
 * @returns {Map<number, number[]>} from a corner, y * (width + 1) + x, to those that follow it
 */
function edgesOf(width, height, data) {
  /** @type {Map<number, number[]>} */
  const next = new Map();
  const inside = (/** @type {number} */ x, /** @type {number} */ y) => {
    return x >= 0 && x < width && y >= 0 && y < height && data[y * width + x] === 1;
  };
  const across = width + 1;
  const edge = (/** @type {number[]} */ ...[x0, y0, x1, y1]) => {
    const from = y0 * across + x0;
    next.set(from, [...(next.get(from) ?? []), y1 * across + x1]);
  };
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const k = y * width + x;
      const deep = x > 0 && x + 1 < width && data[k - 1] && data[k + 1] && data[k - width] && data[k + width];
      if (data[k] === 1 && !deep) edgesOfCell(x, y, inside, edge);
    }
  }
  return next;
}

/** The signed area of a ring. @param {readonly XY[]} ring */
function areaOf(ring) {
  return ring.reduce((sum, a, k) => {
    const b = ring[(k + 1) % ring.length];
    return sum + a.x * b.y - b.x * a.y;
  }, 0) / 2;
}

/** A ring along pixels without the staircase: Douglas-Peucker on both halves. @param {readonly XY[]} ring */
function withoutSteps(ring) {
  const first = furthest(ring, 0); // certainly a corner
  const turned = [...ring.slice(first), ...ring.slice(0, first + 1)];
  const far = furthest(turned, 0);
  return [...kept(turned, 0, far), ...kept(turned, far, ring.length)].map((k) => turned[k]);
}

/** The index of the point furthest from one. @param {readonly XY[]} ring @param {number} from */
function furthest(ring, from) {
  const away = ring.map(({ x, y }) => Math.hypot(x - ring[from].x, y - ring[from].y));
  return away.indexOf(Math.max(...away));
}

/**
 * The corners kept between two, without the last.
 * @param {readonly XY[]} line
 * @param {number} from
 * @param {number} to
 * @returns {number[]}
 */
function kept(line, from, to) {
  const [a, b] = [line[from], line[to]];
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  let [worst, far] = [TOLERANCE, -1];
  for (let k = from + 1; k < to; k += 1) {
    const { x, y } = line[k];
    const cross = Math.abs((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x));
    const away = length > 0 ? cross / length : Math.hypot(x - a.x, y - a.y);
    if (away > worst) [worst, far] = [away, k];
  }
  return far < 0 ? [from] : [...kept(line, from, far), ...kept(line, far, to)];
}
