/** The one place in a frame that moves films and asks the server: drawing asks for nothing. */

/** @import {Editor} from './editor.js' */

/** Moves films to the instant that is shown, and asks for what is missing. @param {Editor} editor */
export function ask({ picture, result, segmenter, stage, time, clip }) {
  picture.seek(time, clip.frames);
  result.seek();
  segmenter.preparing.follow();
  for (const each of stage.answers) each.follow();
}

/** Whether something is being drawn or moved, and is not yet what it will be. @param {Editor} editor */
export function isBusy({ state, stage, tool }) {
  return state.before !== null || stage.pointers.mode === 'tool' || tool.unfinished;
}
