/**
 * A picture with the disparity (1 / depth) of each pixel, as pieces of planes, as `dragnuwa/carry/depth/scene.py` has
 * it: on a plane the disparity changes evenly, so that where such a piece is seen from another camera is exact.
 */

/** @import {Size} from '../types.js' */
/** @import {Lens} from './camera.js' */

export const STEP = 0.06; // part of the nearer disparity: a larger change to the next pixel is the edge of an object
export const BLOCK = 16; // px, the side of the blocks of which the range of disparity is known
const BENT = 0.5; // of the change itself: on a plane, the changes before and after it are the same
const [THIN_ACROSS, THIN_DOWN] = [1, 2];

export class Surface {
  /** @param {Size} size @param {Float32Array} disparity @param {Lens} lens */
  constructor({ width, height }, disparity, lens) {
    this.width = width;
    this.height = height;
    this.disparity = disparity;
    this.lens = lens;
    /** The change of disparity per px to the right and downwards, within the same object. */
    this.across = new Float32Array(width * height);
    this.down = new Float32Array(width * height);
    /** Pixels of something that is one pixel wide (1) or high (2), whose slope there is not known. */
    this.thin = new Uint8Array(width * height);
    /** Whether an object ends anywhere in it. */
    this.hasSteps = false;
    for (let y = 0; y < height; y += 1) this.#line(y * width, 1, width, this.across, THIN_ACROSS);
    for (let x = 0; x < width; x += 1) this.#line(x, width, height, this.down, THIN_DOWN);
    /** The disparity of each pixel's plane at the picture's first pixel. */
    this.constant = new Float64Array(width * height);
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) {
        this.constant[at] = disparity[at] - this.across[at] * x - this.down[at] * y;
      }
    }
    const blocks = Math.ceil(width / BLOCK) * Math.ceil(height / BLOCK);
    /** The least and the largest disparity in each block. */
    this.least = new Float32Array(blocks).fill(Infinity);
    this.most = new Float32Array(blocks);
    this.#setBlocks();
  }

  /**
   * Finds the slopes along a row or a column.
   * @param {number} first
   * @param {number} step to the next pixel
   * @param {number} count of pixels
   * @param {Float32Array} slopes
   * @param {number} thin
   */
  #line(first, step, count, slopes, thin) {
    const { disparity } = this;
    const last = count - 2;
    const change = (/** @type {number} */ k) => disparity[first + (k + 1) * step] - disparity[first + k * step];
    let ended = true; // an object ends before this pixel
    for (let k = 0; k < count; k += 1) {
      const at = first + k * step;
      const around = /** @type {const} */ ([change(Math.max(0, k - 1)), change(k), change(Math.min(last, k + 1))]);
      const next = k <= last && !this.#ends(...around, at, step);
      const [before, after] = [ended ? NaN : change(k - 1), next ? change(k) : NaN];
      if (!ended && (!next || Math.abs(before) <= Math.abs(after))) slopes[at] = before;
      else slopes[at] = next ? after : 0;
      if (ended && !next) this.thin[at] |= thin;
      if (k <= last && !next) this.hasSteps = true;
      ended = !next;
    }
  }

  /** Whether an object ends between a pixel and the next one. */
  /** @param {number} before @param {number} change @param {number} after @param {number} at @param {number} step */
  #ends(before, change, after, at, step) {
    const size = Math.abs(change);
    if (size <= STEP * Math.max(this.disparity[at], this.disparity[at + step])) return false;
    return Math.min(Math.abs(change - before), Math.abs(change - after)) > BENT * size;
  }

  #setBlocks() {
    const { width, height, disparity } = this;
    const across = Math.ceil(width / BLOCK);
    for (let y = 0, at = 0; y < height; y += 1) {
      const row = Math.floor(y / BLOCK) * across;
      for (let x = 0; x < width; x += 1, at += 1) {
        const block = row + Math.floor(x / BLOCK);
        if (disparity[at] < this.least[block]) this.least[block] = disparity[at];
        if (disparity[at] > this.most[block]) this.most[block] = disparity[at];
      }
    }
  }

  /** The number of the pixel at a place, or of the nearest one. @param {number} x @param {number} y */
  number(x, y) {
    const column = x < 0 ? 0 : x > this.width - 1 ? this.width - 1 : Math.floor(x + 0.5);
    const row = y < 0 ? 0 : y > this.height - 1 ? this.height - 1 : Math.floor(y + 0.5);
    return row * this.width + column;
  }
}
