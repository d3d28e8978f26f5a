/**
 * An object's transform at every frame, computed as in dragnuwa/trajectory/objects/sampling.py.
 */

import { around, shareOfKeys } from '../repeating.js';
import { eased, positionFunction, roundHalfEven, timeOf, wayAt } from '../sampling.js';
import { atPlace } from './check.js';

/** @import {DrawnPath, Key, Keyframes, MotionObject, Ring, Similarity, Track, XY} from '../types.js' */

/** @type {Readonly<Key>} */
export const AT_PLACE = Object.freeze({ t: 0, x: 0, y: 0, rotation: 0, scale: 1, ease: 'linear' });
const REACHED = 1e-9; // of the object's own time: tolerance for reaching a key, against rounding errors

/**
 * Maps a fraction of the clip to the object's transform, whether it is enabled or not; in pixels of a picture of that
 * size, neither rounded nor clamped.
 * @param {Readonly<MotionObject>} object
 * @param {number} width
 * @param {number} height
 * @returns {(fraction: number) => Similarity}
 */
export function transformFunction(object, width, height) {
  const pivot = { x: object.pivot.x * width, y: object.pivot.y * height };
  if ('points' in object.motion) {
    const displacement = displacementFunction(object, object.motion, width, height);
    return (fraction) => {
      const { x, y } = displacement(fraction);
      return { re: 1, im: 0, x0: x, y0: y };
    };
  }
  const keys = keysAround(object, object.motion);
  return (fraction) => {
    const { x, y, rotation, scale } = between(keys, wayAt(object, fraction));
    const angle = rotation * (Math.PI / 180);
    const [re, im] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    return {
      re,
      im,
      x0: pivot.x + x * width - (re * pivot.x - im * pivot.y),
      y0: pivot.y + y * height - (im * pivot.x + re * pivot.y),
    };
  };
}

/**
 * Applies a transform to a point of the picture; both in pixels.
 * @param {Similarity} similarity
 * @param {XY} place
 * @returns {XY}
 */
export function applied({ re, im, x0, y0 }, { x, y }) {
  return { x: re * x - im * y + x0, y: im * x + re * y + y0 };
}

/**
 * The transformed outline, in pixels of the picture.
 * @param {readonly Ring[]} outline
 * @param {Similarity} similarity
 * @param {number} width
 * @param {number} height
 * @returns {XY[][]}
 */
export function movedOutline(outline, similarity, width, height) {
  return outline.map((ring) => ring.map(({ x, y }) => applied(similarity, { x: x * width, y: y * height })));
}

/**
 * The transformed pivot, in pixels.
 * @param {Readonly<MotionObject>} object
 * @param {Similarity} similarity of a picture of that size
 * @param {number} width
 * @param {number} height
 */
export function movedPivot({ pivot }, similarity, width, height) {
  return applied(similarity, { x: pivot.x * width, y: pivot.y * height });
}

/**
 * The values of a motion by keys at a fraction of the object's own time, as a key there would have them.
 * @param {Readonly<Keyframes>} motion
 * @param {number} s
 */
export function valuesAt(motion, s) {
  return between(keysOf(motion), s);
}

/**
 * The keys, including the implicit one at time 0.
 * @param {Readonly<Keyframes>} motion
 * @returns {readonly Readonly<Key>[]}
 */
function keysOf({ keys }) {
  return keys[0].t === 0 ? keys : [AT_PLACE, ...keys];
}

/**
 * The keys including the implicit ones: at time 0, and where a closed motion leads back to its beginning, unless it
 * ends there. The way back is at most half a turn.
 * @param {Readonly<MotionObject>} object
 * @param {Readonly<Keyframes>} motion
 * @returns {readonly Readonly<Key>[]}
 */
function keysAround(object, motion) {
  const keys = keysOf(motion);
  const share = shareOf(object);
  const back = { ...AT_PLACE, t: 1, rotation: upright(keys[keys.length - 1]) };
  return around(keys, share, back, (key) => ({ ...key, t: key.t * share }));
}

/** The nearest number of whole turns, in degrees. @param {Readonly<Key>} key */
const upright = ({ rotation }) => 360 * roundHalfEven(rotation / 360);

/** The part of the time that the keys of an object take. @param {Readonly<MotionObject>} object */
function shareOf({ loop, motion }) {
  if (!loop) return 1;
  if (!('keys' in motion)) return shareOfKeys(loop, false);
  const last = motion.keys[motion.keys.length - 1];
  return shareOfKeys(loop, atPlace({ ...last, rotation: last.rotation - upright(last) }));
}

/**
 * The fraction of the clip at which an object is first at a key with the time `t`.
 * @param {Readonly<MotionObject>} object
 * @param {number} t
 */
export const timeOfKey = (object, t) => timeOf(object, t * shareOf(object));

/**
 * The time of a key at a fraction of the clip.
 * @param {Readonly<MotionObject>} object
 * @param {number} fraction
 */
export const keyTimeOf = (object, fraction) => Math.min(wayAt(object, fraction) / shareOf(object), 1);

/**
 * A track along the drawn path.
 * @param {Readonly<MotionObject>} object
 * @param {Readonly<DrawnPath>} motion
 * @returns {Readonly<Track>}
 */
export function pathTrack({ id, name, color, enabled, start, end, visible, loop }, { spline, points, timing, ease }) {
  const track = { id, name, color, enabled, kind: /** @type {const} */ ('path'), spline, points, timing, start, end };
  return { ...track, ease, visible, ...(loop && { loop }) };
}

/**
 * @param {readonly Readonly<Key>[]} keys from the time 0 on
 * @param {number} s
 */
function between(keys, s) {
  let k = 0;
  while (k + 1 < keys.length && keys[k + 1].t <= s + REACHED) k += 1;
  const [from, to] = [keys[k], keys[k + 1]];
  if (!to) return from;
  const e = eased(from.ease, Math.min(Math.max((s - from.t) / (to.t - from.t), 0), 1));
  /** @param {'x' | 'y' | 'rotation' | 'scale'} name */
  const mixed = (name) => from[name] + e * (to[name] - from[name]);
  return { x: mixed('x'), y: mixed('y'), rotation: mixed('rotation'), scale: mixed('scale') };
}

/**
 * @param {Readonly<MotionObject>} object
 * @param {Readonly<DrawnPath>} motion
 * @param {number} width
 * @param {number} height
 * @returns {(fraction: number) => XY}
 */
function displacementFunction(object, motion, width, height) {
  const [first] = motion.points;
  if (motion.points.length === 1) return () => ({ x: 0, y: 0 });
  const position = positionFunction(pathTrack(object, motion), width, height);
  return (fraction) => {
    const { x, y } = position(fraction);
    return { x: x - first.x * width, y: y - first.y * height };
  };
}
