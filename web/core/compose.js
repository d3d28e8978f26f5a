/**
 * The frames of a composition, as `dragnuwa/carry/rendering.py` renders them: the ground, moved by the camera, and the
 * things over it from back to front. The cases in tests/web/compositions.json check that both agree.
 */

import { keepResting } from './composing/bent.js';
import { Raster, shapeOf } from './composing/raster.js';
import { scaleOf, smoothedColors, smoothedLayer } from './composing/smoothed.js';

/** @import {Size} from './types.js' */
/** @import {Pixels} from './composing/smoothed.js' */
/** @import {Box, Composition, InverseMotion, Layer} from './composing/composition.js' */

/**
 * Gives the places in the picture of the pixels of a row from a column on, NaN where unknown.
 * @typedef {(y: number, left: number, toX: Float64Array, toY: Float64Array) => void} Sources
 */

/** The pixels of a layer. @typedef {{box: Box, colors: Pixels, opacity: Pixels}} Shown */

const FAINTEST = 1e-6; // least opacity that is divided by
const A = -0.75; // of the cubic kernel

/**
 * The frame that is shown at an instant.
 * @param {Pick<Composition, 'frames'>} composition
 * @param {number} time fraction of the clip
 */
export const frameAt = ({ frames }, time) => Math.round(time * (frames - 1));

/**
 * @param {Composition} composition
 * @param {number} time fraction of the clip
 * @returns {Uint8ClampedArray<ArrayBuffer>} red, green, blue and 255 of each pixel
 */
export function compose(composition, time) {
  const frame = frameAt(composition, time);
  if (frame === 0) return composition.image.slice();
  const pixels = groundOf(composition, frame);
  for (const layer of composition.layers) if (layer.shown[frame]) put(pixels, composition, layer, frame);
  if (composition.layers.some(({ motion }) => motion?.kind === 'mesh')) {
    keepResting(pixels, composition, frame, (layer) => reachOf(layer, frame));
  }
  return pixels;
}

/** @param {Composition} composition @param {number} frame @returns {Uint8ClampedArray<ArrayBuffer>} */
function groundOf({ ground, camera, size: { width, height } }, frame) {
  const pixels = ground.slice();
  if (!camera) return pixels;
  const { box, colors, moves } = camera;
  const [re, im, x0, y0] = moves.subarray(4 * frame, 4 * frame + 4);
  const square = re * re + im * im;
  const across = box.right - box.left;
  const plate = new Bicubic(smoothedColors(colors, across, Math.sqrt(square)), across, box.bottom - box.top);
  for (let y = 0, to = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, to += 4) {
      const fromX = (re * (x - x0) + im * (y - y0)) / square;
      const fromY = (re * (y - y0) - im * (x - x0)) / square;
      plate.at(fromX - box.left, fromY - box.top);
      pixels[to] = plate.color[0];
      pixels[to + 1] = plate.color[1];
      pixels[to + 2] = plate.color[2];
    }
  }
  return pixels;
}

/**
 * Puts a layer over a frame.
 * @param {Uint8ClampedArray} pixels
 * @param {Composition} composition
 * @param {Layer} layer
 * @param {number} frame
 */
function put(pixels, { size }, layer, frame) {
  const exposures = exposuresOf(layer, frame);
  const reach = within(reachOf(layer, frame), size);
  if (reach.left >= reach.right || reach.top >= reach.bottom) return;
  const shown = smoothedLayer(layer, scaleOf(layer.motion, frame, reachOf(layer, frame), layer.box, exposures[0]));
  if (exposures.length > 1) {
    putBlurred(pixels, size.width, shown, exposures, reach, size.height);
    return;
  }
  const over = looking(shown, size.width, size.height, exposures[0], reach);
  for (let y = reach.top; y < reach.bottom; y += 1) {
    over(y, (to, opacity, color) => {
      const at = 4 * (y * size.width + reach.left + to);
      pixels[at] += opacity * (color[0] - pixels[at]);
      pixels[at + 1] += opacity * (color[1] - pixels[at + 1]);
      pixels[at + 2] += opacity * (color[2] - pixels[at + 2]);
    });
  }
}

/**
 * Puts the mean of several instants over a frame, whose colours count by their opacity.
 * @param {Uint8ClampedArray} pixels
 * @param {number} width
 * @param {Shown} layer
 * @param {readonly Sources[]} exposures
 * @param {Box} reach
 * @param {number} height
 */
function putBlurred(pixels, width, layer, exposures, reach, height) {
  const across = reach.right - reach.left;
  const lookers = exposures.map((sources) => looking(layer, width, height, sources, reach));
  const sum = new Float64Array(4 * across);
  for (let y = reach.top; y < reach.bottom; y += 1) {
    sum.fill(0);
    for (const over of lookers) {
      over(y, (to, opacity, color) => {
        sum[4 * to] += opacity * color[0];
        sum[4 * to + 1] += opacity * color[1];
        sum[4 * to + 2] += opacity * color[2];
        sum[4 * to + 3] += opacity;
      });
    }
    for (let x = 0, at = 4 * (y * width + reach.left); x < across; x += 1, at += 4) {
      const total = sum[4 * x + 3];
      const opacity = total / exposures.length;
      for (let k = 0; k < 3 && total > 0; k += 1) {
        pixels[at + k] += opacity * (sum[4 * x + k] / Math.max(total, FAINTEST) - pixels[at + k]);
      }
    }
  }
}

