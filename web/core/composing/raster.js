/**
 * The inverse of a bent mesh: for the pixels of a frame, where in the picture they come from, as in
 * `dragnuwa/geometry/bending/raster.py`.
 */

import { nearestTo } from './distance.js';
import { affine, areasOf, fillTriangle, neighboursOf, stretching } from './triangles.js';

/** @import {Mesh, MeshMotion, Places} from './composition.js' */

const MARGIN = 0.06; // of sqrt(area): how far beyond the mesh it goes on
const PARTS = 16; // of a pixel, to which corners are rounded
const NONE = -1;
const FLAT = 1e-3; // of its area at rest, below which a triangle is not drawn
const STRAY = 2; // px, and
const STRAYS = 0.35; // of the distance: how far a place beyond the mesh may come back from where it is
const BEYOND = 0.25; // of the picture's sides: how far outside of the picture a shape is drawn
const STILL = 0.75; // px, up to which a place rests
const KEPT = 4; // rasters of a mesh: those of a frame are asked for several times in turn
const APART = 2; // px and times the stretching, by which two places that one pixel shows differ

/** Where a shape moves: `width` pixels in a row, from a column and a row on. */
/** @typedef {{left: number, top: number, width: number, moves: Uint8Array}} Area */

/** What stays the same in all frames of a mesh. */
class Shape {
  /** @param {Mesh} mesh */
  constructor(mesh) {
    this.mesh = mesh;
    this.areas = areasOf(mesh.rest, mesh.triangles);
    const area = this.areas.reduce((sum, each) => sum + each, 0);
    this.margin = Math.max(3, Math.round(MARGIN * Math.sqrt(area)));
    this.neighbours = neighboursOf(mesh.triangles, mesh.rest.length / 2);
    const inOrder = Int32Array.from(this.areas, (_, k) => k);
    this.rest = new Grid(this, mesh.rest);
    const drawn = this.rest.drawn(inOrder);
    this.labels = everywhere(drawn, this.rest.width);
  }

  /** The triangle that is nearest to a place at rest; `NONE` far away. @param {number} x @param {number} y */
  nearest(x, y) {
    const { left, top, width, height } = this.rest;
    const column = Math.round(x) - left;
    const row = Math.round(y) - top;
    return column >= 0 && row >= 0 && column < width && row < height ? this.labels[row * width + column] : NONE;
  }
}

/** The pixels that a mesh reaches with its points at some places. */
class Grid {
  /** @param {Shape} shape @param {ArrayLike<number>} points x and y of each */
  constructor(shape, points) {
    this.shape = shape;
    this.points = points;
    const { margin, mesh: { size } } = shape;
    const across = span(points, 0, size.width, margin);
    const down = span(points, 1, size.height, margin);
    this.left = across.first;
    this.top = down.first;
    this.width = across.length;
    this.height = down.length;
  }

  /** The last triangle of an order on each pixel. @param {Iterable<number>} order */
  drawn(order) {
    const { shape: { mesh: { triangles }, areas }, points, left, top, width, height } = this;
    const shown = new Int32Array(width * height).fill(NONE);
    const own = areasOf(points, triangles);
    const corners = new Float64Array(6);
    for (const number of order) {
      if (Math.abs(own[number]) <= FLAT * areas[number]) continue;
      for (let k = 0; k < 3; k += 1) {
        const point = 2 * triangles[3 * number + k];
        corners[2 * k] = Math.round((points[point] - left) * PARTS);
        corners[2 * k + 1] = Math.round((points[point + 1] - top) * PARTS);
      }
      fillTriangle({ pixels: shown, width, height }, corners, PARTS, number);
    }
    return shown;
  }
}

