/**
 * What has become smaller, without the details that its pixels cannot show, which would alias: as in
 * `dragnuwa/geometry/resampling.py`.
 */

import { areasOf } from './triangles.js';

/** @import {Sources} from '../compose.js' */
/** @import {Box, MeshMotion, Motion, SimilarityMotion} from './composition.js' */

const SHRUNK = 0.97; // scale from which on nothing is smoothed
const SMALLEST = 0.05; // scale below which as much is smoothed as there
const SMOOTHING = 0.4; // px of the smaller picture: sigma of the Gaussian over what one of its pixels shows
const REACH = 3; // sigmas
const FAINTEST = 1e-6; // least opacity that is divided by
const SAMPLES = 9; // points along each side by which a scale is found

/** @typedef {Uint8Array | Float32Array} Pixels */

/**
 * How large a motion shows what moves, as a part of its size.
 * @param {Motion | null} motion
 * @param {number} frame
 * @param {Box} reach where it is in that frame
 * @param {Box} box where it is in the picture
 * @param {Sources} sources
 */
export function scaleOf(motion, frame, reach, box, sources) {
  if (!motion) return 1;
  if (motion.kind === 'similarity') return similarScale(motion, frame);
  if (motion.kind === 'mesh') return meshScale(motion, frame);
  return sampledScale(sources, reach, box);
}

/**
 * By the square root of the median growth of areas.
 * @param {Sources} sources
 * @param {Box} reach
 * @param {Box} box
 */
function sampledScale(sources, reach, box) {
  const rows = [0, 1].map(() => ({ x: new Float64Array(2), y: new Float64Array(2) }));
  const areas = [];
  for (let row = 0; row < SAMPLES; row += 1) {
    const y = Math.round(reach.top + (row / (SAMPLES - 1)) * (reach.bottom - 1 - reach.top));
    for (let column = 0; column < SAMPLES; column += 1) {
      const left = Math.round(reach.left + (column / (SAMPLES - 1)) * (reach.right - 1 - reach.left));
      rows.forEach((to, k) => sources(y + k, left, to.x, to.y));
      const [{ x, y: of }, below] = rows;
      const area = Math.abs((x[1] - x[0]) * (below.y[0] - of[0]) - (of[1] - of[0]) * (below.x[0] - x[0]));
      if (holds(box, x[0], of[0]) && Number.isFinite(area)) areas.push(area);
    }
  }
  areas.sort((one, other) => one - other);
  const half = areas.length / 2;
  const middle = areas.length ? (areas[Math.ceil(half) - 1] + areas[Math.floor(half)]) / 2 : 0;
  return middle > 0 ? middle ** -0.5 : 1;
}

/** @param {SimilarityMotion} motion @param {number} frame */
function similarScale({ first, moves }, frame) {
  const at = 4 * middleOf(first, frame);
  return Math.hypot(moves[at], moves[at + 1]);
}

/** @param {MeshMotion} motion @param {number} frame */
function meshScale({ first, mesh, at }, frame) {
  const areas = [at(middleOf(first, frame)), mesh.rest].map((points) => areasOf(points, mesh.triangles));
  const [now, before] = areas.map((each) => each.reduce((sum, area) => sum + Math.abs(area), 0));
  return Math.sqrt(now / before);
}

/** The instant in the middle of a frame's. @param {Int32Array} first @param {number} frame */
const middleOf = (first, frame) => Math.floor((first[frame] + first[frame + 1] - 1) / 2);

/** @param {Box} box @param {number} x @param {number} y NaN is not in it */
const holds = (box, x, y) => x > box.left - 0.5 && x < box.right - 0.5 && y > box.top - 0.5 && y < box.bottom - 0.5;

/**
 * Colours and opacities of a layer that is shown at a scale; colours count by their opacity.
 * @param {{box: Box, colors: Uint8Array, opacity: Uint8Array}} layer
 * @param {number} scale
 * @returns {{box: Box, colors: Pixels, opacity: Pixels}}
 */
export function smoothedLayer(layer, scale) {
  const weights = weightsFor(scale);
  if (!weights) return layer;
  const { box, colors, opacity } = layer;
  const width = box.right - box.left;
  const weighted = new Float32Array(colors.length);
  for (let at = 0; at < opacity.length; at += 1) {
    for (let k = 3 * at; k < 3 * at + 3; k += 1) weighted[k] = colors[k] * opacity[at];
  }
  const shown = blurred(weighted, width, 3, weights);
  const share = blurred(opacity, width, 1, weights);
  for (let at = 0; at < share.length; at += 1) {
    const isSeen = share[at] > 255 * FAINTEST;
    for (let k = 3 * at; k < 3 * at + 3; k += 1) shown[k] = isSeen ? shown[k] / share[at] : colors[k];
  }
  return { box, colors: shown, opacity: share };
}

/**
 * Red, green and blue of a picture that is shown at a scale.
 * @param {Uint8Array} colors
 * @param {number} width
 * @param {number} scale
 * @returns {Pixels}
 */
export function smoothedColors(colors, width, scale) {
  const weights = weightsFor(scale);
  return weights ? blurred(colors, width, 3, weights) : colors;
}

/** From the middle to one side; null where nothing is smoothed. @param {number} scale */
function weightsFor(scale) {
  if (scale >= SHRUNK) return null;
  const sigma = SMOOTHING * Math.sqrt(Math.max(scale, SMALLEST) ** -2 - 1);
  const length = Math.ceil(REACH * sigma) + 1;
  const weights = Float64Array.from({ length }, (_, k) => Math.exp(-0.5 * (k / sigma) ** 2));
  const sum = weights.reduce((total, weight, k) => total + (k ? 2 : 1) * weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * @param {Pixels} values
 * @param {number} width
 * @param {number} channels
 * @param {Float64Array} weights
 */
function blurred(values, width, channels, weights) {
  const row = width * channels;
  const rows = values.length / row;
  const across = new Float32Array(values.length);
  const found = new Float32Array(values.length);
  for (let first = 0; first < values.length; first += row) {
    for (let k = 0; k < row; k += 1) {
      const channel = k % channels;
      let sum = weights[0] * values[first + k];
      for (let away = 1; away < weights.length; away += 1) {
        const before = Math.max(k - away * channels, channel);
        const after = Math.min(k + away * channels, row - channels + channel);
        sum += weights[away] * (values[first + before] + values[first + after]);
      }
      across[first + k] = sum;
    }
  }
  for (let y = 0; y < rows; y += 1) {
    for (let away = 0; away < weights.length; away += 1) {
      const [above, below] = [Math.max(y - away, 0) * row, Math.min(y + away, rows - 1) * row];
      const weight = away ? weights[away] : weights[0] / 2; // the middle is counted twice
      for (let k = 0, to = y * row; k < row; k += 1, to += 1) {
        found[to] += weight * (across[above + k] + across[below + k]);
      }
    }
  }
  return found;
}
