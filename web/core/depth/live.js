/** A picture with depth while its drawing is changed: what moves in it keeps its cut and its depth, and moves anew. */

import { withMotionsOf } from '../composing/live.js';

/** @import {Clip} from '../composing/live.js' */
/** @import {Doc} from '../types.js' */
/** @import {DepthPicture} from './picture.js' */

/**
 * What has not bent yet goes along as a whole until the server has looked again.
 * @param {DepthPicture} picture
 * @param {Readonly<Doc>} before of which it was made
 * @param {Readonly<Doc>} doc
 * @param {Clip} clip
 * @returns {DepthPicture}
 */
export function depthWithMotionsOf(picture, before, doc, clip) {
  if (before === doc || picture.layers.length === 0) return picture;
  const frames = picture.times.length;
  const layers = picture.layers.map(({ tracks, object, box, shown, moves, mesh }) => (
    { tracks, object, box, shown, lifted: null, motion: mesh ?? { kind: 'similarity', moves } }));
  const flat = /** @type {any} */ ({ size: picture.size, frames, layers, camera: null });
  const changed = withMotionsOf(flat, before, doc, clip).layers;
  return {
    ...picture,
    layers: picture.layers.map((layer, k) => {
      const { motion, shown } = changed[k];
      if (changed[k] === layers[k]) return layer;
      if (motion?.kind === 'mesh') return { ...layer, shown, mesh: motion, moves: null };
      return { ...layer, shown, mesh: null, moves: motion?.kind === 'similarity' ? motion.moves : atRest(frames) };
    }),
  };
}

/** @param {number} frames */
const atRest = (frames) => Float64Array.from({ length: 4 * frames }, (_, k) => (k % 4 === 0 ? 1 : 0));
