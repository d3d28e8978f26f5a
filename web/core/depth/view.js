/**
 * What another camera sees of a surface: for each of its pixels the place of the picture that it shows, found as by
 * `dragnuwa/carry/depth/view.py`. Every pixel is projected, of those that meet the nearest is kept, and its plane says
 * exactly which place is seen; pixels between the projected ones are shown by the planes of their neighbours.
 */

import { ownCamera } from './camera.js';
import { Rays } from './rays.js';
import { BLOCK } from './surface.js';
import { tilesOf } from './tiles.js';

/** @import {Size} from '../types.js' */
/** @import {Camera} from './camera.js' */
/** @import {Surface} from './surface.js' */

const AHEAD = 1e-9;
const MOST_ROUNDS = 8; // px between projected pixels that are filled, twice
export const SAME_OBJECT = 0.02; // part of the disparity, by which neighbours of a view's pixel are the same object

/** Whether one disparity is so much larger that it may be seen through a gap. */
/** @param {number} one @param {number} other */
const isNearer = (one, other) => one > other + SAME_OBJECT * Math.max(other, 0) + AHEAD;

export class View {
  /** @param {Surface} surface @param {Size} size of the camera's frames */
  constructor(surface, { width, height }) {
    this.surface = surface;
    this.width = width;
    this.height = height;
    const count = width * height;
    /** The place that each pixel shows, and its disparity from the camera, -1 where it shows nothing. */
    this.x = new Float32Array(count);
    this.y = new Float32Array(count);
    this.nearness = new Float32Array(count);
    /** The number of the picture's pixel whose plane that is, -1 without one. */
    this.nearest = new Int32Array(count);
    this.lists = [0, 1, 2].map(() => ({ pixels: new Int32Array(count), count: 0 }));
    this.integral = new Int32Array((width + 1) * (height + 1));
    /** @type {Uint8Array | null} */
    this.wanted = null;
    this.rays = new Rays(surface, ownCamera(surface));
  }

  /** @param {Camera} camera @param {Uint8Array | null} wanted of which pixels; null for all */
  see(camera, wanted = null) {
    this.wanted = wanted;
    this.rays = new Rays(this.surface, camera);
    this.nearest.fill(-1);
    this.nearness.fill(-1);
    if (wanted) this.#sum(wanted);
    this.#project();
    this.#intersect();
    this.#fill();
    if (!this.surface.hasSteps) this.#join();
  }

  /** Nearly the same in a quarter of the time. @param {Camera} camera @param {Uint8Array | null} wanted */
  sketch(camera, wanted = null) {
    const { nearness, nearest, x, y, surface, lists: [cracks] } = this;
    this.wanted = wanted;
    this.rays = new Rays(surface, camera);
    nearness.fill(-1);
    if (wanted) this.#sum(wanted);
    tilesOf(surface, wanted !== null).see(this, wanted);
    cracks.count = 0;
    for (let at = 0; at < nearness.length; at += 1) {
      if (nearness[at] >= 0) nearest[at] = surface.number(x[at], y[at]);
      else {
        nearest[at] = -1;
        if (!wanted || wanted[at]) cracks.pixels[cracks.count++] = at;
      }
    }
    this.#close();
  }

