/**
 * The frames of a composition, as `dragnuwa/carry/rendering.py` renders them: the ground, moved by the camera, and the
 * things over it from back to front. The cases in tests/web/compositions.json check that both agree.
 */

import { distanceTo } from './composing/distance.js';
import { exposuresOf, reachOf, within } from './composing/motions.js';
import { Bicubic, bilinear } from './composing/pixels.js';
import { Raster, shapeOf } from './composing/raster.js';

/** @import {Box, Composition, Layer} from './composing/composition.js' */
/** @import {Sources} from './composing/motions.js' */

const FAINTEST = 1e-6; // least opacity that is divided by

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
  keepResting(pixels, composition, frame);
  return pixels;
}

/** @param {Composition} composition @param {number} frame @returns {Uint8ClampedArray<ArrayBuffer>} */
function groundOf({ ground, camera, size: { width, height } }, frame) {
  const pixels = ground.slice();
  if (!camera) return pixels;
  const { box, colors, moves } = camera;
  const [re, im, x0, y0] = moves.subarray(4 * frame, 4 * frame + 4);
  const square = re * re + im * im;
  const plate = new Bicubic(colors, box.right - box.left, box.bottom - box.top);
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
  if (exposures.length > 1) {
    putBlurred(pixels, size.width, layer, exposures, reach, size.height);
    return;
  }
  const over = looking(layer, size.width, size.height, exposures[0], reach);
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
 * @param {Layer} layer
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
 * @param {Layer} layer
 * @param {number} width of the picture
 * @param {number} height
 * @param {Sources} sources
 * @param {Box} reach
 */
function looking({ box, colors, opacity }, width, height, sources, reach) {
  const across = box.right - box.left;
  const down = box.bottom - box.top;
  const fromX = new Float64Array(reach.right - reach.left);
  const fromY = new Float64Array(reach.right - reach.left);
  const cut = new Bicubic(colors, across, down);
  /** @param {number} y @param {(to: number, opacity: number, color: Float64Array) => void} give */
  return (y, give) => {
    sources(y, reach.left, fromX, fromY);
    for (let k = 0; k < fromX.length; k += 1) {
      const x = fromX[k];
      const of = fromY[k];
      const inside = x > -0.5 && x < width - 0.5 && of > -0.5 && of < height - 0.5; // false for NaN
      const share = inside ? bilinear(opacity, across, down, x - box.left, of - box.top) / 255 : 0;
      if (share > 0) {
        cut.at(x - box.left, of - box.top);
        give(k, share, cut.color);
      }
    }
  };
}

/**
 * What bends is cut out as a whole; around the part that stays, the picture knows what the filled ground would have to
 * invent (`dragnuwa/carry/regions.py`).
 * @param {Uint8ClampedArray} pixels
 * @param {Composition} composition
 * @param {number} frame
 */
function keepResting(pixels, composition, frame) {
  const { layers, camera, image, size } = composition;
  const bending = layers.filter(({ motion }) => motion?.kind === 'mesh');
  if (bending.length === 0 || camera || !bending.every(({ shown }) => shown[frame])) return;
  const reach = Math.max(...bending.map(({ motion }) => (motion?.kind === 'mesh' ? shapeOf(motion.mesh).margin : 0)));
  const box = within({
    left: Math.min(...bending.map((layer) => layer.box.left)) - reach,
    top: Math.min(...bending.map((layer) => layer.box.top)) - reach,
    right: Math.max(...bending.map((layer) => layer.box.right)) + reach,
    bottom: Math.max(...bending.map((layer) => layer.box.bottom)) + reach,
  }, size);
  const width = box.right - box.left;
  const stays = new Uint8Array(width * (box.bottom - box.top));
  const busy = new Uint8Array(stays.length);
  for (const layer of layers) {
    const { motion, hole } = layer;
    if (motion?.kind === 'mesh') {
      mark(stays, box, layer.box, hole);
      for (let at = motion.first[frame]; at < motion.first[frame + 1]; at += 1) {
        for (const { left, top, width: row, moves } of Raster.of(motion, at).moving()) {
          mark(busy, box, { left, top, right: left + row, bottom: top + moves.length / row }, moves);
        }
      }
    } else if (motion) {
      mark(busy, box, layer.box, hole);
      mark(busy, box, reachOf(layer, frame), null);
    }
  }
  const way = busy.includes(1) ? distanceTo(busy, width) : null;
  for (let at = 0; at < stays.length; at += 1) {
    if (!stays[at]) continue;
    const share = way ? Math.min(way[at] / reach, 1) : 1;
    const to = 4 * ((box.top + Math.floor(at / width)) * size.width + box.left + (at % width));
    for (let k = to; k < to + 3; k += 1) pixels[k] += share * (image[k] - pixels[k]);
  }
}

/**
 * Adds the area of a place to that of a box.
 * @param {Uint8Array} whole
 * @param {Box} box
 * @param {Box} place
 * @param {Uint8Array | null} area null for all of it
 */
function mark(whole, box, place, area) {
  const [left, right] = [Math.max(box.left, place.left), Math.min(box.right, place.right)];
  for (let y = Math.max(box.top, place.top); y < Math.min(box.bottom, place.bottom); y += 1) {
    const to = (y - box.top) * (box.right - box.left) - box.left;
    const from = (y - place.top) * (place.right - place.left) - place.left;
    for (let x = left; x < right; x += 1) if (!area || area[from + x]) whole[to + x] = 1;
  }
}
