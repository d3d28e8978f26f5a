/**
 * What moves in a picture with depth, as a camera sees it (`Projected` in `dragnuwa/carry/depth/projected.py`): each at
 * its own depth, behind what is nearer.
 */

import { bilinear } from '../compose.js';
import { within } from '../numbers.js';
import { bentBefore, disparityAt, movesIn } from './bent.js';
import { between } from './camera.js';

/** @import {Box} from '../composing/composition.js' */
/** @import {Size} from '../types.js' */
/** @import {Bends} from './bent.js' */
/** @import {Camera} from './camera.js' */
/** @import {Lookup} from './lookup.js' */
/** @import {DepthLayer, DepthPicture} from './picture.js' */

/**
 * A frame under way: colours, the disparity of what each pixel shows, what the picture does not show, and whether it is
 * drawn as a run renders it.
 * @typedef {{size: Size, pixels: Uint8ClampedArray, nearness: Float32Array, missing: Uint8Array, fine: boolean}} Drawn
 */

const TOUCHING = 0.05; // part of the disparity by which what a layer touches may be nearer than it
const OPAQUE = 0.5; // opacity from which a pixel shows a layer, and has its disparity
const NEARER = Object.freeze([0.2, 5]); // how many times as near the ground brings a layer
const WHOLE = 0.999; // opacity that is not told from 1
const ROUNDS = 4; // in which the place that a ray meets is found
const MARGIN = 2; // px
const SPARE = 1.3; // times as much memory as is needed: a thing that comes nearer grows

/** @param {DepthPicture} picture @param {Camera} camera @param {number} frame @param {Drawn} drawn */
export function putLayers(picture, camera, frame, drawn) {
  /** @type {Bends} */
  const bends = new Map();
  const seen = picture.layers.map((layer) => new SeenLayer(layer, picture, camera, frame, bends));
  const nearness = seen.map(({ layer, nearer }, k) => {
    const of = layer.shadow && k + 1 < seen.length ? seen[k + 1] : { layer, nearer }; // a shadow lies behind its object
    return of.layer.middle * of.nearer;
  });
  const order = seen.map((_, k) => k).filter((k) => seen[k].layer.shown[frame]);
  order.sort((one, other) => nearness[one] - nearness[other]);
  for (const k of order) seen[k].put(drawn);
}

/** A layer in a frame, before a camera. */
class SeenLayer {
  /**
   * @param {DepthLayer} layer
   * @param {DepthPicture} picture
   * @param {Camera} camera
   * @param {number} frame
   * @param {Bends} bends that the frame has so far
   */
  constructor(layer, picture, camera, frame, bends) {
    this.layer = layer;
    /** Of the picture. */
    this.size = picture.size;
    this.lens = between(picture.lens, camera);
    /** Its motion in the picture: factor and shift, real and imaginary part. */
    const moves = movesIn(layer, frame);
    this.re = moves[0];
    this.im = moves[1];
    this.x0 = moves[2];
    this.y0 = moves[3];
    const [footX, footY] = layer.foot;
    this.foot = { x: this.re * footX - this.im * footY + this.x0, y: this.im * footX + this.re * footY + this.y0 };
    /** How many times as near as at first the ground has brought it. */
    this.nearer = 1;
    if (layer.ground) {
      const [across, down, constant] = layer.ground;
      const at = (/** @type {number} */ x, /** @type {number} */ y) => across * x + down * y + constant;
      const found = within(at(this.foot.x, this.foot.y) / at(footX, footY), NEARER[0], NEARER[1]);
      this.nearer = layer.grows ? found : Math.max(1, found);
    }
    this.grown = layer.grows && layer.ground ? this.nearer : 1;
    /** Its mesh as the camera sees it; null if it does not bend, or is in part behind the camera. */
    this.bent = layer.mesh && bentBefore(layer, frame, this, bends);
    /** What a ray met last: the place in the picture of what is seen, and its disparity from the camera. */
    this.x = NaN;
    this.y = NaN;
    this.nearness = -1;
  }

