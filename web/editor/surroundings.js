/**
 * Takes over from the page what surrounds the drawing: clip, picture, result, and what a run makes of the drags. Where
 * another size or fit of the clip shows a different part of the picture, the drags stay on it.
 */

import { fitRects } from '../core/sizes.js';

/** @import {Rect, Ring, Size} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Clip, ClipConflict, DepthCamera, FollowSettings, Motion, PictureGap, Segmenters} from './host.js' */
/** @import {RunTask, Unused, VideoMade} from './host.js' */

/**
 * What the graph says, besides the clip and its pictures.
 * @typedef {object} Around
 * @property {boolean} overridden whether the drags come from another node
 * @property {ClipConflict | null} conflict a node after the editor that does not match
 * @property {Unused | null} unused why a run does not use the node
 * @property {Motion} motion what a run makes of the drags
 * @property {DepthCamera | null} depthCamera after the drags
 * @property {VideoMade} video that a run makes of the clip
 * @property {readonly RunTask[]} tasks of a run, once the drawing has changed
 * @property {readonly (readonly Ring[])[]} outlines of connected masks, found by the last run; unchecked, as from the
 *   server
 * @property {Segmenters} segmenters the models that can be asked
 * @property {FollowSettings | null} followedBy how a run follows what is drawn over a video; null where it follows
 *   nothing, or other nodes say it
 * @property {PictureGap} pictureGap why there is no picture
 */

/** @type {Readonly<Around>} */
export const UNKNOWN = Object.freeze({
  overridden: false, conflict: null, unused: null, motion: { needed: false, from: null }, depthCamera: null,
  video: { enlarging: null, frames: 2, rate: null }, tasks: [], outlines: [],
  segmenters: { sam3: null, sam2: null, rmbg: null, subject: null }, followedBy: null, pictureGap: 'unconnected',
});

/**
 * @param {Editor} editor
 * @param {boolean} byHand whether a person changed a widget
 */
export function takeSurroundings(editor, byHand) {
  const { host } = editor;
  takeClip(editor, host.clip(), byHand);
  const before = editor.around;
  editor.around = host.around();
  if (editor.around.overridden !== before.overridden) editor.tool.cancel();
  editor.picture.show(host.picture());
  editor.result.take(editor.takes.follow(host.takes(), editor.refiner.letThrough(host.result())));
  editor.invalidate();
}

/** @param {Editor} editor @param {Clip} clip @param {boolean} byHand */
function takeClip(editor, clip, byHand) {
  const changed = /** @type {(keyof Clip)[]} */ (Object.keys(clip)).some((key) => clip[key] !== editor.clip[key]);
  if (changed) {
    if (byHand) followPicture(editor, clip);
    editor.clip = clip;
  }
  editor.viewport.take({ clip: editor.clip });
  editor.root.style.setProperty('--dnw-aspect', `${clip.width} / ${clip.height}`);
}

/** Keeps the drags on the part of the picture that they were drawn on. @param {Editor} editor @param {Clip} clip */
function followPicture(editor, clip) {
  const { size } = editor.picture;
  if (!size || editor.locked) return;
  const to = movedClip(size, editor.clip, clip);
  if (to) editor.attempt(() => editor.session.follow(to));
}

const SLIGHT = 0.002; // of the clip: crops are in whole pixels, and an equal aspect ratio should change nothing

/**
 * Where the old clip lies in the new one, in fractions of the new one, when the pictures in both coincide.
 * @param {Size} picture in pixels
 * @param {Clip} before
 * @param {Clip} after
 * @returns {Rect | null} null if they coincide
 */
function movedClip(picture, before, after) {
  const to = placed(picture, before, after);
  const most = Math.max(Math.abs(to.x), Math.abs(to.y), Math.abs(to.width - 1), Math.abs(to.height - 1));
  return most < SLIGHT ? null : to;
}

/** @param {Size} picture @param {Clip} before @param {Clip} after @returns {Rect} */
function placed(picture, before, after) {
  const [old, now] = [before, after].map((clip) => fitRects(picture, clip, clip.fit));
  /** @param {'x' | 'y'} axis @param {'width' | 'height'} side @param {number} fraction of the old clip */
  const mapped = (axis, side, fraction) => {
    const inOld = fraction * before[side] - old.target[axis];
    const inPicture = old.source[axis] + (inOld * old.source[side]) / old.target[side];
    const inNew = now.target[axis] + ((inPicture - now.source[axis]) * now.target[side]) / now.source[side];
    return inNew / after[side];
  };
  const [x, y] = [mapped('x', 'width', 0), mapped('y', 'height', 0)];
  return { x, y, width: mapped('x', 'width', 1) - x, height: mapped('y', 'height', 1) - y };
}
