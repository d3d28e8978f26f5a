/** What a camera sees of a picture with depth, as `dragnuwa/carry/depth/background.py` and `rendering.py` render it. */

import { opaque } from '../composing/packed_arrays.js';
import { isAtRest, scaled } from './camera.js';
import { Edges, markEdges } from './edges.js';
import { putLayers } from './layers.js';
import { mix } from './mixed.js';
import { SAME_OBJECT, View } from './view.js';

/** @import {Camera} from './camera.js' */
/** @import {DepthPicture} from './picture.js' */

const AROUND = 3; // px of what is behind, from which pixels between others are filled
const [MOST_ROUNDS, FEW_ROUNDS] = [24, 2]; // px, of what neither the picture nor what is behind it shows
const [STRIPE, STRIPED] = [8, 0.75]; // px, and how bright they are: what the picture does not show

/**
 * Draws what cameras see of one picture, one frame after another in the same memory.
 */
export class DepthRenderer {
  /** @param {DepthPicture} picture @param {number} [scale] 1 for frames of the picture's size, less for smaller ones */
  constructor(picture, scale = 1) {
    const { size: { width, height }, surface, behind } = picture;
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    this.picture = picture;
    /** Of the frames. */
    this.size = size;
    this.front = new View(surface, size);
    this.back = new View(behind.surface, size);
    const count = size.width * size.height;
    this.edge = new Uint8Array(count);
    this.wanted = new Uint8Array(count);
    /** What the picture does not show. */
    this.missing = new Uint8Array(count);
    /** The disparity of what each pixel shows. */
    this.nearness = new Float32Array(count);
    this.color = new Float32Array(3);
    /** A frame that is gone the next moment. */
    this.scratch = new Uint8ClampedArray(4 * count).fill(255);
  }

  /**
   * @param {Camera} camera
   * @param {number} frame of the clip, for what moves in it
   * @param {{fine?: boolean, striped?: boolean}} [how] `fine`: as a run renders it, in three times the time; `striped`:
   *   with stripes over what the picture does not show
   * @returns {Uint8ClampedArray<ArrayBuffer>} red, green, blue and 255 of each pixel; if not `fine`, in memory that the
   *   next such frame uses again
   */
  draw(camera, frame, { fine = true, striped = false } = {}) {
    const { picture, missing, nearness, size } = this;
    const pixels = fine ? new Uint8ClampedArray(4 * missing.length).fill(255) : this.scratch;
    const rests = size.width === picture.size.width && isAtRest(camera, picture);
    if (frame === 0 && rests) return opaque(picture.image, pixels);
    if (rests) {
      opaque(picture.picture, pixels);
      nearness.set(picture.surface.disparity);
      for (let at = 0; at < missing.length; at += 1) missing[at] = picture.hole[at] > 127 ? 1 : 0;
    } else this.#background(scaled(camera, picture.size, size), pixels, fine);
    putLayers(picture, scaled(camera, picture.size, size), frame, { size, pixels, nearness, missing, fine });
    if (striped) this.#stripe(pixels);
    return pixels;
  }