  /** Puts it over a frame, where nothing nearer is seen. @param {Drawn} drawn */
  put({ size, pixels, nearness, missing, fine }) {
    const { layer: { box, colors, opacity, shadow }, size: { width, height } } = this;
    const reach = this.#reach(size);
    const { left, top, right, bottom } = reach;
    const [across, down] = [box.right - box.left, box.bottom - box.top];
    const met = this.#met(reach, size.width, nearness);
    const color = new Float32Array(3);
    for (let y = top, of = 0; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1, of += 1) {
        const fromX = met.x[of] - box.left;
        const fromY = met.y[of] - box.top;
        if (!(fromX > -0.5 && fromY > -0.5 && fromX < across - 0.5 && fromY < down - 0.5)) continue;
        const shown = bilinear(opacity, across, down, fromX, fromY) / 255;
        if (shown <= 0) continue;
        const part = met.whole ? 1 : visible(met.before, x - left, y - top, right - left, bottom - top);
        const share = shown * part;
        if (share <= 0) continue;
        if (fine) colors.cubic(fromX, fromY, color, 0);
        else colors.linear(fromX, fromY, color, 0);
        const at = y * size.width + x;
        if (share >= WHOLE) for (let k = 0; k < 3; k += 1) pixels[4 * at + k] = color[k];
        else for (let k = 4 * at; k < 4 * at + 3; k += 1) pixels[k] += share * (color[k - 4 * at] - pixels[k]);
        if (share < OPAQUE || shadow) continue;
        nearness[at] = Math.max(nearness[at], met.nearness[of]);
        const isPicture = met.x[of] > -0.5 && met.y[of] > -0.5 && met.x[of] < width - 0.5 && met.y[of] < height - 0.5;
        missing[at] = isPicture ? 0 : 1;
      }
    }
  }

  /** What the rays of some pixels meet, and whether that is before what is there: of all of them, if it is `whole`. */
  /** @param {Box} reach @param {number} width of the frame @param {Float32Array} nearness of what is there */
  #met({ left, top, right, bottom }, width, nearness) {
    const count = (right - left) * (bottom - top);
    const found = roomFor(this.layer, count);
    found.whole = true;
    const bent = this.bent && { x: new Float64Array(right - left), y: new Float64Array(right - left) };
    for (let y = top, of = 0; y < bottom; y += 1) {
      if (bent) this.bent?.sources(y, left, bent.x, bent.y, Boolean(this.layer.mesh?.inFront));
      for (let x = left; x < right; x += 1, of += 1) {
        if (bent) this.#show(x, y, bent.x[x - left], bent.y[x - left]);
        else this.#meet(x, y);
        found.x[of] = this.x;
        found.y[of] = this.y;
        found.nearness[of] = this.nearness;
        const isBefore = this.nearness >= nearness[y * width + x] * (1 - TOUCHING);
        found.before[of] = isBefore ? 1 : 0;
        if (!isBefore) found.whole = false;
      }
    }
    return found;
  }

  /** Finds what the ray of a pixel meets. @param {number} x @param {number} y */
  #meet(x, y) {
    const { layer } = this;
    this.#intersect(x, y, layer.middle * this.nearer);
    for (let round = 0; round < (layer.flat ? 0 : ROUNDS); round += 1) {
      this.#bringBack();
      this.#intersect(x, y, disparityAt(layer, this.x || 0, this.y || 0) * this.nearer);
    }
    this.#bringBack();
  }

  /** Has a pixel show a place of what bends, NaN for none. */
  /** @param {number} x @param {number} y @param {number} fromX @param {number} fromY */
  #show(x, y, fromX, fromY) {
    if (Number.isNaN(fromX)) this.nearness = -1;
    else this.#intersect(x, y, disparityAt(this.layer, fromX, fromY) * this.nearer);
    this.x = fromX;
    this.y = fromY;
  }

  /** Where it meets a plane of constant depth. @param {number} x @param {number} y @param {number} disparity */
  #intersect(x, y, disparity) {
    const { back, away } = this.lens;
    const toX = back[0] * x + back[1] * y + back[2];
    const toY = back[3] * x + back[4] * y + back[5];
    const toZ = back[6] * x + back[7] * y + back[8];
    this.nearness = (disparity * toZ) / (1 + disparity * away[2]);
    const ahead = toZ - away[2] * this.nearness;
    const isSeen = ahead > 0 && this.nearness >= 0;
    this.x = isSeen ? (toX - away[0] * this.nearness) / ahead : NaN;
    this.y = isSeen ? (toY - away[1] * this.nearness) / ahead : NaN;
    if (!isSeen) this.nearness = -1;
  }

  /** Takes a place to where the motion, and what the ground has made larger, has brought it from. */
  #bringBack() {
    const { re, im, foot, grown } = this;
    const x = foot.x + (this.x - foot.x) / grown - this.x0;
    const y = foot.y + (this.y - foot.y) / grown - this.y0;
    const square = re * re + im * im;
    this.x = (re * x + im * y) / square;
    this.y = (re * y - im * x) / square;
  }

  /** The pixels of a frame that may show it. @param {Size} size @returns {Box} */
  #reach({ width, height }) {
    const { layer: { box, disparity, flat, middle }, foot, grown, lens: { to, by } } = this;
    if (this.bent) {
      const { left, top, width: across, height: down } = this.bent.grid;
      return boxWithin(left, top, left + across, top + down, { width, height });
    }
    const ends = flat ? [middle] : [disparity.reduce(least), disparity.reduce(most)];
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const own of ends) {
      for (const fromX of [box.left, box.right]) {
        for (const fromY of [box.top, box.bottom]) {
          const x = foot.x + (this.re * fromX - this.im * fromY + this.x0 - foot.x) * grown;
          const y = foot.y + (this.im * fromX + this.re * fromY + this.y0 - foot.y) * grown;
          const ahead = to[6] * x + to[7] * y + to[8] + by[2] * own * this.nearer;
          if (ahead <= 0) return { left: 0, top: 0, right: width, bottom: height };
          const [seenX, seenY] = [0, 3].map((row) => (
            (to[row] * x + to[row + 1] * y + to[row + 2] + by[row / 3] * own * this.nearer) / ahead));
          [left, right] = [Math.min(left, seenX), Math.max(right, seenX)];
          [top, bottom] = [Math.min(top, seenY), Math.max(bottom, seenY)];
        }
      }
    }
    return boxWithin(left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN, { width, height });
  }
}

