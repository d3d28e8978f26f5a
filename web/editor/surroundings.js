/** Takes over from the page what surrounds the drawing: clip, picture, result, and what a run makes of the drags. */

import { movedClip } from './clip_change.js';

/** @import {Clip} from './host.js' */
/** @import {Editor} from './editor.js' */

/**
 * @param {Editor} editor
 * @param {boolean} byHand whether a person changed a widget
 */
export function takeSurroundings(editor, byHand) {
  const { host } = editor;
  takeClip(editor, host.clip(), byHand);
  if (editor.overridden !== host.overridden()) {
    editor.overridden = !editor.overridden;
    editor.tool.cancel();
  }
  editor.picture.show(host.picture());
  editor.result.take(editor.takes.follow(host.takes(), host.result()));
  editor.status.conflict = host.conflict();
  editor.status.unused = host.unused();
  editor.motion = host.motion();
  editor.depthCamera = host.depthCamera();
  editor.runLine.video = host.video();
  editor.stage.offer.outlines = host.outlines();
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
