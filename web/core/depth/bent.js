/**
 * What bends in a picture with depth: each point of its mesh is where the camera sees it, at its own depth
 * (`Projected._bent` in `dragnuwa/carry/depth/projected.py`), and what is between them is stretched.
 */

import { bilinear } from '../compose.js';
import { Raster } from '../composing/raster.js';

/** @import {Places} from '../composing/composition.js' */
/** @import {DepthLayer} from './picture.js' */

/**
 * Shapes of one frame, which a layer shares with what of it lies in front.
 * @typedef {Map<Places, Raster | null>} Bends
 */

/**
 * What takes a place of the picture to the camera.
 * @typedef {object} Before
 * @property {{to: readonly number[], by: readonly number[]}} lens
 * @property {number} nearer how many times as near as at first it is
 * @property {number} grown how many times as large
 * @property {{x: number, y: number}} foot from which it has grown
 */

const AHEAD = 1e-9;

/**
 * Its mesh as a camera sees it; null if some of it is behind the camera.
 * @param {DepthLayer} layer
 * @param {number} frame
 * @param {Before} before
 * @param {Bends} bends
 */
export function bentBefore(layer, frame, before, bends) {
  if (!layer.mesh) return null;
  const { at, first, mesh } = layer.mesh;
  const known = bends.get(at);
  if (known !== undefined) return known;
  const points = seen(layer, mesh.rest, at(first[frame]), before);
  const raster = points && new Raster(mesh, points);
  bends.set(at, raster);
  return raster;
}

/**
 * @param {DepthLayer} layer
 * @param {ArrayLike<number>} rest x and y of each point
 * @param {ArrayLike<number>} places where they have moved
 * @param {Before} before
 */
function seen(layer, rest, places, { lens: { to, by }, nearer, grown, foot }) {
  const points = new Float64Array(places.length);
  for (let k = 0; k < places.length; k += 2) {
    const own = disparityAt(layer, rest[k], rest[k + 1]) * nearer;
    const x = foot.x + (places[k] - foot.x) * grown;
    const y = foot.y + (places[k + 1] - foot.y) * grown;
    const ahead = to[6] * x + to[7] * y + to[8] + by[2] * own;
    if (ahead <= AHEAD) return null;
    points[k] = (to[0] * x + to[1] * y + to[2] + by[0] * own) / ahead;
    points[k + 1] = (to[3] * x + to[4] * y + to[5] + by[1] * own) / ahead;
  }
  return points;
}

/** The disparity of a place of a layer, or of its edge beside it. */
/** @param {DepthLayer} layer @param {number} x @param {number} y */
export function disparityAt({ box, disparity }, x, y) {
  return bilinear(disparity, box.right - box.left, box.bottom - box.top, x - box.left, y - box.top);
}

/**
 * The similarity transform of a layer in a frame, or that to which the shape of what bends comes closest: factor and
 * shift, real and imaginary part.
 * @param {DepthLayer} layer
 * @param {number} frame
 * @returns {ArrayLike<number>}
 */
export function movesIn({ moves, mesh }, frame) {
  if (moves) return moves.subarray(4 * frame, 4 * frame + 4);
  return mesh ? closest(mesh.mesh.rest, mesh.at(mesh.first[frame])) : [1, 0, 0, 0];
}

/** By least squares. @param {ArrayLike<number>} from x and y of each point @param {ArrayLike<number>} to */
function closest(from, to) {
  const count = from.length / 2;
  const mean = [0, 0, 0, 0];
  for (let k = 0; k < from.length; k += 1) {
    mean[k % 2] += from[k] / count;
    mean[2 + (k % 2)] += to[k] / count;
  }
  let [re, im, square] = [0, 0, 0];
  for (let k = 0; k < from.length; k += 2) {
    const [x, y] = [from[k] - mean[0], from[k + 1] - mean[1]];
    const [toX, toY] = [to[k] - mean[2], to[k + 1] - mean[3]];
    re += x * toX + y * toY;
    im += x * toY - y * toX;
    square += x * x + y * y;
  }
  if (square > 0) [re, im] = [re / square, im / square];
  else [re, im] = [1, 0];
  return [re, im, mean[2] - re * mean[0] + im * mean[1], mean[3] - im * mean[0] - re * mean[1]];
}