  /** Projects the blocks that may fall on what is wanted. */
  #project() {
    const { surface, wanted } = this;
    for (let top = 0, block = 0; top < surface.height; top += BLOCK) {
      const bottom = Math.min(top + BLOCK, surface.height);
      for (let left = 0; left < surface.width; left += BLOCK, block += 1) {
        const right = Math.min(left + BLOCK, surface.width);
        if (!wanted || this.#isWanted(left, top, right - 1, bottom - 1, block)) this.#put(left, top, right, bottom);
      }
    }
  }

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom without the last two */
  #put(left, top, right, bottom) {
    const { nearest, nearness, width, height, surface: { disparity, width: across }, rays: { to, by }, wanted } = this;
    for (let y = top; y < bottom; y += 1) {
      const x0 = to[1] * y + to[2];
      const y0 = to[4] * y + to[5];
      const z0 = to[7] * y + to[8];
      for (let x = left, of = y * across + left; x < right; x += 1, of += 1) {
        const own = disparity[of];
        const ahead = to[6] * x + z0 + by[2] * own;
        if (ahead <= AHEAD) continue;
        const scale = 1 / ahead;
        const column = Math.floor((to[0] * x + x0 + by[0] * own) * scale + 0.5);
        const row = Math.floor((to[3] * x + y0 + by[1] * own) * scale + 0.5);
        if (column < 0 || row < 0 || column >= width || row >= height) continue;
        const at = row * width + column;
        const near = own * scale;
        if (near >= nearness[at] && (!wanted || wanted[at])) {
          nearness[at] = near;
          nearest[at] = of;
        }
      }
    }
  }

  /** @param {Uint8Array} wanted */
  #sum(wanted) {
    const { width, height, integral } = this;
    for (let y = 0, at = 0; y < height; y += 1) {
      let row = 0;
      let to = (y + 1) * (width + 1) + 1;
      for (let x = 0; x < width; x += 1, at += 1, to += 1) {
        row += wanted[at];
        integral[to] = integral[to - width - 1] + row;
      }
    }
  }

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom @param {number} block */
  #isWanted(left, top, right, bottom, block) {
    const { width, height, surface: { least, most }, rays: { to, by } } = this;
    let [fromX, fromY, toX, toY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const own of [least[block], most[block]]) {
      for (let corner = 0; corner < 4; corner += 1) {
        const [x, y] = [corner & 1 ? right : left, corner & 2 ? bottom : top];
        const ahead = to[6] * x + to[7] * y + to[8] + by[2] * own;
        if (ahead <= AHEAD) return true;
        const column = (to[0] * x + to[1] * y + to[2] + by[0] * own) / ahead;
        const row = (to[3] * x + to[4] * y + to[5] + by[1] * own) / ahead;
        fromX = Math.min(fromX, column);
        toX = Math.max(toX, column);
        fromY = Math.min(fromY, row);
        toY = Math.max(toY, row);
      }
    }
    const [x0, x1] = [fromX - 1, toX + 2].map((value) => Math.max(0, Math.min(width, Math.trunc(value))));
    const [y0, y1] = [fromY - 1, toY + 2].map((value) => Math.max(0, Math.min(height, Math.trunc(value))));
    return this.wants(x0, y0, x1 - 1, y1 - 1);
  }

  /** Whether some pixels are wanted, of columns and rows. */
  /** @param {number} left @param {number} top @param {number} right @param {number} bottom */
  wants(left, top, right, bottom) {
    const { integral } = this;
    const line = this.width + 1;
    const upper = top * line;
    const lower = (bottom + 1) * line;
    return integral[lower + right + 1] - integral[lower + left] > integral[upper + right + 1] - integral[upper + left];
  }

  /** Takes what the ray of a pixel meets of a plane, if it is nearer. @param {number} at @param {number} number */
  #take(at, number) {
    const { rays } = this;
    const row = Math.floor(at / this.width);
    if (!rays.meet(at - row * this.width, row, number)) return false;
    if (!(rays.nearness > this.nearness[at])) return false;
    this.x[at] = rays.x;
    this.y[at] = rays.y;
    this.nearness[at] = rays.nearness;
    return true;
  }

  /** Finds which places of the planes are seen. */
  #intersect() {
    const { nearest, nearness, wanted, width, height, rays, x, y, lists: [cracks] } = this;
    cracks.count = 0;
    for (let row = 0, at = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1, at += 1) {
        nearness[at] = -1;
        const number = nearest[at];
        if (number < 0) {
          if (!wanted || wanted[at]) cracks.pixels[cracks.count++] = at;
        } else if (rays.meet(column, row, number)) {
          x[at] = rays.x;
          y[at] = rays.y;
          nearness[at] = rays.nearness;
        }
      }
    }
    this.#close();
  }

  /** Finds what is seen between the projected pixels, by the planes beside. */
  #close() {
    const { nearest, nearness, width, lists: [cracks, found], x, y, surface } = this;
    const last = nearest.length - 1;
    for (let k = 0; k < cracks.count; k += 1) {
      const at = cracks.pixels[k];
      let number = nearest[Math.max(0, at - 1)];
      if (number < 0) number = nearest[Math.min(last, at + 1)];
      if (number < 0) number = nearest[Math.max(0, at - width)];
      found.pixels[k] = number < 0 ? nearest[Math.min(last, at + width)] : number;
    }
    for (let k = 0; k < cracks.count; k += 1) {
      const at = cracks.pixels[k];
      nearest[at] = found.pixels[k];
      if (nearest[at] < 0 || !this.#take(at, nearest[at])) continue;
      nearest[at] = surface.number(x[at], y[at]);
      nearness[at] = -1;
      this.#take(at, nearest[at]);
    }
  }

  /** Fills what is seen through gaps between projected pixels by what is nearer beside it. */
  #fill() {
    let [before, fresh, next] = this.lists;
    before.count = 0;
    this.#findBehind(fresh);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      next.count = 0;
      for (let side = 0; side < 4; side += 1) {
        for (let k = 0; k < before.count; k += 1) this.#spread(before.pixels[k], side, next);
        for (let k = 0; k < fresh.count; k += 1) this.#spread(fresh.pixels[k], side, next);
        for (let k = 0, { count } = next; k < count; k += 1) this.#spread(next.pixels[k], side, next);
      }
      if (next.count === 0) return;
      [before, fresh, next] = [fresh, next, before];
    }
  }

  /** Of a surface without steps there are no gaps: where it bends, what is between two planes is found as well. */
  #join() {
    const { width, nearness, rays, x, y, lists: [list], wanted } = this;
    list.count = 0;
    for (let at = width; at < nearness.length - width; at += 1) {
      if (nearness[at] >= 0 || (wanted && !wanted[at])) continue;
      const isBetween = (nearness[at - width] >= 0 && nearness[at + width] >= 0)
        || (nearness[at - 1] >= 0 && nearness[at + 1] >= 0);
      if (isBetween) list.pixels[list.count++] = at;
    }
    for (let k = 0; k < list.count; k += 1) {
      const at = list.pixels[k];
      const row = Math.floor(at / width);
      if (!rays.meetSurface(at - row * width, row)) continue;
      x[at] = rays.x;
      y[at] = rays.y;
      nearness[at] = rays.nearness;
      this.nearest[at] = rays.there;
    }
  }

  /** Lists the pixels beside which something is farther. @param {{pixels: Int32Array, count: number}} found */
  #findBehind(found) {
    const { width, height, nearness } = this;
    found.count = 0;
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) {
        const own = nearness[at];
        if (own < 0) continue;
        const less = own - SAME_OBJECT * own;
        if ((x > 0 && nearness[at - 1] < less) || (x + 1 < width && nearness[at + 1] < less)
          || (y > 0 && nearness[at - width] < less) || (y + 1 < height && nearness[at + width] < less)) {
          found.pixels[found.count++] = at;
        }
      }
    }
  }

  /** Has a pixel show the plane of the one on a side of which it is, if that is nearer. */
  /** @param {number} from @param {number} side @param {{pixels: Int32Array, count: number}} next */
  #spread(from, side, next) {
    const { nearness, nearest, wanted, x, y, rays, width, height } = this;
    const row = Math.floor(from / width) + (side === 2 ? 1 : side === 3 ? -1 : 0);
    const column = from % width + (side === 0 ? 1 : side === 1 ? -1 : 0);
    if (row < 0 || column < 0 || row >= height || column >= width) return;
    const at = row * width + column;
    if (!isNearer(nearness[from], nearness[at]) || (wanted && !wanted[at])) return;
    if (!rays.meet(column, row, nearest[from]) || rays.nearness <= nearness[at]) return;
    // What curves away from the camera ends sooner than the plane of a neighbour.
    if (!rays.meet(column, row, rays.there) || rays.nearness <= nearness[at]) return;
    x[at] = rays.x;
    y[at] = rays.y;
    nearness[at] = rays.nearness;
    nearest[at] = rays.there;
    if (next.count < next.pixels.length) next.pixels[next.count++] = at;
  }
}