/**
 * What gives the pixels of a layer in each row of a frame: their numbers in the row, opacities and colours.
 * @param {Shown} layer
 * @param {number} width of the picture
 * @param {number} height
 * @param {Sources} sources
 * @param {Box} reach
 */
function looking({ box, colors, opacity }, width, height, sources, reach) {
  const across = box.right - box.left;
  const down = box.bottom - box.top;
  const [left, top] = [Math.min(0, box.left), Math.min(0, box.top)]; // beyond the picture, where it goes on there
  const [right, bottom] = [Math.max(width, box.right), Math.max(height, box.bottom)];
  const fromX = new Float64Array(reach.right - reach.left);
  const fromY = new Float64Array(reach.right - reach.left);
  const cut = new Bicubic(colors, across, down);
  /** @param {number} y @param {(to: number, opacity: number, color: Float64Array) => void} give */
  return (y, give) => {
    sources(y, reach.left, fromX, fromY);
    for (let k = 0; k < fromX.length; k += 1) {
      const x = fromX[k];
      const of = fromY[k];
      const inside = x > left - 0.5 && x < right - 0.5 && of > top - 0.5 && of < bottom - 0.5; // false for NaN
      const share = inside ? bilinear(opacity, across, down, x - box.left, of - box.top) / 255 : 0;
      if (share > 0) {
        cut.at(x - box.left, of - box.top);
        give(k, share, cut.color);
      }
    }
  };
}

/** The instants whose mean a layer shows in a frame. @param {Layer} layer @param {number} frame @returns {Sources[]} */
function exposuresOf({ motion }, frame) {
  if (!motion) return [similar([1, 0, 0, 0])];
  if (motion.kind === 'inverse') return [around(motion, frame)];
  const instants = [];
  for (let at = motion.first[frame]; at < motion.first[frame + 1]; at += 1) {
    if (motion.kind === 'similarity') instants.push(similar(motion.moves.subarray(4 * at, 4 * at + 4)));
    else {
      const raster = Raster.of(motion, at);
      const { inFront } = motion;
      /** @type {Sources} */
      const sources = (y, left, toX, toY) => raster.sources(y, left, toX, toY, inFront);
      instants.push(sources);
    }
  }
  return instants;
}

/** The box around a layer in a frame. @param {Layer} layer @param {number} frame @returns {Box} */
function reachOf({ box, motion }, frame) {
  if (!motion) return box;
  const reached = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  if (motion.kind === 'inverse') {
    const { tracks } = motion;
    for (const at of placesOf(motion, frame)) join(reached, tracks[at], tracks[at + 1], 2 * motion.radius);
    return reached;
  }
  for (let at = motion.first[frame]; at < motion.first[frame + 1]; at += 1) {
    if (motion.kind === 'mesh') {
      const { margin } = shapeOf(motion.mesh);
      const points = motion.at(at);
      for (let k = 0; k < points.length; k += 2) join(reached, points[k], points[k + 1], margin);
    } else {
      const [re, im, x0, y0] = motion.moves.subarray(4 * at, 4 * at + 4);
      for (const x of [box.left, box.right - 1]) {
        for (const y of [box.top, box.bottom - 1]) join(reached, re * x - im * y + x0, im * x + re * y + y0, 1);
      }
    }
  }
  return reached;
}

/** @param {Box} box @param {number} x @param {number} y @param {number} margin */
function join(box, x, y, margin) {
  box.left = Math.min(box.left, Math.floor(x - margin));
  box.top = Math.min(box.top, Math.floor(y - margin));
  box.right = Math.max(box.right, Math.ceil(x + margin) + 1);
  box.bottom = Math.max(box.bottom, Math.ceil(y + margin) + 1);
}

/** @param {Box} box @param {Size} size @returns {Box} */
const within = (box, { width, height }) => ({
  left: Math.max(0, box.left), top: Math.max(0, box.top),
  right: Math.min(width, box.right), bottom: Math.min(height, box.bottom),
});

/** @param {ArrayLike<number>} move factor and shift @returns {Sources} */
function similar({ 0: re, 1: im, 2: x0, 3: y0 }) {
  const square = re * re + im * im;
  return (y, left, toX, toY) => {
    for (let k = 0; k < toX.length; k += 1) {
      const x = left + k - x0;
      toX[k] = (re * x + im * (y - y0)) / square;
      toY[k] = (re * (y - y0) - im * x) / square;
    }
  };
}