/** A mesh bent at one instant. */
export class Raster {
  /** That of a motion at an instant; the last few are kept. @param {MeshMotion} motion @param {number} instant */
  static of({ mesh, at }, instant) {
    const known = kept.get(at) ?? new Map();
    kept.set(at, known);
    const raster = known.get(instant) ?? new Raster(mesh, at(instant));
    known.delete(instant);
    known.set(instant, raster);
    if (known.size > KEPT) known.delete(known.keys().next().value);
    return raster;
  }

  /** @param {Mesh} mesh @param {ArrayLike<number>} points x and y of each */
  constructor(mesh, points) {
    const shape = shapeOf(mesh);
    this.shape = shape;
    this.points = points;
    this.grid = new Grid(shape, points);
    this.inverse = affine(mesh.triangles, points, mesh.rest);
    this.forward = affine(mesh.triangles, mesh.rest, points);
    const hindmost = this.grid.drawn(mesh.order.toReversed());
    /** The triangle that each pixel shows, the hindmost, also beyond the mesh. */
    this.back = this.#continued(hindmost);
    /** The foremost one, where that is another place of the shape. */
    this.front = this.#over(hindmost);
  }

  /**
   * The places at rest of the pixels of a row from a column on.
   * @param {number} y
   * @param {number} left
   * @param {Float64Array} toX NaN where it is not
   * @param {Float64Array} toY
   * @param {boolean} inFront of what lies over another part, rather than of the hindmost
   */
  sources(y, left, toX, toY, inFront) {
    const { grid, inverse } = this;
    const shown = inFront ? this.front : this.back;
    const row = (y - grid.top) * grid.width;
    const outside = y < grid.top || y >= grid.top + grid.height;
    for (let k = 0; k < toX.length; k += 1) {
      const column = left + k - grid.left;
      const number = outside || column < 0 || column >= grid.width ? NONE : shown[row + column];
      if (number === NONE) toX[k] = toY[k] = NaN;
      else {
        const at = 6 * number;
        toX[k] = inverse[at] * (left + k) + inverse[at + 1] * y + inverse[at + 2];
        toY[k] = inverse[at + 3] * (left + k) + inverse[at + 4] * y + inverse[at + 5];
      }
    }
  }

  /** Where the shape does not rest: the places that move, before they do, and where they are now. @returns {Area[]} */
  moving() {
    const { shape: { mesh: { rest, triangles }, labels, rest: before }, points, back, front, grid } = this;
    const away = new Uint8Array(rest.length / 2);
    for (let k = 0; k < away.length; k += 1) {
      const [x, y] = [points[2 * k] - rest[2 * k], points[2 * k + 1] - rest[2 * k + 1]];
      away[k] = x * x + y * y > STILL * STILL ? 1 : 0;
    }
    const moves = new Uint8Array(triangles.length / 3 + 1); // the last for what no triangle shows
    for (let k = 0; k < moves.length - 1; k += 1) {
      moves[k] = away[triangles[3 * k]] | away[triangles[3 * k + 1]] | away[triangles[3 * k + 2]];
    }
    const none = moves.length - 1;
    const were = new Uint8Array(labels.length);
    for (let k = 0; k < were.length; k += 1) were[k] = moves[labels[k] === NONE ? none : labels[k]];
    const are = new Uint8Array(back.length);
    for (let k = 0; k < are.length; k += 1) {
      are[k] = moves[back[k] === NONE ? none : back[k]] | moves[front[k] === NONE ? none : front[k]];
    }
    return [
      { left: before.left, top: before.top, width: before.width, moves: were },
      { left: grid.left, top: grid.top, width: grid.width, moves: are },
    ];
  }

