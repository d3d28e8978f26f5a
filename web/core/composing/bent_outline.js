/** Where the outline of an object that bends or sways is in a frame of its composition. */

import { located } from '../bending/mesh.js';

/** @import {Composition, Mesh} from './composition.js' */
/** @import {MotionObject, Ring, Size, XY} from '../types.js' */

/**
 * Where the corners of an outline lie in a mesh, found once.
 * @type {WeakMap<Mesh, {outline: readonly Ring[], corners: Int32Array, shares: Float64Array}>}
 */
const known = new WeakMap();

/**
 * @param {Composition} composition
 * @param {Readonly<MotionObject>} object
 * @param {number} frame
 * @param {Size} clip in whose pixels it is
 * @returns {XY[][] | null} null if it does not bend there
 */
export function bentOutline({ layers, size }, { id, outline }, frame, clip) {
  const motion = layers.find(({ object, motion: of }) => object === id && of?.kind === 'mesh')?.motion;
  if (motion?.kind !== 'mesh') return null;
  const { corners, shares } = inMesh(motion.mesh, outline, size);
  const points = motion.at(motion.first[frame]);
  let next = 0;
  return outline.map((ring) => ring.map(() => {
    let [x, y] = [0, 0];
    for (const last = next + 3; next < last; next += 1) {
      x += shares[next] * points[2 * corners[next]];
      y += shares[next] * points[2 * corners[next] + 1];
    }
    return { x: (x + 0.5) * (clip.width / size.width), y: (y + 0.5) * (clip.height / size.height) };
  }));
}

/** @param {Mesh} mesh @param {readonly Ring[]} outline @param {Size} size of the composition */
function inMesh(mesh, outline, { width, height }) {
  const found = known.get(mesh);
  if (found?.outline === outline) return found;
  const places = outline.flat().flatMap(({ x, y }) => [x * width - 0.5, y * height - 0.5]);
  const made = { outline, ...located(mesh, places) };
  known.set(mesh, made);
  return made;
}
