/** What is seen on the canvas: the instant, what moves the picture, and which overlays lie over it. */

/** @import {CameraFilm} from './camera_film.js' */
/** @import {ComposedPicture} from './composed_picture.js' */
/** @import {Editor} from './editor.js' */

/**
 * `playing`: the moved picture plays. `bare`: something plays, and only the drags show how it moves; or a result, with
 * which they are compared. `held`: what is held moves something at an instant, such as the end of a path, and the
 * picture shows that instant. `posed`: the moved picture rests at the playhead. `result`: a result rests. `idle`: the
 * picture, or a video.
 * @typedef {'playing' | 'bare' | 'held' | 'posed' | 'result' | 'idle'} View
 */

/**
 * `others`: what is not selected. `selected`: paths, and the outlines of objects at the instant that is shown. `pose`
 * and `handles` are those of the instant that they edit. `regions`: what drags carry, where they begin.
 * @typedef {'grid' | 'others' | 'regions' | 'selected' | 'points' | 'areas' | 'pins' | 'pose' | 'handles' | 'hover'
 *   | 'guides' | 'markers'} Overlay
 */

/** @param {Overlay[]} overlays @returns {ReadonlySet<Overlay>} */
const only = (...overlays) => new Set(overlays);

/** Which overlays are seen in which view. @type {Readonly<Record<View, ReadonlySet<Overlay>>>} */
export const OVERLAYS = Object.freeze({
  playing: only(),
  bare: only('grid', 'others', 'selected', 'points', 'hover', 'guides', 'markers'),
  held: only('selected', 'points', 'pose', 'handles', 'guides'),
  posed: only('selected', 'points', 'pose', 'handles', 'hover', 'guides', 'markers'),
  result: only(
    'grid', 'others', 'selected', 'points', 'areas', 'pins', 'pose', 'handles', 'hover', 'guides', 'markers',
  ),
  idle: only(
    'grid', 'others', 'regions', 'selected', 'points', 'areas', 'pins', 'pose', 'handles', 'hover', 'guides', 'markers',
  ),
});

/**
 * @typedef {object} Scene
 * @property {View} view
 * @property {number} time the instant that is shown, a fraction of the clip
 * @property {ComposedPicture | CameraFilm | null} moving what is drawn in place of the picture; null for the picture
 * @property {readonly unknown[]} look what that depends on
 * @property {ReadonlySet<Overlay>} overlays
 */

/** @param {Editor} editor @returns {Scene} */
export function sceneOf(editor) {
  const { result, player, stage, tool } = editor;
  const held = stage.pointers.mode === 'tool' ? tool.heldTime ?? null : null;
  const source = movingAt(editor, held ?? player.time);
  const look = source?.look(held ?? player.time) ?? [];
  const moving = look.length > 0 ? source : null;
  const view = viewOf(player.playing, result.shown, moving !== null, held !== null);
  const time = moving ? held ?? player.time : player.time;
  return { view, time, moving, look, overlays: OVERLAYS[view] };
}

/**
 * @param {boolean} playing
 * @param {boolean} result whether one is shown
 * @param {boolean} moved whether the picture is
 * @param {boolean} held
 * @returns {View}
 */
export function viewOf(playing, result, moved, held) {
  if (playing) return moved ? 'playing' : 'bare';
  if (moved) return held ? 'held' : 'posed';
  return result ? 'result' : 'idle';
}

/**
 * What moves the picture: nothing at the beginning, which is the picture, and where a result or a video shows it.
 * @param {Editor} editor
 * @param {number} time
 */
function movingAt({ result, picture, depthCamera, stage, state }, time) {
  if (time <= 0 || result.shown || picture.video || state.problem) return null;
  return depthCamera?.inputs ? stage.cameraFilm : stage.composed;
}
