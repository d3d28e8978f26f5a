/**
 * What frames of a video consist of, as the server sends it (`dragnuwa/server/layers.py`): the ground behind each thing
 * that is drawn on, and the things, cut out. All places are in pixels of small frames, (0, 0) being the corner of the
 * part that the clip shows.
 */

import { motionBack } from '../objects/in_frames.js';

/** @import {Affine, Size, Track, MotionObject, Doc} from '../types.js' */
/** @import {Box} from './composition.js' */

/** A similarity transform: its factor and its shift, real and imaginary part. @typedef {readonly number[]} Move */

/** A part of a frame, whose pixels a picture in a file has. @typedef {{box: Box, file: Blob}} Patch */

/** A part of a thing, and the motion from the frame that it was cut out of. @typedef {Patch & {onto: Move}} Piece */

/**
 * A thing in the video.
 * @typedef {object} Thing
 * @property {readonly string[]} [tracks] ids of the drags that are on it
 * @property {string} [object] id of the object that it is; with neither, nobody has drawn on it
 * @property {number} at the part of the video in which it was drawn
 * @property {{re: number, im: number}} pivot about which it is turned and scaled, in that frame
 * @property {readonly Move[]} own its motion from that frame to each frame of the clip
 * @property {readonly boolean[]} known in which of them that is known
 */

/** @typedef {{of: number, ground: Patch | null, pieces: readonly Piece[]}} ThingInFrame */

/**
 * What a frame consists of, from back to front; or the part of it that is edited, where something bends.
 * @typedef {{things: readonly ThingInFrame[], edited: Patch | null}} FrameLayers
 */

/**
 * @typedef {object} ClipLayers
 * @property {Size} size of the part that the clip shows
 * @property {Box} frame where the video's whole frames lie
 * @property {boolean} bent whether frames are as one drawing edits them
 * @property {readonly Thing[]} things from back to front
 * @property {ReadonlyMap<number, FrameLayers>} frames by their numbers in the clip
 */

/** @param {ArrayBuffer} answer @returns {ClipLayers} */
export function readClipLayers(answer) {
  const length = new DataView(answer).getUint32(0);
  const told = JSON.parse(new TextDecoder().decode(new Uint8Array(answer, 4, length)));
  const files = filesOf(answer, 4 + length, told.files);
  const corner = cornerOf(told.onto);
  /** @param {any} each @returns {Patch} */
  const patch = ({ box: [left, top, right, bottom] }) => {
    const file = /** @type {Blob} */ (files.shift());
    return { box: shifted({ left, top, right, bottom }, corner), file };
  };
  const thing = (/** @type {any} */ { of, ground, pieces }) => ({
    of,
    ground: ground && patch(ground),
    pieces: pieces.map((/** @type {any} */ piece) => ({ ...patch(piece), onto: moveAt(piece.onto, corner) })),
  });
  const [width, height] = told.size;
  return Object.freeze({
    size: { width: 1 / told.onto[0], height: 1 / told.onto[3] },
    frame: shifted({ left: 0, top: 0, right: width, bottom: height }, corner),
    bent: told.bent,
    things: told.objects.map((/** @type {any} */ { pivot: [x, y], own, ...about }) => ({
      ...about, pivot: { re: x + CENTRE - corner.x, im: y + CENTRE - corner.y },
      own: own.map((/** @type {Move} */ move) => moveAt(move, corner)),
    })),
    frames: new Map(told.frames.map((/** @type {any} */ { number, objects = [], edited = null }) => (
      [number, { things: objects.map(thing), edited: edited && patch(edited) }]))),
  });
}

/** @param {ClipLayers} known @param {ClipLayers} more of the same drawing @returns {ClipLayers} with frames of both */
export const withFrames = (known, more) => Object.freeze({
  ...known, frames: new Map([...known.frames, ...more.frames]),
});

const CENTRE = 0.5; // of a pixel, from its corner

/** Where the part that the clip shows begins in frames. @param {Affine} onto from these to fractions of that part */
function cornerOf(onto) {
  const [, , , , x, y] = motionBack(onto);
  return { x, y };
}

/** @param {Box} box @param {{x: number, y: number}} by @returns {Box} */
const shifted = ({ left, top, right, bottom }, { x, y }) => ({
  left: left - x, top: top - y, right: right - x, bottom: bottom - y,
});

/** A motion between centres of pixels of frames. @param {Move} move @param {{x: number, y: number}} corner */
function moveAt([re, im, x, y], corner) {
  const [cx, cy] = [CENTRE - corner.x, CENTRE - corner.y];
  return [re, im, x + cx - (re * cx - im * cy), y + cy - (im * cx + re * cy)];
}

/** @param {ArrayBuffer} answer @param {number} start @param {readonly number[]} lengths */
function filesOf(answer, start, lengths) {
  let at = start;
  return lengths.map((length) => {
    at += length;
    return new Blob([new Uint8Array(answer, at - length, length)], { type: 'image/webp' });
  });
}

const COPIED = 'copied'; // which leaves no ground behind that would have to be known

/** What of drawings, tracks and objects says how they are cut out, as texts. @type {WeakMap<object, string>} */
const keys = new WeakMap();

/**
 * What the cuts of a drawing depend on, but not how it moves them: while it stays, what the server has said of frames
 * holds.
 * @param {Readonly<Doc>} doc
 */
export function cutsOf(doc) {
  const { tracks, objects = [] } = doc;
  const enabled = [...tracks, ...objects].filter((one) => one.enabled);
  return remembered(doc, () => enabled.map((one) => (
    remembered(one, () => JSON.stringify('outline' in one ? cutOfObject(one) : cutOfTrack(one))))).join('\n'));
}

/** @param {object} about @param {() => string} make */
function remembered(about, make) {
  const text = keys.get(about) ?? make();
  keys.set(about, text);
  return text;
}

/** @param {Readonly<Track>} track */
function cutOfTrack(track) {
  if (track.bend) return track; // whether it bends depends on all of it
  const { id, start, points: [{ x, y }], edit } = track;
  return { id, start, x, y, stays: edit === COPIED };
}

/** @param {Readonly<MotionObject>} object */
function cutOfObject(object) {
  if (object.pins || object.sway) return object;
  const { id, outline, at, followed, shadow, grow, feather, edit } = object;
  return { id, outline, at, followed, shadow, grow, feather, stays: edit === COPIED };
}
