/** A frame of a video as a drawing edits it: what is drawn over the video's own frame, as `Composite.frame` renders. */

import { STILL, after, motionOf } from './clip_motion.js';

/** @import {Doc} from '../types.js' */
/** @import {ClipLayers, FrameLayers, Move, Patch, Thing} from './clip_layers.js' */
/** @import {ThingMotion} from './clip_motion.js' */

/** A part that is drawn, moved. @typedef {{patch: Patch, move: Move}} Placed */

/** What becomes of each thing. @typedef {ReadonlyMap<Thing, ThingMotion>} Motions */

/**
 * Of the last drawing on each video.
 * @type {WeakMap<readonly Thing[], {doc: Readonly<Doc>, motions: Motions}>}
 */
const known = new WeakMap();

/** @param {ClipLayers} layers @param {Readonly<Doc>} doc @returns {Motions} */
export function motionsOf(layers, doc) {
  const last = known.get(layers.things);
  if (last?.doc === doc) return last.motions;
  /** @type {Map<Thing, ThingMotion>} */
  const motions = new Map();
  for (const thing of layers.things) {
    const motion = motionOf(thing, layers, doc);
    if (motion) motions.set(thing, motion);
  }
  known.set(layers.things, { doc, motions });
  return motions;
}

/**
 * The frames whose layers a frame needs: itself, and those that its things are shown as in.
 * @param {ClipLayers} layers
 * @param {Readonly<Doc>} doc
 * @param {number} frame
 */
export function neededFor(layers, doc, frame) {
  return new Set([frame, ...[...motionsOf(layers, doc).values()].map(({ source }) => source(frame))]);
}

/**
 * What is drawn over a frame, from back to front.
 * @param {ClipLayers} layers with all frames of `neededFor`
 * @param {Readonly<Doc>} doc
 * @param {number} frame
 * @returns {readonly Placed[]} none where it stays as it is
 */
export function editedFrame(layers, doc, frame) {
  const { things, edited } = /** @type {FrameLayers} */ (layers.frames.get(frame));
  if (layers.bent) return edited ? [{ patch: edited, move: STILL }] : [];
  const motions = motionsOf(layers, doc);
  const changing = new Map(layers.things.flatMap((thing, of) => {
    const motion = motions.get(thing);
    return motion?.changes(frame) ? [[of, motion]] : [];
  }));
  if (changing.size === 0) return [];
  /** @type {Placed[]} */
  const placed = [];
  for (const { of, ground } of things) {
    if (ground && changing.get(of)?.leaves) placed.push({ patch: ground, move: STILL });
  }
  const uncovered = placed.length;
  layers.things.forEach((_, of) => {
    const motion = changing.get(of);
    const from = motion ? layers.frames.get(motion.source(frame)) : { things };
    const pieces = from?.things.find((each) => each.of === of)?.pieces ?? [];
    // What stays as it is, is drawn where something may lie behind it, or was hidden before.
    const isNeeded = motion ? motion.isDrawn(frame) : placed.length > uncovered || pieces.length > 1;
    const move = motion?.move(frame) ?? STILL;
    if (isNeeded) placed.push(...pieces.map((piece) => ({ patch: piece, move: after(move, piece.onto) })));
  });
  return placed;
}
