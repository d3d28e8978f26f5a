/** A composition of half the size, which is drawn four times as fast, while a hand moves something in it. */

import { remembered } from '../bending/pins.js';

/** @import {Box, Composition, Cut, Mesh, Motion, Places} from './composition.js' */

/** Meshes and their places, which a layer shares with what of it lies in front. */
/** @typedef {Map<Places, {mesh: Mesh, at: Places}>} Bends */

/** @param {Composition} composition @returns {Composition} */
export function halved(composition) {
  const { size: { width, height }, image, ground, under, camera, layers } = composition;
  const size = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const whole = { left: 0, top: 0, right: width, bottom: height };
  const picture = (/** @type {Uint8ClampedArray} */ pixels) => (
    new Uint8ClampedArray(averaged(pixels, whole, 4)));
  const behind = picture(ground);
  /** @type {Bends} */
  const bends = new Map();
  return Object.freeze({
    ...composition, size, image: picture(image), ground: behind, under: under === ground ? behind : picture(under),
    camera: camera && {
      box: boxOf(camera.box), colors: averaged(camera.colors, camera.box, 3), moves: movesOf(camera.moves),
    },
    layers: layers.map((layer) => Object.freeze({
      ...layer, ...cutOf(layer), lifted: layer.lifted && cutOf(layer.lifted),
      hole: layer.hole && averaged(layer.hole, layer.box, 1).map((value) => (value > 0 ? 1 : 0)),
      motion: layer.motion && motionOf(layer.motion, bends, size),
    })),
  });
}

/** @param {Cut} cut @returns {Cut} */
function cutOf({ box, colors, opacity }) {
  return { box: boxOf(box), colors: averaged(colors, box, 3), opacity: averaged(opacity, box, 1, true) };
}

/** @param {Box} box @returns {Box} */
const boxOf = ({ left, top, right, bottom }) => ({
  left: Math.floor(left / 2), top: Math.floor(top / 2), right: Math.ceil(right / 2), bottom: Math.ceil(bottom / 2),
});

/**
 * The mean of four pixels each, as far as they lie in the box.
 * @param {Uint8Array | Uint8ClampedArray} values
 * @param {Box} box
 * @param {number} channels
 * @param {boolean} [isCover] what lies outside of the box counts as 0
 */
function averaged(values, box, channels, isCover = false) {
  const { left, top, right, bottom } = boxOf(box);
  const found = new Uint8Array((right - left) * (bottom - top) * channels);
  const row = box.right - box.left;
  let to = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const [x0, x1] = [Math.max(2 * x, box.left), Math.min(2 * x + 2, box.right)];
      const [y0, y1] = [Math.max(2 * y, box.top), Math.min(2 * y + 2, box.bottom)];
      const count = isCover ? 4 : (x1 - x0) * (y1 - y0);
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = count / 2;
        for (let fromY = y0; fromY < y1; fromY += 1) {
          for (let fromX = x0; fromX < x1; fromX += 1) {
            sum += values[((fromY - box.top) * row + fromX - box.left) * channels + channel];
          }
        }
        found[to] = sum / count;
        to += 1;
      }
    }
  }
  return found;
}

/** A place between the centres of pixels. @param {number} value */
const half = (value) => value / 2 - 0.25;

/** Factors and shifts. @param {Float64Array} moves */
function movesOf(moves) {
  const found = moves.slice();
  for (let k = 0; k < moves.length; k += 4) {
    const [re, im, x, y] = moves.subarray(k, k + 4);
    found[k + 2] = (x + (re - 1 - im) / 2) / 2;
    found[k + 3] = (y + (re - 1 + im) / 2) / 2;
  }
  return found;
}

/** @param {Motion} motion @param {Bends} bends @param {Composition['size']} size @returns {Motion} */
function motionOf(motion, bends, size) {
  if (motion.kind === 'similarity') return { ...motion, moves: movesOf(motion.moves) };
  if (motion.kind === 'inverse') return { ...motion, tracks: motion.tracks.map(half), radius: motion.radius / 2 };
  const { mesh, at } = motion;
  const small = bends.get(at) ?? {
    mesh: { ...mesh, rest: mesh.rest.map(half), step: mesh.step / 2, size },
    at: remembered((instant) => at(instant).map(half)),
  };
  bends.set(at, small);
  return { ...motion, ...small };
}
