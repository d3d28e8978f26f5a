/** A shape that swings, in waves that run along it: as `Wave` of dragnuwa/geometry/bending/pins.py. */

import { swing } from '../repeating.js';
import { atEdge, distances, nearestPoint } from './mesh.js';

/** @import {Places} from '../composing/composition.js' */
/** @import {Sway} from '../types.js' */
/** @import {BendingMesh} from './mesh.js' */

/**
 * How far the points of a mesh swing, and how late.
 * @typedef {object} Wave
 * @property {Float64Array} part how far from what holds it each point is, along the mesh: 0 there, 1 at the furthest
 * @property {Float64Array} reach px, across the shape: its length at the furthest point, nothing where it is held
 * @property {readonly [number, number]} across a direction of length 1
 */

const LOWEST = 0.05; // of its height: what holds a shape that nothing else holds
const STEM = 1.5; // power of the part by which the swing grows: a stem bends little near the ground

/** @type {WeakMap<BendingMesh, {about: string, wave: Wave}>} */
const waves = new WeakMap();

/**
 * The places of a mesh's points, where they also swing.
 * @param {BendingMesh} mesh
 * @param {Readonly<Sway>} sway
 * @param {readonly ArrayLike<number>[]} held x and y of the places that hold it, if they are known
 * @param {Places} bent without it
 * @param {(instant: number) => number} ownTime
 * @returns {Places}
 */
export function swaying(mesh, sway, held, bent, ownTime) {
  const { part, reach, across } = waveOf(mesh, held);
  return (instant) => {
    const points = Float64Array.from(bent(instant));
    const s = ownTime(instant);
    part.forEach((share, k) => {
      const by = sway.amount * reach[k] * swing(sway, s, (sway.waves ?? 0) * share);
      points[2 * k] += by * across[0];
      points[2 * k + 1] += by * across[1];
    });
    return points;
  };
}

/** @param {BendingMesh} mesh @param {readonly ArrayLike<number>[]} held */
function waveOf(mesh, held) {
  const about = JSON.stringify(held.map((way) => [way[0], way[1]]));
  const known = waves.get(mesh);
  if (known?.about === about) return known.wave;
  const wave = waveAlong(mesh, held);
  waves.set(mesh, { about, wave });
  return wave;
}

/** @param {BendingMesh} mesh @param {readonly ArrayLike<number>[]} held @returns {Wave} */
function waveAlong(mesh, held) {
  const base = baseOf(mesh, held);
  const away = distances(mesh, base);
  const length = away.reduce((most, each) => Math.max(most, each), Number.MIN_VALUE);
  const part = away.map((each) => each / length);
  const far = [...part.keys()].filter((k) => part[k] >= 0.5);
  const [to, from] = [middle(mesh, far), middle(mesh, base)];
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const way = Math.hypot(x, y);
  const across = way > Number.EPSILON ? /** @type {const} */ ([-y / way, x / way]) : /** @type {const} */ ([1, 0]);
  return { part, reach: part.map((share) => length * share ** STEM), across };
}

/** The points that hold a mesh: by the given places, else the picture's edge, else the lowest ones. */
/** @param {BendingMesh} mesh @param {readonly ArrayLike<number>[]} held */
function baseOf(mesh, held) {
  if (held.length) return held.map((way) => nearestPoint(mesh, way[0], way[1]));
  const cut = atEdge(mesh);
  if (cut.length) return cut;
  const { rest } = mesh;
  const heights = Float64Array.from({ length: rest.length / 2 }, (_, k) => rest[2 * k + 1]);
  const [lowest, highest] = [Math.max(...heights), Math.min(...heights)];
  return [...heights.keys()].filter((k) => heights[k] >= lowest - LOWEST * (lowest - highest));
}

/** @param {BendingMesh} mesh @param {readonly number[]} points */
function middle({ rest }, points) {
  const sum = (/** @type {0 | 1} */ axis) => points.reduce((all, k) => all + rest[2 * k + axis], 0) / points.length;
  return [sum(0), sum(1)];
}
