/**
 * A composition, as the server sends it (`dragnuwa/server/composition_body.py`): the picture, what lies behind the
 * things that move, and these, from back to front, with their pixels and motions. All places are in its own pixels.
 */

import { boxOf, opaque, unpacked } from './packed_arrays.js';

/** @import {BendingMesh} from '../bending/mesh.js' */
/** @import {Size} from '../types.js' */

/** Whole pixels from left and top up to, but without, right and bottom. */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

/**
 * Frame t is the mean of the instants `first[t]` to `first[t + 1]`, whose factors and shifts (real, imaginary) `moves`
 * has one after another.
 * @typedef {{kind: 'similarity', first: Int32Array, moves: Float64Array}} SimilarityMotion
 */

/**
 * Tracks that move what is around them: x and y of one after another, in each frame.
 * @typedef {{kind: 'inverse', tracks: Float64Array, frames: number, radius: number}} InverseMotion
 */

/**
 * A mesh at rest, and the order of its triangles from back to front.
 * @typedef {BendingMesh & {order: Int32Array}} Mesh
 */

/**
 * A mesh that bends: `at` gives x and y of its points at an instant; `inFront`: only what lies over another part of it.
 * @typedef {{kind: 'mesh', first: Int32Array, mesh: Mesh, at: Places, inFront: boolean}} MeshMotion
 */

/** @typedef {SimilarityMotion | InverseMotion | MeshMotion} Motion */

/** @typedef {(instant: number) => Float32Array | Float64Array} Places x and y of each point of a mesh */

/**
 * A thing, or its shadow.
 * @typedef {object} Layer
 * @property {readonly string[]} [tracks] ids of the drags that move it
 * @property {string} [object] id of the object that it is
 * @property {Box} box in the picture, or beyond it, where its border cuts the thing off
 * @property {Uint8Array} colors red, green and blue of each pixel of the box
 * @property {Uint8Array} opacity
 * @property {Uint8Array | null} hole what it leaves behind; null where nothing bends
 * @property {Uint8Array} shown in each frame
 * @property {boolean} shadow
 * @property {Motion | null} motion null at rest
 * @property {Cut | null} lifted how an object at rest is cut out where it moves; null for all else
 */

/** A part of the picture. @typedef {{box: Box, colors: Uint8Array, opacity: Uint8Array}} Cut */

/**
 * @typedef {object} Composition
 * @property {Size} size
 * @property {number} frames evenly spaced from the clip's first to its last
 * @property {Uint8ClampedArray} image red, green, blue and 255
 * @property {Uint8ClampedArray} ground the same of what is behind all things
 * @property {Uint8ClampedArray} under the same, also of what is behind the objects at rest
 * @property {{box: Box, colors: Uint8Array, moves: Float64Array} | null} camera moves the ground, with what is around
 *   the picture; null at rest
 * @property {readonly Layer[]} layers
 */

/** @param {ArrayBuffer} answer @returns {Promise<Composition>} */
export async function readComposition(answer) {
  const { told, at, pixels } = await unpacked(answer);
  const [width, height] = told.size;
  const size = { width, height };
  const image = opaque(pixels(told.image));
  const plate = told.plate && { box: boxOf(told.plate.box), colors: pixels(told.plate.pixels) };
  const whole = { box: boxOf([0, 0, width, height]), colors: told.camera === null ? null : pixels(told.image) };
  /** @type {Layer[]} */
  const layers = [];
  const cut = (/** @type {any} */ { box, colors, opacity }) => ({
    box: boxOf(box), colors: pixels(colors), opacity: pixels(opacity),
  });
  for (const { tracks, object, hole, shown, shadow, motion, lifted, ...own } of told.layers) {
    layers.push(Object.freeze({
      ...(tracks ? { tracks } : { object }), ...cut(own), lifted: lifted ? cut(lifted) : null,
      hole: hole === undefined ? null : at(hole), shown: at(shown), shadow,
      motion: motion && motionOf(motion, at, told, layers[layers.length - 1]?.motion),
    }));
  }
  const ground = plate && told.camera === null ? patched(image, size, plate) : image;
  const under = told.under && { box: boxOf(told.under.box), colors: pixels(told.under.pixels) };
  return Object.freeze({
    size, frames: told.frames, image, layers, ground, under: under ? patched(image, size, under) : ground,
    camera: told.camera === null ? null : { ...(plate ?? whole), moves: at(told.camera) },
  });
}

/**
 * @param {any} told
 * @param {(number: number) => any} at
 * @param {{size: [number, number], frames: number}} whole
 * @param {Motion | null} [before] of the layer behind it
 * @returns {Motion}
 */
export function motionOf(told, at, { size: [width, height], frames }, before) {
  const { kind } = told;
  if (kind === 'inverse') return { kind, tracks: at(told.tracks), frames, radius: told.radius };
  const first = at(told.first);
  if (kind === 'similarity') return { kind, first, moves: at(told.moves) };
  if (told.in_front && before?.kind === 'mesh') return { ...before, inFront: true }; // of the same shape
  const mesh = {
    rest: at(told.rest), triangles: at(told.triangles), order: at(told.order), part: at(told.part),
    edges: at(told.edges), weights: at(told.weights), links: at(told.links), step: told.step, size: { width, height },
  };
  return { kind, first, mesh, at: divide(at(told.points), mesh.rest.length), inFront: told.in_front };
}

/** @param {Float32Array} points of all instants @param {number} length of each @returns {Places} */
const divide = (points, length) => (instant) => points.subarray(instant * length, (instant + 1) * length);

/**
 * @param {Uint8ClampedArray} image
 * @param {Size} size
 * @param {{box: Box, colors: Uint8Array}} patch inside the picture
 */
function patched(image, { width }, { box, colors }) {
  const found = image.slice();
  const part = opaque(colors);
  const row = 4 * (box.right - box.left);
  for (let y = box.top; y < box.bottom; y += 1) {
    const from = (y - box.top) * row;
    found.set(part.subarray(from, from + row), 4 * (y * width + box.left));
  }
  return found;
}
