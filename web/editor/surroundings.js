/** Takes over from the page what surrounds the drawing: clip, picture, result, and what a run makes of the drags. */

import { movedClip } from './clip_change.js';

/** @import {Clip, ClipConflict, DepthCamera, FollowSettings, Motion, PictureGap} from './host.js' */
/** @import {Segmenters, Unused, VideoMade} from './host.js' */
/** @import {Ring} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

/**
 * What the graph says, besides the clip and its pictures.
 * @typedef {object} Around
 * @property {boolean} overridden whether the drags come from another node
 * @property {ClipConflict | null} conflict a node after the editor that does not match
 * @property {Unused | null} unused why a run does not use the node
 * @property {Motion} motion what a run makes of the drags
 * @property {DepthCamera | null} depthCamera after the drags
 * @property {VideoMade} video that a run makes of the clip
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
  video: { enlarging: null, frames: 2, rate: null }, outlines: [],
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
  editor.result.take(editor.takes.follow(host.takes(), host.result()));
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
