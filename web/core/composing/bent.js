/** What of the picture stays around the things that bend. */

import { distanceTo } from './distance.js';
import { Raster, shapeOf } from './raster.js';

/** @import {Box, Composition, Layer} from './composition.js' */

/**
 * What bends is cut out as a whole; around the part that stays, the picture knows what the filled ground would have to
 * invent (`dragnuwa/carry/regions.py`).
 * @param {Uint8ClampedArray} pixels
 * @param {Composition} composition
 * @param {number} frame
 * @param {(layer: Layer) => Box} reachOf where a layer is in that frame
 */
export function keepResting(pixels, composition, frame, reachOf) {
  const { layers, camera, image, size } = composition;
  const bending = layers.filter(({ motion }) => motion?.kind === 'mesh');
  if (camera || !bending.every(({ shown }) => shown[frame])) return;
  const reach = Math.max(...bending.map(({ motion }) => (motion?.kind === 'mesh' ? shapeOf(motion.mesh).margin : 0)));
  const box = {
    left: Math.max(0, Math.min(...bending.map((layer) => layer.box.left)) - reach),
    top: Math.max(0, Math.min(...bending.map((layer) => layer.box.top)) - reach),
    right: Math.min(size.width, Math.max(...bending.map((layer) => layer.box.right)) + reach),
    bottom: Math.min(size.height, Math.max(...bending.map((layer) => layer.box.bottom)) + reach),
  };
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
      mark(busy, box, reachOf(layer), null);
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
