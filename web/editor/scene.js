/** What is seen on the canvas: the instant, what moves the picture, and which overlays lie over it. */

import { frameAt } from '../core/compose.js';
import { depthWithMotionsOf } from '../core/depth/live.js';
import { lightened, withMotionsOf } from '../core/composing/live.js';
import { pointTimes } from '../core/sampling.js';

/** @import {Composition} from '../core/composing/composition.js' */
/** @import {Moves} from '../core/depth/camera.js' */
/** @import {DepthPicture} from '../core/depth/picture.js' */
/** @import {Region} from '../core/types.js' */
/** @import {Composed, InDepth} from './answers.js' */
/** @import {EditedFrame} from './edited_clip.js' */
/** @import {Clip} from './host.js' */
/** @import {Now} from './session.js' */

/**
 * `playing`: the moved picture plays. `performing`: something plays, and what is held follows the hand. `bare`:
 * something plays, and only the drags show how it moves; or a result, with which they are compared. `held`: what is
 * held moves something at an instant, such as the end of a path, and the picture shows that instant. `posed`: the moved
 * picture rests at the playhead. `result`: a result rests. `idle`: the picture, or a video.
 * @typedef {'playing' | 'performing' | 'bare' | 'held' | 'posed' | 'result' | 'idle'} View
 */

/**
 * `others`: what is not selected. `selected`: paths, and the outlines of objects at the instant that is shown. `pose`
 * and `handles` are those of the instant that they edit. `regions`: what drags carry, where they begin. `tool`: what
 * the tool has under way.
 * @typedef {'grid' | 'others' | 'regions' | 'selected' | 'points' | 'areas' | 'pins' | 'pose' | 'handles' | 'hover'
 *   | 'guides' | 'markers' | 'tool'} Overlay
 */

/** @param {Overlay[]} overlays @returns {ReadonlySet<Overlay>} */
const only = (...overlays) => new Set(overlays);

/** Which overlays are seen in which view. @type {Readonly<Record<View, ReadonlySet<Overlay>>>} */
export const OVERLAYS = Object.freeze({
  playing: only('tool'),
  performing: only('others', 'regions', 'selected', 'markers'),
  bare: only('grid', 'others', 'selected', 'points', 'hover', 'guides', 'markers', 'tool'),
  held: only('selected', 'points', 'pose', 'handles', 'guides'),
  posed: only('selected', 'points', 'pose', 'handles', 'hover', 'guides', 'markers', 'tool'),
  result: only(
    'grid', 'others', 'selected', 'points', 'areas', 'pins', 'pose', 'handles', 'hover', 'guides', 'markers', 'tool',
  ),
  idle: only(
    'grid', 'others', 'regions', 'selected', 'points', 'areas', 'pins', 'pose', 'handles', 'hover', 'guides', 'markers',
    'tool',
  ),
});

/**
 * What surrounds the drawing.
 * @typedef {object} Around
 * @property {Clip} clip
 * @property {{url: string | null, video: boolean}} picture
 * @property {{shown: boolean}} result of a run
 * @property {{inputs: Record<string, unknown> | null} | null} depthCamera takes the drags elsewhere, if it has inputs
 */

/**
 * What the server has said.
 * @typedef {object} Answered
 * @property {Composed | null} composed
 * @property {readonly ImageBitmap[]} film what a camera in depth sees
 * @property {InDepth | null} depth what it moves through
 * @property {EditedFrame | null} edited what is drawn over the frame of a video
 */

/**
 * @typedef {object} Scene
 * @property {View} view
 * @property {number} time the instant that is shown, a fraction of the clip
 * @property {Composition | null} composition drawn in place of the picture; null for the picture, or another frame
 * @property {ImageBitmap | null} film the frame that is, likewise
 * @property {DepthView | null} seen what a camera in depth sees, likewise
 * @property {number} frame of the composition
 * @property {EditedFrame | null} edited drawn over the frame of a video
 * @property {ReadonlySet<Overlay>} overlays
 */

/**
 * A picture with depth, as a camera sees it.
 * @typedef {object} DepthView
 * @property {DepthPicture} picture
 * @property {Moves} moves of the camera
 * @property {number} frame
 */

