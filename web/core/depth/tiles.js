/**
 * A surface as few flat tiles, for frames that are drawn under a hand: squares of pixels that lie on one plane, large
 * where it is even, single pixels where it is not. They are found once, and each camera sees them whole: where a tile
 * is seen, the place that a pixel shows and its disparity are quotients of what changes evenly from pixel to pixel.
 */

import { BLOCK, STEP } from './surface.js';

/** @import {Surface} from './surface.js' */
/** @import {View} from './view.js' */

const [FLAT, BEHIND] = [0.002, 0.01]; // parts of the disparity by which pixels of a tile may differ from its plane
const SAME_PLANE = STEP / 2; // the same of what is beside a tile, if it is the same object
const OVER = 0.5; // px by which tiles of one object overlap, so that no gaps are between them
const HALF = 0.5; // px
const AHEAD = 1e-9;
const FIELDS = 7; // of a tile: its sides, and its plane's disparity (across, down, at the picture's first pixel)

/** Tiles of surfaces that have been drawn. @type {WeakMap<Surface, Tiles>} */
const known = new WeakMap();

/** @param {Surface} surface @param {boolean} behind whether little of it is seen @returns {Tiles} */
export function tilesOf(surface, behind) {
  const found = known.get(surface) ?? new Tiles(surface, behind ? BEHIND : FLAT);
  known.set(surface, found);
  return found;
}

class Tiles {
  /** @param {Surface} surface @param {number} flat */
  constructor(surface, flat) {
    this.surface = surface;
    this.flat = flat;
    /** @type {number[]} */
    const found = [];
    for (let top = 0; top < surface.height; top += BLOCK) {
      for (let left = 0; left < surface.width; left += BLOCK) this.#divide(left, top, BLOCK, found);
    }
    this.numbers = Float64Array.from(found);
    this.count = found.length / FIELDS;
  }

  /** Adds a square as one tile, or as four, or sixteen. */
  /** @param {number} left @param {number} top @param {number} size @param {number[]} found */
  #divide(left, top, size, found) {
    const { width, height, across, down, constant } = this.surface;
    if (left >= width || top >= height) return;
    const right = Math.min(left + size, width);
    const bottom = Math.min(top + size, height);
    if (size === 1) {
      const at = top * width + left;
      this.#add([left, top, right, bottom], [across[at], down[at], constant[at]], found);
      return;
    }
    const plane = this.#planeOf(left, top, right, bottom);
    if (plane) this.#add([left, top, right, bottom], plane, found);
    else {
      const half = size / 2;
      for (const part of [0, 1, 2, 3]) this.#divide(left + (part & 1) * half, top + (part >> 1) * half, half, found);
    }
  }

  /** The plane of some pixels, by least squares; null if they lie on none. */
  /** @param {number} left @param {number} top @param {number} right @param {number} bottom */
  #planeOf(left, top, right, bottom) {
    const { width, disparity, across, down } = this.surface;
    const [middleX, middleY] = [(left + right - 1) / 2, (top + bottom - 1) / 2];
    let [sum, ofX, ofY, squareX, squareY] = [0, 0, 0, 0, 0];
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) {
        const own = disparity[y * width + x];
        sum += own;
        ofX += (x - middleX) * own;
        ofY += (y - middleY) * own;
        squareX += (x - middleX) ** 2;
        squareY += (y - middleY) ** 2;
      }
    }
    const [a, b] = [squareX > 0 ? ofX / squareX : 0, squareY > 0 ? ofY / squareY : 0];
    const c = sum / ((right - left) * (bottom - top)) - a * middleX - b * middleY;
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) {
        const own = disparity[y * width + x];
        if (Math.abs(a * x + b * y + c - own) > this.flat * own) return null;
        // On two pixels with an edge between them there is a plane, too.
        if (Math.abs(a - across[y * width + x]) + Math.abs(b - down[y * width + x]) > SAME_PLANE * own) return null;
      }
    }
    return [a, b, c];
  }

  /** Adds a tile, which reaches somewhat over its sides where the same object goes on. */
  /** @param {readonly number[]} sides @param {readonly number[]} plane @param {number[]} found */
  #add([left, top, right, bottom], plane, found) {
    const [toLeft, toRight] = [left - 1, right].map((x) => this.#goesOn(plane, x, top, x, bottom - 1));
    const [up, down] = [top - 1, bottom].map((y) => this.#goesOn(plane, left, y, right - 1, y));
    found.push(
      left - HALF - (toLeft ? OVER : 0), top - HALF - (up ? OVER : 0),
      right - HALF + (toRight ? OVER : 0), bottom - HALF + (down ? OVER : 0), ...plane,
    );
  }

  /**
   * Whether pixels of a row or column belong to the object of a plane.
   * @param {readonly number[]} plane
   * @param {number} left
   * @param {number} top
   * @param {number} right
   * @param {number} bottom
   */
  #goesOn([a, b, c], left, top, right, bottom) {
    const { width, height, disparity } = this.surface;
    if (left < 0 || top < 0 || right >= width || bottom >= height) return false;
    for (let y = top; y <= bottom; y += 1) {
      for (let x = left; x <= right; x += 1) {
        const own = disparity[y * width + x];
        const expected = a * x + b * y + c;
        if (Math.abs(own - expected) > SAME_PLANE * Math.max(own, expected)) return false;
      }
    }
    return true;
  }

  /**
   * Finds what a camera sees.
   * @param {View} view which has its rays, and gets places and disparity
   * @param {Uint8Array | null} wanted of which pixels; null for all
   */
  see(view, wanted) {
    const { numbers, count } = this;
    const seen = new SeenTile(view, wanted);
    for (let k = 0; k < count; k += 1) seen.put(numbers, FIELDS * k);
  }
}