/** Where the tracks of a frame are in their array. @param {InverseMotion} motion @param {number} frame */
function placesOf({ tracks, frames }, frame) {
  return Array.from({ length: tracks.length / (2 * frames) }, (_, k) => 2 * (k * frames + frame));
}

/** By the inverse fourth power of the distance (Shepard, 1968). @param {InverseMotion} motion @param {number} frame */
function around(motion, frame) {
  const { tracks, radius } = motion;
  const places = placesOf(motion, frame);
  const begins = placesOf(motion, 0);
  /** @type {Sources} */
  const sources = (y, left, toX, toY) => {
    for (let k = 0; k < toX.length; k += 1) {
      let [sum, shiftX, shiftY, nearest] = [0, 0, 0, Infinity];
      for (let track = 0; track < places.length; track += 1) {
        const [there, before] = [places[track], begins[track]];
        const away = (left + k - tracks[there]) ** 2 + (y - tracks[there + 1]) ** 2;
        const weight = 1 / (away * away + 1e-9);
        sum += weight;
        shiftX += weight * (tracks[there] - tracks[before]);
        shiftY += weight * (tracks[there + 1] - tracks[before + 1]);
        nearest = Math.min(nearest, away);
      }
      const near = nearest <= 4 * radius * radius;
      toX[k] = near ? left + k - shiftX / sum : NaN;
      toY[k] = near ? y - shiftY / sum : NaN;
    }
  };
  return sources;
}

/**
 * The weights of the four pixels around a place.
 * @param {number} part of a pixel that it is after the second
 * @param {Float64Array} to
 */
function cubicWeights(part, to) {
  const before = part + 1;
  const rest = 1 - part;
  const after = rest + 1;
  to[0] = ((A * before - 5 * A) * before + 8 * A) * before - 4 * A;
  to[1] = ((A + 2) * part - (A + 3)) * part * part + 1;
  to[2] = ((A + 2) * rest - (A + 3)) * rest * rest + 1;
  to[3] = ((A * after - 5 * A) * after + 8 * A) * after - 4 * A;
}

/**
 * Looks up places between the centres of `width` x `height` pixels of three channels, as the library does (torch's
 * `grid_sample` with `align_corners=False` and `padding_mode="border"`); `color` has the last one found.
 */
class Bicubic {
  /** @param {Pixels} pixels @param {number} width @param {number} height */
  constructor(pixels, width, height) {
    this.pixels = pixels;
    this.width = width;
    this.height = height;
    this.color = new Float64Array(3);
    this.across = new Float64Array(4);
    this.down = new Float64Array(4);
    this.partX = NaN;
    this.partY = NaN;
    this.columns = new Int32Array(4);
  }

  /** @param {number} x @param {number} y */
  at(x, y) {
    const { pixels, width, height, across, down, columns, color } = this;
    const left = Math.floor(x);
    const top = Math.floor(y);
    if (x - left !== this.partX) cubicWeights(this.partX = x - left, across);
    if (y - top !== this.partY) cubicWeights(this.partY = y - top, down);
    for (let k = 0; k < 4; k += 1) columns[k] = 3 * Math.min(Math.max(left - 1 + k, 0), width - 1);
    const [c0, c1, c2, c3] = columns;
    const [w0, w1, w2, w3] = across;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = 0; k < 4; k += 1) {
      const row = 3 * width * Math.min(Math.max(top - 1 + k, 0), height - 1);
      const weight = down[k];
      const [p0, p1, p2, p3] = [row + c0, row + c1, row + c2, row + c3];
      red += weight * (w0 * pixels[p0] + w1 * pixels[p1] + w2 * pixels[p2] + w3 * pixels[p3]);
      green += weight * (w0 * pixels[p0 + 1] + w1 * pixels[p1 + 1] + w2 * pixels[p2 + 1] + w3 * pixels[p3 + 1]);
      blue += weight * (w0 * pixels[p0 + 2] + w1 * pixels[p1 + 2] + w2 * pixels[p2 + 2] + w3 * pixels[p3 + 2]);
    }
    color[0] = red;
    color[1] = green;
    color[2] = blue;
  }
}

/**
 * A value between four of an array, which goes on beyond its edges.
 * @param {Uint8Array | Float32Array} values of `width` x `height` pixels
 * @param {number} width
 * @param {number} height
 * @param {number} x
 * @param {number} y
 */
export function bilinear(values, width, height, x, y) {
  const across = Math.min(Math.max(x, 0), width - 1);
  const down = Math.min(Math.max(y, 0), height - 1);
  const left = Math.floor(across);
  const top = Math.floor(down);
  const at = top * width + left;
  const right = left + 1 < width ? 1 : 0;
  const below = top + 1 < height ? width : 0;
  const part = across - left;
  const upper = values[at] + part * (values[at + right] - values[at]);
  const lower = values[at + below] + part * (values[at + below + right] - values[at + below]);
  return upper + (down - top) * (lower - upper);
}