  /** @param {Int32Array} hindmost */
  #over(hindmost) {
    const { grid, inverse, shape } = this;
    const foremost = grid.drawn(shape.mesh.order);
    const over = new Int32Array(foremost.length).fill(NONE);
    let hides = false;
    for (let at = 0; at < foremost.length; at += 1) {
      const [upper, lower] = [foremost[at], hindmost[at]];
      if (upper === lower) continue;
      const x = grid.left + (at % grid.width);
      const y = grid.top + Math.floor(at / grid.width);
      const [i, j] = [6 * upper, 6 * lower];
      const away = Math.hypot(
        (inverse[i] - inverse[j]) * x + (inverse[i + 1] - inverse[j + 1]) * y + inverse[i + 2] - inverse[j + 2],
        (inverse[i + 3] - inverse[j + 3]) * x + (inverse[i + 4] - inverse[j + 4]) * y + inverse[i + 5] - inverse[j + 5],
      );
      if (away <= APART * Math.max(1, stretching(inverse, upper), stretching(inverse, lower))) continue;
      over[at] = upper;
      hides = true;
    }
    return hides ? this.#continued(over) : over;
  }

  /**
   * Beyond the mesh the nearest triangle goes on, but not into another part of the shape: a place that it shows must
   * come back to where it is shown, or lie beyond a near neighbour.
   * @param {Int32Array} shown
   */
  #continued(shown) {
    const { grid, shape, inverse, forward } = this;
    const marked = markedIn(shown);
    if (!marked.includes(1)) return shown;
    const { distance, nearest } = nearestTo(marked, grid.width);
    const count = shape.mesh.triangles.length / 3;
    const found = shown.slice();
    for (let at = 0; at < shown.length; at += 1) {
      if (marked[at] || distance[at] > shape.margin) continue;
      const number = shown[nearest[at]];
      const x = grid.left + (at % grid.width);
      const y = grid.top + Math.floor(at / grid.width);
      const i = 6 * number;
      const placeX = inverse[i] * x + inverse[i + 1] * y + inverse[i + 2];
      const placeY = inverse[i + 3] * x + inverse[i + 4] * y + inverse[i + 5];
      const own = shape.nearest(placeX, placeY);
      if (own === NONE) continue;
      const j = 6 * own;
      const strays = Math.hypot(
        forward[j] * placeX + forward[j + 1] * placeY + forward[j + 2] - x,
        forward[j + 3] * placeX + forward[j + 4] * placeY + forward[j + 5] - y,
      );
      if (strays <= STRAY + STRAYS * distance[at] || shape.neighbours[number * count + own]) found[at] = number;
    }
    return found;
  }
}

/** By instants, the one used last at the end. @type {WeakMap<Places, Map<number, Raster>>} */
const kept = new WeakMap();

/** @type {WeakMap<Mesh, Shape>} */
const shapes = new WeakMap();

/** @param {Mesh} mesh */
export function shapeOf(mesh) {
  const known = shapes.get(mesh) ?? new Shape(mesh);
  shapes.set(mesh, known);
  return known;
}

/** The nearest triangle of each pixel. @param {Int32Array} drawn @param {number} width */
function everywhere(drawn, width) {
  const marked = markedIn(drawn);
  if (!marked.includes(1)) return drawn;
  const { nearest } = nearestTo(marked, width);
  return drawn.map((_, at) => drawn[nearest[at]]);
}

/**
 * @param {ArrayLike<number>} points
 * @param {0 | 1} axis
 * @param {number} side of the picture
 * @param {number} margin
 */
function span(points, axis, side, margin) {
  let least = Infinity;
  let most = -Infinity;
  for (let k = axis; k < points.length; k += 2) {
    least = Math.min(least, points[k]);
    most = Math.max(most, points[k]);
  }
  const first = Math.floor(Math.max(least, -BEYOND * side)) - margin;
  const last = Math.ceil(Math.min(most, (1 + BEYOND) * side)) + margin;
  return { first, length: Math.max(last, first) + 1 - first };
}

/** Which pixels show a triangle. @param {Int32Array} shown */
function markedIn(shown) {
  const marked = new Uint8Array(shown.length);
  for (let k = 0; k < shown.length; k += 1) marked[k] = shown[k] === NONE ? 0 : 1;
  return marked;
}
