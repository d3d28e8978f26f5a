/**
 * How a drawing moves what is followed in a video, as `dragnuwa/carry/video/edits.py` has it: on top of the thing's own
 * motion, in place of it, held still, taken out, or as a copy.
 */

import { transformFunction } from '../objects/sampling.js';
import { isVisible, positionFunction } from '../sampling.js';
import { fitted } from './live.js';

/** @import {Doc, Edit, MotionObject, Track} from '../types.js' */
/** @import {ClipLayers, Move, Thing} from './clip_layers.js' */

/** A complex number: a place, or a factor. @typedef {{re: number, im: number}} Complex */

/**
 * What becomes of a thing in each frame.
 * @typedef {object} ThingMotion
 * @property {boolean} leaves whether it is taken from where it was
 * @property {(frame: number) => boolean} isDrawn whether a frame is to show it
 * @property {(frame: number) => boolean} changes whether a frame differs from the video's
 * @property {(frame: number) => number} source the frame whose pixels it shows
 * @property {(frame: number, time?: number) => Move} move from pixels of that frame to this one; as drawn at an
 *   instant, a fraction of the clip, by default that of the frame
 */

/** @type {Move} */
export const STILL = Object.freeze([1, 0, 0, 0]);
const AT_REST = 0.02; // px: a thing moved by less is not changed

/**
 * @param {Thing} thing
 * @param {ClipLayers} layers
 * @param {Readonly<Doc>} doc
 * @returns {ThingMotion | null} null where the drawing leaves it as it is
 */
export function motionOf(thing, layers, doc) {
  const drawn = drawnOn(thing, layers, doc);
  if (!drawn) return null;
  const last = thing.own.length - 1;
  const begun = Math.round(thing.at * last);
  const delay = Math.round(drawn.delay * last);
  const { edit } = drawn;
  const source = (/** @type {number} */ frame) => Math.min(Math.max(frame - delay, 0), last);
  const replaced = edit === 'still' || edit === 'absolute'; // its own motion, from then on
  const isDrawn = (/** @type {number} */ frame) => (
    edit !== 'removed' && drawn.shown(frame / last, frame < begun) && (replaced || thing.known[source(frame)]));
  const move = (/** @type {number} */ frame, time = frame / last) => {
    const own = thing.own[source(frame)];
    if (replaced && frame >= begun) {
      return after(edit === 'absolute' ? drawn.at(time) : STILL, inverse(own));
    }
    return about(drawn.at(time), thing.pivot, own);
  };
  const leaves = edit !== 'copied';
  const changes = (/** @type {number} */ frame) => (
    isDrawn(frame) ? source(frame) !== frame || !stays(move(frame), layers) : leaves);
  return { leaves, isDrawn, changes, source, move };
}

/**
 * Where a thing is to be in a frame, from where it was drawn.
 * @param {Thing} thing
 * @param {ThingMotion} motion
 * @param {number} frame
 * @param {number} [time] as of `ThingMotion.move`
 */
export const placedAt = (thing, motion, frame, time) => (
  after(motion.move(frame, time), thing.own[motion.source(frame)]));

/** First `one`, then `move`. @param {Move} move @param {Move} one @returns {Move} */
export function after(move, one) {
  const [re, im] = [move[0] * one[0] - move[1] * one[1], move[0] * one[1] + move[1] * one[0]];
  const shift = applied(move, { re: one[2], im: one[3] });
  return [re, im, shift.re, shift.im];
}

/** @param {Move} move @param {Complex} place @returns {Complex} */
export const applied = ([re, im, x, y], place) => ({
  re: re * place.re - im * place.im + x, im: im * place.re + re * place.im + y,
});

/** @param {Move} move @returns {Move} */
function inverse([re, im, x, y]) {
  const square = re * re + im * im;
  const [a, b] = [re / square, -im / square];
  return [a, b, -(a * x - b * y), -(b * x + a * y)];
}

/** A drawn motion about where a thing's own motion has taken the pivot. */
/** @param {Move} drawn @param {Complex} pivot @param {Move} own @returns {Move} */
function about(drawn, pivot, own) {
  const there = applied(own, pivot);
  const to = applied(drawn, pivot);
  const [re, im] = drawn;
  return [
    re, im, there.re + to.re - pivot.re - (re * there.re - im * there.im),
    there.im + to.im - pivot.im - (im * there.re + re * there.im),
  ];
}

/** @param {Move} move @param {ClipLayers} layers */
function stays(move, { frame: { left, top, right, bottom } }) {
  return [left, right].every((re) => [top, bottom].every((im) => {
    const to = applied(move, { re, im });
    return Math.hypot(to.re - re, to.im - im) <= AT_REST;
  }));
}

/**
 * What is drawn on a thing.
 * @typedef {object} Drawn
 * @property {Edit} edit
 * @property {number} delay part of the clip
 * @property {(time: number) => Move} at of places in the frame in which it was drawn
 * @property {(time: number, before: boolean) => boolean} shown `before` that frame
 */

/** @param {Thing} thing @param {ClipLayers} layers @param {Readonly<Doc>} doc @returns {Drawn | null} */
function drawnOn({ object: id, tracks: ids }, layers, doc) {
  if (id !== undefined) {
    const object = doc.objects?.find((each) => each.id === id);
    return object?.enabled ? ofObject(object, layers) : null;
  }
  const tracks = ids?.flatMap((each) => doc.tracks.filter((track) => track.id === each && track.enabled)) ?? [];
  return ids && tracks.length === ids.length ? ofTracks(tracks, layers) : null;
}

/** @param {Readonly<MotionObject>} object @param {ClipLayers} layers @returns {Drawn} */
function ofObject(object, { size: { width, height } }) {
  const transform = transformFunction(object, width, height);
  const at = (/** @type {number} */ time) => {
    const { re, im, x0, y0 } = transform(time);
    return [re, im, x0, y0];
  };
  const { edit = 'relative', delay = 0 } = object;
  return { edit, delay, at, shown: (time) => isVisible(object, time) };
}

/** @param {readonly Readonly<Track>[]} tracks @param {ClipLayers} layers @returns {Drawn} */
function ofTracks(tracks, { size: { width, height }, frame }) {
  const positions = tracks.map((track) => positionFunction(track, width, height));
  const holds = (/** @type {number} */ k) => tracks[k].points.length === 1;
  const place = (/** @type {number} */ k, /** @type {number} */ time) => {
    const { x, y } = positions[k](holds(k) && !tracks[k].sway ? 0 : time);
    return [within(x, frame.left, frame.right), within(y, frame.top, frame.bottom)];
  };
  const at = (/** @type {number} */ time) => (
    [...fitted(tracks.map((_, k) => Float64Array.from([...place(k, 0), ...place(k, time)]))).subarray(4)]);
  const [{ edit = 'relative', delay = 0 }] = tracks;
  const still = edit === 'relative' && delay === 0 && tracks.every((_, k) => holds(k));
  const shown = (/** @type {number} */ time, /** @type {boolean} */ before) => (
    before || tracks.some((track) => isVisible(track, time)));
  return { edit: still ? 'still' : edit, delay, at, shown };
}

/** A place in the frame, as drags are kept inside. @param {number} value @param {number} low @param {number} high */
const within = (value, low, high) => Math.min(Math.max(value, low), high - 1);
