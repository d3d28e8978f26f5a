/** Where the layers of a composition are in a frame, and where in the picture its pixels come from. */

import { Raster, shapeOf } from './raster.js';

/** @import {Size} from '../types.js' */
/** @import {Box, InverseMotion, Layer} from './composition.js' */

/**
 * Gives the places in the picture of the pixels of a row from a column on, NaN where unknown.
 * @typedef {(y: number, left: number, toX: Float64Array, toY: Float64Array) => void} Sources
 */

/** The instants whose mean a layer shows in a frame. @param {Layer} layer @param {number} frame @returns {Sources[]} */
export function exposuresOf({ motion }, frame) {
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
export function reachOf({ box, motion }, frame) {
  if (!motion) return box;
  const reached = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  if (motion.kind === 'inverse') {
    const { tracks } = motion;
    for (const at of placesOf(motion, frame)) join(reached, tracks[at], tracks[at + 1], 2 * motion.radius);
    return reached;
  }
  for (let at = motion.first[frame]; at < motion.first[frame + 1]; at += 1) {
    if (motion.kind === 'mesh') {
      const { points, mesh } = motion;
      const { margin } = shapeOf(mesh);
      const count = mesh.rest.length;
      for (let k = at * count; k < (at + 1) * count; k += 2) join(reached, points[k], points[k + 1], margin);
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
export const within = (box, { width, height }) => ({
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
