/**
 * A picture with depth, as the server sends it (`dragnuwa/server/depth.py`): its pixels, those behind its near parts,
 * and what moves in it, with their disparity. All places are in its own pixels.
 */

import { motionOf } from '../composing/composition.js';
import { boxOf, unpacked } from '../composing/packed_arrays.js';
import { Lookup, SplineLookup } from './lookup.js';
import { Surface } from './surface.js';

/** @import {Box, MeshMotion} from '../composing/composition.js' */
/** @import {Size} from '../types.js' */
/** @import {Camera, Lens} from './camera.js' */

/**
 * What moves in the picture, or is cut out of it.
 * @typedef {object} DepthLayer
 * @property {readonly string[]} [tracks] ids of the drags that move it
 * @property {string} [object] id of the object that it is
 * @property {Box} box
 * @property {Lookup} colors of the box
 * @property {Uint8Array} opacity
 * @property {Float32Array} disparity
 * @property {number} middle the median of that
 * @property {boolean} flat whether that is all there is
 * @property {Uint8Array} shown in each frame
 * @property {Float64Array | null} moves factor and shift (real, imaginary) in each frame; null for those of the mesh
 * @property {MeshMotion | null} mesh by which it bends
 * @property {boolean} shadow
 * @property {boolean} grows
 * @property {readonly [number, number]} foot
 * @property {readonly [number, number, number] | null} ground
 */

/**
 * @typedef {object} DepthPicture
 * @property {Size} size
 * @property {Lens} lens
 * @property {readonly number[]} times of the frames, fractions of the clip
 * @property {readonly Camera[] | null} base the path from which the camera moves, in each frame
 * @property {Float64Array} sway degrees of pan, tilt and roll of an unsteady hand in each frame
 * @property {Uint8Array} image red, green and blue of the picture
 * @property {Uint8Array} picture the same without the layers
 * @property {Uint8Array} hole where those were
 * @property {Surface} surface without the layers
 * @property {(x: number, y: number) => readonly number[]} pointAt the point at a place in fractions, with the layers
 * @property {{objects: Lookup, ground: Lookup, opacity: Lookup, at: Uint8Array, beside: Int32Array}} edges what the
 *   picture shows at the edges of its near parts: these, or the ground where `at` says so; see `EdgeMatte` in
 *   `dragnuwa/carry/depth/edges.py`
 * @property {{surface: Surface, picture: Lookup}} behind without its near parts, and wider
 * @property {readonly DepthLayer[]} layers from back to front
 * @property {boolean} bends whether some of them bend, which is not drawn here
 */

const FLAT = 1e-3; // part of the disparity: less relief is none
const AROUND = 100; // parts of the shorter side: how far around a place its distance is looked for

/** @param {ArrayBuffer} answer @returns {Promise<DepthPicture>} */
export async function readDepthPicture(answer) {
  const { told, at, pixels } = await unpacked(answer);
  const [width, height] = told.size;
  const size = { width, height };
  const look = (/** @type {number} */ number) => new Lookup(pixels(number), width, height);
  const { lens, behind } = told;
  const wide = { width: width + 2 * behind.margin, height: height + 2 * behind.margin };
  const wideLens = [lens[0], lens[1], lens[2] + behind.margin, lens[3] + behind.margin];
  const scene = at(told.scene);
  const shape = { size: /** @type {[number, number]} */ (told.size), frames: told.times.length };
  /** @type {DepthLayer[]} */
  const layers = [];
  for (const { mesh, ...layer } of told.layers) {
    const bent = mesh && motionOf(mesh, at, shape, layers[layers.length - 1]?.mesh);
    layers.push(layerOf({ ...layer, mesh: bent }, at, pixels));
  }
  return Object.freeze({
    size, lens, times: told.times, sway: at(told.sway), base: told.base === null ? null : pathOf(at(told.base), lens),
    image: pixels(told.image), picture: pixels(told.picture), hole: at(told.hole),
    surface: new Surface(size, at(told.disparity), lens),
    pointAt: (/** @type {number} */ x, /** @type {number} */ y) => pointAt(scene, size, lens, x, y),
    edges: {
      objects: new SplineLookup(pixels(told.objects), width, height), ground: look(told.ground),
      opacity: look(told.opacity), at: at(told.at), beside: at(told.beside),
    },
    behind: {
      surface: new Surface(wide, at(behind.disparity), wideLens),
      picture: new Lookup(pixels(behind.picture), wide.width, wide.height),
    },
    layers, bends: told.layers.some((/** @type {any} */ { bends }) => bends),
  });
}

/**
 * @param {any} told
 * @param {(number: number) => any} at
 * @param {(number: number) => Uint8Array} pixels
 * @returns {DepthLayer}
 */
function layerOf({ box: sides, colors, opacity, disparity, shown, moves, ...rest }, at, pixels) {
  const box = boxOf(sides);
  const own = at(disparity);
  const sorted = own.slice().sort();
  const [least, most] = [sorted[0], sorted[sorted.length - 1]];
  return Object.freeze({
    ...rest, box, colors: new Lookup(pixels(colors), box.right - box.left, box.bottom - box.top),
    opacity: pixels(opacity), disparity: own, middle: middleOf(sorted), flat: most - least <= FLAT * most,
    shown: at(shown), moves: at(moves),
  });
}

/** @param {Float64Array} numbers @param {Lens} lens @returns {Camera[]} */
function pathOf(numbers, lens) {
  return Array.from({ length: numbers.length / 15 }, (_, frame) => {
    const own = [...numbers.subarray(15 * frame, 15 * frame + 15)];
    return {
      rotation: own.slice(0, 9), translation: own.slice(9, 12),
      lens: [lens[0] * own[12], lens[1] * own[13], lens[2], lens[3]],
    };
  });
}

/**
 * The point at a place in fractions of the picture: its distance is the median around that, so that it is an object's
 * rather than an edge's (`DepthScene.distance`).
 * @param {Float32Array} disparity
 * @param {Size} size
 * @param {Lens} lens
 * @param {number} x
 * @param {number} y
 */
function pointAt(disparity, { width, height }, lens, x, y) {
  const column = Math.max(0, Math.min(width - 1, Math.round(x * width)));
  const row = Math.max(0, Math.min(height - 1, Math.round(y * height)));
  const reach = Math.max(1, Math.floor(Math.min(width, height) / AROUND));
  const around = [];
  for (let j = Math.max(0, row - reach); j <= Math.min(height - 1, row + reach); j += 1) {
    for (let k = Math.max(0, column - reach); k <= Math.min(width - 1, column + reach); k += 1) {
      around.push(disparity[j * width + k]);
    }
  }
  const found = middleOf(Float32Array.from(around).sort());
  const depth = 1 / (found > 0 ? found : leastAbove(disparity));
  return [(x * width - 0.5 - lens[2]) / lens[0] * depth, (y * height - 0.5 - lens[3]) / lens[1] * depth, depth];
}

/** @param {Float32Array} disparity */
function leastAbove(disparity) {
  const found = disparity.reduce((least, value) => (value > 0 && value < least ? value : least), Infinity);
  return Number.isFinite(found) ? found : 1;
}

/** @param {Float32Array} sorted */
const middleOf = (sorted) => (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