/** @param {Readonly<Now>} now @param {Around} around @param {Answered} answers @returns {Scene} */
export function sceneOf(now, around, { composed, film, depth, edited: found }) {
  const held = heldTime(now, around.clip);
  const at = held ?? now.time;
  const moves = at > 0 && !around.result.shown && !around.picture.video && !now.problem;
  const camera = around.depthCamera?.inputs;
  const filmed = moves && camera && !now.turned ? film[Math.round(at * (film.length - 1))] ?? null : null;
  const seen = moves && camera && depth && !filmed ? depthView(depth, now, around, at) : null;
  const composition = moves && composed && !camera ? compositionOf(composed, now, around) : null;
  const moved = filmed !== null || seen !== null || composition !== null;
  const edited = around.picture.video && !around.result.shown && !now.problem ? found : null;
  const view = viewOf(now.playing, around.result.shown, moved || (now.playing && edited !== null), held !== null);
  const frame = composition ? frameAt(composition, at) : 0;
  const time = moved ? at : now.time;
  return { view, time, composition, film: filmed, seen, frame, edited, overlays: OVERLAYS[view] };
}

/**
 * Pictures with the motions of the drawing that was shown last.
 * @type {WeakMap<InDepth, {doc: Now['doc'], picture: DepthPicture}>}
 */
const inDepth = new WeakMap();

/** @param {InDepth} depth @param {Readonly<Now>} now @param {Around} around @param {number} at @returns {DepthView} */
function depthView(depth, { doc, turned }, { clip, depthCamera }, at) {
  let known = inDepth.get(depth);
  if (known?.doc !== doc) {
    known = { doc, picture: depthWithMotionsOf(depth.picture, depth.doc, doc, clip) };
    inDepth.set(depth, known);
  }
  const { picture } = known;
  const moves = /** @type {any} */ ({ ...depthCamera?.inputs, ...turned });
  return { picture, moves, frame: Math.round(at * (picture.times.length - 1)) };
}

/** The instant at which what is held moves something. @param {Readonly<Now>} now @param {Clip} clip */
function heldTime({ hold, tracks }, { width, height }) {
  const track = hold?.point && tracks.find(({ id }) => id === hold.point?.id);
  return track && hold.point ? pointTimes(track, width, height)[hold.point.index] : hold?.time ?? null;
}

/**
 * @param {boolean} playing
 * @param {boolean} result whether one is shown
 * @param {boolean} moved whether the picture is
 * @param {boolean} held
 * @returns {View}
 */
export function viewOf(playing, result, moved, held) {
  if (playing && held) return 'performing';
  if (playing) return moved ? 'playing' : 'bare';
  if (moved) return held ? 'held' : 'posed';
  return result ? 'result' : 'idle';
}

/**
 * Answers with the motions of the drawing that was shown last, and whether it was held.
 * @type {WeakMap<Composed, {doc: Now['doc'], isHeld: boolean, composition: Composition}>}
 */
const moved = new WeakMap();

/**
 * The composition of the drawing as it is now, perhaps a smaller one while it is held; null while there is none.
 * @param {Composed} composed
 * @param {Readonly<Now>} now
 * @param {Around} around
 */
function compositionOf(composed, { doc, hold }, { picture, clip }) {
  const { url, clip: { width, height, frames, fit } } = composed;
  const same = width === clip.width && height === clip.height && frames === clip.frames && fit === clip.fit;
  if (url !== picture.url || !same) return null;
  const isHeld = hold !== null;
  let known = moved.get(composed);
  if (known?.doc !== doc || known.isHeld !== isHeld) {
    const composition = isHeld && composed.doc !== doc ? lightened(composed.composition) : composed.composition;
    known = { doc, isHeld, composition: withMotionsOf(composition, composed.doc, doc, clip) };
    moved.set(composed, known);
  }
  return known.composition;
}

/**
 * Whether the selected drags bend what they carry: as they are set, or else as the server says.
 * @param {Readonly<Now>} now
 * @param {readonly Region[]} regions of the drawing; those of a video stay until it has been followed anew
 */
export function bendsIn({ tracks }, regions) {
  if (tracks.some(({ bend }) => bend === 'on')) return true;
  if (tracks.every(({ bend }) => bend === 'off')) return false;
  const known = regions.filter((region) => (
    !region.surroundings && tracks.some(({ id }) => region.tracks?.includes(id))));
  if (known.length > 0) return known.some(({ bends }) => bends);
  return tracks.some(({ bend }) => bend === 'auto');
}
