/** The outline of a thing in each frame of a clip, where it was drawn or corrected by hand. */

import { FOLLOWED_VERSION } from '../limits.js';
import { tidy } from '../numbers.js';
import { updateObjects } from './edit.js';

/** @import {Doc, MotionObject, OutlineKey, Ring} from '../types.js' */

/**
 * The outline that was drawn in a frame; undefined in a frame in which it is found by following the thing.
 * @param {Readonly<MotionObject>} object
 * @param {number} frame from 0
 * @param {number} frames of the clip
 * @returns {readonly Ring[] | undefined}
 */
export function drawnOutline({ at = 0, outline, followed }, frame, frames) {
  const isHere = (/** @type {number} */ time) => frameAt(time, frames) === frame;
  return isHere(at) ? outline : followed?.outlines.find((key) => isHere(key.at))?.outline;
}

/**
 * Sets the outline in a frame: the object's own in the frame that it was drawn in, in others a correction.
 * @param {Readonly<Doc>} doc
 * @param {Readonly<MotionObject>} object
 * @param {readonly Ring[]} outline
 * @param {number} frame
 * @param {number} frames
 * @returns {Readonly<Doc>}
 */
export function withDrawnOutline(doc, object, outline, frame, frames) {
  if (frameAt(object.at ?? 0, frames) === frame) return updateObjects(doc, [object.id], { outline });
  const key = { at: tidy(frame / (frames - 1)), outline };
  return withCorrections(doc, object.id, [...others(object, frame, frames), key].sort((a, b) => a.at - b.at));
}

/**
 * Removes the correction in a frame, if there is one.
 * @param {Readonly<Doc>} doc
 * @param {Readonly<MotionObject>} object
 * @param {number} frame
 * @param {number} frames
 * @returns {Readonly<Doc>}
 */
export function withoutCorrection(doc, object, frame, frames) {
  const left = others(object, frame, frames);
  return left.length === (object.followed?.outlines.length ?? 0) ? doc : withCorrections(doc, object.id, left);
}

/** @param {Readonly<MotionObject>} object @param {number} frame @param {number} frames */
const others = ({ followed }, frame, frames) => (
  followed?.outlines.filter(({ at }) => frameAt(at, frames) !== frame) ?? []
);

/** @param {Readonly<Doc>} doc @param {string} id @param {readonly Readonly<OutlineKey>[]} outlines */
const withCorrections = (doc, id, outlines) => (
  updateObjects(doc, [id], { followed: { version: FOLLOWED_VERSION, outlines } })
);

/** The frame of an instant of a clip. @param {number} at @param {number} frames */
export const frameAt = (at, frames) => Math.round(at * (frames - 1));
