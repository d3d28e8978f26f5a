/** Where the outline of an object that bends or sways is in a frame of its composition. */

import { placesOn, ringOn } from '../bending/mesh.js';

/** @import {RingOnMesh} from '../bending/mesh.js' */
/** @import {Composition, Mesh} from './composition.js' */
/** @import {MotionObject, Ring, Size, XY} from '../types.js' */

/** Outlines on the meshes that bend them, found once. */
/** @type {WeakMap<Mesh, {outline: readonly Ring[], rings: readonly RingOnMesh[]}>} */
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
  const points = motion.at(motion.first[frame]);
  const [across, down] = [clip.width / size.width, clip.height / size.height];
  return ringsOn(motion.mesh, outline, size).map((ring) => (
    placesOn(ring, points).map(({ x, y }) => ({ x: (x + 0.5) * across, y: (y + 0.5) * down }))));
}

/** @param {Mesh} mesh @param {readonly Ring[]} outline @param {Size} size of the composition */
function ringsOn(mesh, outline, { width, height }) {
  const found = known.get(mesh);
  if (found?.outline === outline) return found.rings;
  const rings = outline.map((ring) => (
    ringOn(mesh, ring.map(({ x, y }) => ({ x: x * width - 0.5, y: y * height - 0.5 })))));
  known.set(mesh, { outline, rings });
  return rings;
}
