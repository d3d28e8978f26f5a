/** Where what is drawn on in a video is to be, in fractions of the clip, while the drawing is changed. */

import { placeMoved } from '../objects/in_frames.js';
import { motionsOf } from './clip_frame.js';
import { placedAt } from './clip_motion.js';

/** @import {Affine, Doc, FoundOutline, Region, Size} from '../types.js' */
/** @import {ClipLayers, Move} from './clip_layers.js' */

/** What is drawn on: by the object that it is, or by the drags that are on it. */
/** @typedef {Pick<Region, 'object' | 'tracks'>} Named */

/**
 * @param {ClipLayers} layers
 * @param {Readonly<Doc>} doc
 * @param {Named} named
 */
function found(layers, doc, { object, tracks }) {
  const thing = layers.things.find((each) => (
    object === undefined ? tracks?.some((id) => each.tracks?.includes(id)) : each.object === object));
  const motion = thing && motionsOf(layers, doc).get(thing);
  return motion ? { thing, motion } : null;
}

/**
 * From where a thing was drawn to where a frame is to show it.
 * @param {ClipLayers} layers
 * @param {Readonly<Doc>} doc
 * @param {Named} named
 * @param {number} frame
 * @param {number} [time] as it is drawn at another instant than the frame's
 * @returns {Affine | null} null where nobody knows it
 */
export function placementIn(layers, doc, named, frame, time) {
  const there = found(layers, doc, named);
  return there && inFractions(placedAt(there.thing, there.motion, frame, time), layers.size);
}

/**
 * The outline of a region where a frame is to show it.
 * @param {ClipLayers} layers
 * @param {Readonly<Doc>} doc
 * @param {Region} region
 * @param {number} frame
 * @returns {FoundOutline | null} [] where it stays, or is not to be seen; null where nobody knows it
 */
export function movedOutlineIn(layers, doc, region, frame) {
  const there = found(layers, doc, region);
  if (!there) return null;
  const { motion } = there;
  if (!motion.isDrawn(frame) || !motion.changes(frame)) return [];
  const onto = inFractions(motion.move(frame), layers.size);
  return (region.seen[motion.source(frame)] ?? []).map((ring) => ring.map(([x, y]) => {
    const place = placeMoved(onto, { x, y });
    return /** @type {const} */ ([place.x, place.y]);
  }));
}

/** @param {Move} move in pixels of the layers @param {Size} size @returns {Affine} */
function inFractions([re, im, x, y], { width, height }) {
  return [re, (im * width) / height, (-im * height) / width, re, x / width, y / height];
}
