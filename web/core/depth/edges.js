/**
 * The pixels of a view beside which something else begins: the mean of what their parts show, of an object and of what
 * is behind it, mixed as at the edges in the picture (`parts_of` and `EdgeMatte.composed` of `dragnuwa/carry/depth/`).
 */

import { bilinear } from '../compose.js';
import { STEP } from './surface.js';
import { SAME_OBJECT } from './view.js';

/** @import {Lookup} from './lookup.js' */
/** @import {DepthPicture} from './picture.js' */
/** @import {View} from './view.js' */

const SHARPER = 2; // edges of parts, which are half as wide as pixels, so that those of pixels are as sharp
/** px from a pixel's centre, of its parts: all, and fewer under a hand. */
const FINE = Object.freeze([-1 / 3, 0, 1 / 3]);
const COARSE = Object.freeze([-1 / 4, 1 / 4]);

/** Marks the pixels beside which something else begins. @param {View} view @param {Uint8Array} marks */
export function markEdges({ nearness, width, height }, marks) {
  marks.fill(0);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if (x + 1 < width && isStep(nearness[at], nearness[at + 1])) marks[at] = marks[at + 1] = 1;
      if (y + 1 < height && isStep(nearness[at], nearness[at + width])) marks[at] = marks[at + width] = 1;
    }
  }
}

/** @param {number} one @param {number} other */
function isStep(one, other) {
  const nearer = one > other ? one : other;
  return nearer >= 0 && (one > other ? one - other : other - one) > STEP * nearer;
}

/** The edges in one view of a picture. */
export class Edges {
  /** @param {DepthPicture} picture @param {View} view @param {boolean} fine */
  constructor({ edges }, view, fine) {
    this.edges = edges;
    this.view = view;
    this.fine = fine;
    this.parts = fine ? FINE : COARSE;
    this.candidates = new Int32Array(5);
    this.color = new Float32Array(3);
    this.sum = new Float32Array(3);
    this.back = new Float32Array(3);
    /** Of a part, what is nearest, and what is behind that: place, disparity, and whether it is there in part only. */
    this.first = { x: 0.5, y: 0.5, nearness: -1.5, beside: false };
    this.second = { x: 0.5, y: 0.5, nearness: -1.5 };
  }

  /**
   * Puts a pixel's mean colour into a frame.
   * @param {Uint8ClampedArray} pixels
   * @param {number} at the pixel's number
   * @param {Float32Array} back what is behind all: red, green and blue
   */
  put(pixels, at, back) {
    const { view, parts, sum, candidates } = this;
    const row = Math.floor(at / view.width);
    const column = at - row * view.width;
    const count = this.#find(at, row, column);
    sum.fill(0);
    for (const dx of parts) {
      for (const dy of parts) {
        this.first.nearness = -1;
        this.second.nearness = -1;
        this.first.beside = false;
        for (let k = 0; k < count; k += 1) this.#meet(column + dx, row + dy, candidates[k]);
        this.#compose(back);
      }
    }
    const total = parts.length ** 2;
    for (let k = 0; k < 3; k += 1) pixels[4 * at + k] = sum[k] / total;
  }

  /** The pixels whose planes may be seen in a pixel: its own, and those of others beside it. */
  /** @param {number} at @param {number} row @param {number} column */
  #find(at, row, column) {
    const { view: { nearness, nearest, width, height }, candidates } = this;
    let count = 0;
    const own = nearness[at];
    if (own >= 0) candidates[count++] = nearest[at];
    for (let k = 0; k < 4; k += 1) {
      const [dx, dy] = [k < 2 ? 1 - 2 * k : 0, k < 2 ? 0 : 5 - 2 * k];
      if (column + dx < 0 || row + dy < 0 || column + dx >= width || row + dy >= height) continue;
      const other = at + dy * width + dx;
      const apart = Math.abs(nearness[other] - own);
      if (nearness[other] >= 0 && apart > SAME_OBJECT * own) candidates[count++] = nearest[other];
    }
    return count;
  }

  /** @param {number} x @param {number} y @param {number} number */
  #meet(x, y, number) {
    const { view: { rays }, edges: { beside } } = this;
    const met = rays.meetSoftly(x, y, number, beside);
    if (met === 0) return;
    // What is curved has another plane there.
    const found = this.fine ? rays.meetSoftly(x, y, rays.there, beside) : met;
    if (found > 0) this.#add(found === 1);
  }

  /** @param {boolean} beside */
  #add(beside) {
    const { first, second, view: { rays } } = this;
    const { x, y, nearness } = rays;
    const own = first.nearness;
    if (nearness > own) {
      if (nearness > own * (1 + SAME_OBJECT) && !first.beside) {
        second.x = first.x;
        second.y = first.y;
        second.nearness = own;
      }
      first.x = x;
      first.y = y;
      first.nearness = nearness;
      first.beside = beside;
    } else if (!beside && nearness < own * (1 - SAME_OBJECT) && nearness > second.nearness) {
      second.x = x;
      second.y = y;
      second.nearness = nearness;
    }
  }

  /** Adds the colour of a part. @param {Float32Array} back */
  #compose(back) {
    const { first, second, sum, color, edges } = this;
    if (second.nearness >= 0) this.#look(second);
    else color.set(back);
    const [red, green, blue] = color;
    let opacity = 0;
    if (first.nearness >= 0) {
      const isGround = edges.at[this.#number(first)] === 1 && !first.beside;
      this.#looked(isGround ? edges.ground : edges.objects, first);
      const found = isGround ? 1 : 0.5 + SHARPER * (this.#opacity(first) / 255 - 0.5);
      opacity = Math.max(0, Math.min(1, found));
    }
    sum[0] += red + opacity * (color[0] - red);
    sum[1] += green + opacity * (color[1] - green);
    sum[2] += blue + opacity * (color[2] - blue);
  }

  /** @param {{x: number, y: number}} place */
  #look(place) {
    const { edges } = this;
    this.#looked(edges.at[this.#number(place)] === 1 ? edges.ground : edges.objects, place);
  }

  /** @param {Lookup} colors @param {{x: number, y: number}} place */
  #looked(colors, { x, y }) {
    if (this.fine) colors.cubic(x, y, this.color, 0);
    else colors.linear(x, y, this.color, 0);
  }

  /** @param {{x: number, y: number}} place */
  #opacity({ x, y }) {
    const { opacity } = this.edges;
    return this.fine ? opacity.value(x, y) : bilinear(opacity.pixels, opacity.width, opacity.height, x, y);
  }

  /** @param {{x: number, y: number}} place */
  #number({ x, y }) {
    return this.view.surface.number(x, y);
  }
}