/**
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 * @param {Size} size
 * @returns {Box}
 */
function boxWithin(left, top, right, bottom, { width, height }) {
  const inside = (/** @type {number} */ value, /** @type {number} */ side) => within(Math.floor(value), 0, side);
  return {
    left: inside(left, width), top: inside(top, height), right: inside(right, width), bottom: inside(bottom, height),
  };
}

/** @typedef {{x: Float32Array, y: Float32Array, nearness: Float32Array, before: Uint8Array, whole: boolean}} Met */

/** What was met of a layer last: memory that the next frame uses again. @type {WeakMap<Lookup, Met>} */
const rooms = new WeakMap();

/** @param {DepthLayer} layer @param {number} count of pixels @returns {Met} */
function roomFor({ colors }, count) {
  const known = rooms.get(colors);
  if (known && known.x.length >= count) return known;
  const room = Math.ceil(count * SPARE);
  const found = {
    x: new Float32Array(room), y: new Float32Array(room), nearness: new Float32Array(room),
    before: new Uint8Array(room), whole: true,
  };
  rooms.set(colors, found);
  return found;
}

/**
 * How much of a pixel and those around it is before what is there, of `width` x `height` pixels.
 * @param {Uint8Array} before
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
function visible(before, x, y, width, height) {
  let count = 0;
  for (let j = -1; j <= 1; j += 1) {
    const row = within(y + j, 0, height - 1) * width;
    for (let k = -1; k <= 1; k += 1) count += before[row + within(x + k, 0, width - 1)];
  }
  return count / 9;
}

const least = (/** @type {number} */ one, /** @type {number} */ other) => Math.min(one, other);
const most = (/** @type {number} */ one, /** @type {number} */ other) => Math.max(one, other);