  /** @param {Camera} camera @param {Uint8ClampedArray} pixels @param {boolean} fine */
  #background(camera, pixels, fine) {
    const { front, picture, nearness, missing } = this;
    if (fine) {
      front.see(camera);
      this.#colored(pixels);
    } else {
      front.sketch(camera);
      mix(front, picture, missing, new Int32Array(pixels.buffer));
    }
    nearness.set(front.nearness);
    markEdges(front, this.edge);
    this.#behind(camera, pixels, fine);
    this.#edges(pixels, fine);
  }

  /** @param {Uint8ClampedArray} pixels */
  #colored(pixels) {
    const { front: { x, y, surface, nearness }, picture: { edges, hole }, missing } = this;
    for (let at = 0; at < nearness.length; at += 1) {
      missing[at] = 1;
      if (nearness[at] < 0) continue;
      const number = surface.number(x[at], y[at]);
      missing[at] = hole[number] >> 7;
      (edges.at[number] === 1 ? edges.ground : edges.objects).cubic(x[at], y[at], pixels, 4 * at);
    }
  }

  /** What is behind the edges, and where the picture shows nothing. */
  /** @param {Camera} camera @param {Uint8ClampedArray} pixels @param {boolean} fine */
  #behind(camera, pixels, fine) {
    const { front, back, picture: { behind } } = this;
    this.#want();
    if (fine) back.see(camera, this.wanted);
    else back.sketch(camera, this.wanted);
    const left = [];
    for (let at = 0; at < front.nearness.length; at += 1) {
      if (front.nearness[at] >= 0) continue;
      if (back.nearness[at] < 0) left.push(at);
      else if (fine) behind.picture.cubic(back.x[at], back.y[at], pixels, 4 * at);
      else behind.picture.linear(back.x[at], back.y[at], pixels, 4 * at);
      this.nearness[at] = back.nearness[at];
    }
    if (left.length > 0) this.#close(pixels, left, fine ? MOST_ROUNDS : FEW_ROUNDS);
  }

  /** Marks what is seen behind edges and in gaps, and what is around that. */
  #want() {
    const { front: { nearness, width, height }, edge, wanted } = this;
    wanted.fill(0);
    for (let at = 0, y = 0; y < height; y += 1) {
      const top = Math.max(0, y - AROUND);
      const bottom = Math.min(height - 1, y + AROUND);
      for (let x = 0; x < width; x += 1, at += 1) {
        if (nearness[at] >= 0 && edge[at] === 0) continue;
        const from = Math.max(0, x - AROUND);
        while (x + 1 < width && (nearness[at + 1] < 0 || edge[at + 1] === 1)) {
          x += 1;
          at += 1;
        }
        const to = Math.min(width, x + AROUND + 1);
        for (let row = top; row <= bottom; row += 1) wanted.fill(1, row * width + from, row * width + to);
      }
    }
  }

  /** Fills what nothing shows by what is beside it. */
  /** @param {Uint8ClampedArray} pixels @param {number[]} left @param {number} rounds */
  #close(pixels, left, rounds) {
    const { width } = this.front;
    const open = new Set(left);
    const last = pixels.length / 4;
    for (let round = 0; round < rounds && open.size > 0; round += 1) {
      const closed = [];
      for (const at of open) {
        const around = [at - 1, at + 1, at - width, at + width].filter((p) => p >= 0 && p < last && !open.has(p));
        if (around.length === 0) continue;
        for (let k = 0; k < 3; k += 1) {
          pixels[4 * at + k] = around.reduce((sum, p) => sum + pixels[4 * p + k], 0) / around.length;
        }
        closed.push(at);
      }
      for (const at of closed) open.delete(at);
    }
    if (open.size > 0) spread(pixels, open, width);
  }

  /** @param {Uint8ClampedArray} pixels @param {boolean} fine */
  #edges(pixels, fine) {
    const { front, back, edge, color, picture } = this;
    const edges = new Edges(picture, front, fine);
    for (let at = 0; at < edge.length; at += 1) {
      if (edge[at] === 0) continue;
      const own = front.nearness[at];
      const other = back.nearness[at];
      // What a gap begins at is its own best continuation; only what stands before something else has that behind it.
      if (other >= 0 && (own < 0 || other < own * (1 - SAME_OBJECT))) {
        picture.behind.picture.cubic(back.x[at], back.y[at], color, 0);
      } else for (let k = 0; k < 3; k += 1) color[k] = pixels[4 * at + k];
      edges.put(pixels, at, color);
    }
  }

  /** @param {Uint8ClampedArray} pixels */
  #stripe(pixels) {
    const { missing, front: { width } } = this;
    for (let at = 0; at < missing.length; at += 1) {
      if (missing[at] === 0 || (at % width + Math.floor(at / width)) % STRIPE >= STRIPE / 2) continue;
      for (let k = 4 * at; k < 4 * at + 3; k += 1) pixels[k] *= STRIPED;
    }
  }
}

/**
 * Continues rows, and then columns, into pixels that are still without a colour.
 * @param {Uint8ClampedArray} pixels
 * @param {Set<number>} open their numbers
 * @param {number} width
 */
function spread(pixels, open, width) {
  const numbers = Int32Array.from(open).sort();
  for (const step of [1, -1, width, -width]) {
    for (const at of step > 0 ? numbers : numbers.toReversed()) {
      const from = at - step;
      const isBeside = from >= 0 && 4 * from < pixels.length && (Math.abs(step) > 1
        || Math.floor(from / width) === Math.floor(at / width));
      if (!open.has(at) || !isBeside || open.has(from)) continue;
      for (let k = 0; k < 3; k += 1) pixels[4 * at + k] = pixels[4 * from + k];
      open.delete(at);
    }
  }
}