/** A tile before a camera: numbers that change evenly over a view, by a pixel to the right, and by one down. */
class SeenTile {
  /** @param {View} view @param {Uint8Array | null} wanted */
  constructor(view, wanted) {
    this.view = view;
    this.wanted = wanted;
    /** The first and last columns and rows in which it may be seen. */
    this.box = new Int32Array(4);
  }

  /** @param {Float64Array} numbers of tiles @param {number} of where this one begins */
  put(numbers, of) {
    const { box, view, wanted } = this;
    if (!this.#reach(numbers, of) || (wanted && !view.wants(box[0], box[1], box[2], box[3]))) return;
    const { width, x, y, nearness, rays: { back, away } } = view;
    const [left, top, right, bottom] = [numbers[of], numbers[of + 1], numbers[of + 2], numbers[of + 3]];
    const [a, b, c] = [numbers[of + 4], numbers[of + 5], numbers[of + 6]];
    const by = 1 / (a * away[0] + b * away[1] + c * away[2] + 1);
    const nearX = (a * back[0] + b * back[3] + c * back[6]) * by;
    const nearY = (a * back[1] + b * back[4] + c * back[7]) * by;
    const near0 = (a * back[2] + b * back[5] + c * back[8]) * by;
    const [column, lastColumn, lastRow] = [box[0], box[2], box[3]];
    for (let row = box[1]; row <= lastRow; row += 1) {
      let near = near0 + nearY * row + nearX * column;
      let ahead = back[8] + back[7] * row + back[6] * column - away[2] * near;
      let toX = back[2] + back[1] * row + back[0] * column - away[0] * near;
      let toY = back[5] + back[4] * row + back[3] * column - away[1] * near;
      const stepAhead = back[6] - away[2] * nearX;
      const stepX = back[0] - away[0] * nearX;
      const stepY = back[3] - away[1] * nearX;
      const last = row * width + lastColumn;
      for (let at = row * width + column; at <= last; at += 1) {
        if (near > nearness[at]) {
          const scale = 1 / ahead;
          const foundX = toX * scale;
          const foundY = toY * scale;
          if (near >= 0 && foundX > left && foundX < right && foundY > top && foundY < bottom) {
            x[at] = foundX;
            y[at] = foundY;
            nearness[at] = near;
          }
        }
        near += nearX;
        ahead += stepAhead;
        toX += stepX;
        toY += stepY;
      }
    }
  }

  /** Finds the pixels that may show it; false if there are none. */
  /** @param {Float64Array} numbers @param {number} of */
  #reach(numbers, of) {
    const { box, view: { width, height, rays: { to, by } } } = this;
    const [a, b, c] = [numbers[of + 4], numbers[of + 5], numbers[of + 6]];
    let fromX = width;
    let fromY = height;
    let toX = -1;
    let toY = -1;
    for (let corner = 0; corner < 4; corner += 1) {
      const x = numbers[of + 2 * (corner & 1)];
      const y = numbers[of + 1 + (corner & 2)];
      const own = a * x + b * y + c;
      const ahead = to[6] * x + to[7] * y + to[8] + by[2] * own;
      if (ahead <= AHEAD) return false; // what is beside the camera is beyond its frame, too
      const scale = 1 / ahead;
      const column = (to[0] * x + to[1] * y + to[2] + by[0] * own) * scale;
      const row = (to[3] * x + to[4] * y + to[5] + by[1] * own) * scale;
      if (column < fromX) fromX = column;
      if (column > toX) toX = column;
      if (row < fromY) fromY = row;
      if (row > toY) toY = row;
    }
    box[0] = fromX < 0 ? 0 : Math.ceil(fromX);
    box[1] = fromY < 0 ? 0 : Math.ceil(fromY);
    box[2] = toX > width - 1 ? width - 1 : Math.floor(toX);
    box[3] = toY > height - 1 ? height - 1 : Math.floor(toY);
    return box[0] <= box[2] && box[1] <= box[3];
  }
}
