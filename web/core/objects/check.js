/** Checks of an object, the same as Python makes. */

import {
  checkNames,
  checkPlace,
  checkPoints,
  checkTimes,
  choice,
  list,
  mapping,
  number,
  pointOf,
  text,
  wrong,
} from '../check.js';
import { TrajectoryError } from '../errors.js';
import { firstNotRising } from '../key_times.js';
import {
  EASES,
  MAX_COORDINATE,
  MAX_OUTLINE_POINTS,
  MAX_POINTS,
  MAX_RINGS,
  MAX_ROTATION,
  MAX_SCALE,
  MIN_SCALE,
  SPLINES,
  TIMINGS,
} from '../limits.js';
import { message } from '../messages.js';

/** @import {Message} from '../messages.js' */
/** @import {Key, MotionObject, Point, XY} from '../types.js' */

const OBJECT_KEYS = Object.freeze([
  'id', 'name', 'color', 'enabled', 'outline', 'pivot', 'motion', 'start', 'end', 'visible', 'group',
]);
const PATH_KEYS = Object.freeze(['spline', 'points', 'timing', 'ease']);
const KEYFRAMES_KEYS = Object.freeze(['keys']);
const KEY_KEYS = Object.freeze(['t', 'x', 'y', 'rotation', 'scale', 'ease']);
const FLAT = 1e-12; // of the outline's extent squared: a ring whose corners span less lies on a line

/**
 * The object itself, deeply frozen, if all of it is as the format requires.
 * @param {unknown} value every field is there, but the group where it is in none
 * @param {Message} where for the message
 * @returns {Readonly<MotionObject>}
 * @throws {TrajectoryError}
 */
export function checkedObject(value, where) {
  const fields = mapping(value, OBJECT_KEYS, where, message('aMotionObject'));
  checkNames(fields, where);
  if ('group' in fields) text(fields.group, 1, where, 'group');
  checkOutline(fields.outline, where);
  checkTimes(fields, where);
  checkPlace(fields.pivot, where, 'pivot');
  checkMotion(fields.motion, message('motionOf', { where }));
  return /** @type {Readonly<MotionObject>} */ (Object.freeze(value));
}

/**
 * @param {unknown} value
 * @param {Message} where
 */
export function checkOutline(value, where) {
  const rings = list(value, MAX_RINGS, where, 'outline');
  if (rings.length === 0) throw new TrajectoryError('noRings', { where });
  let count = 0;
  rings.forEach((ring, k) => {
    count += list(ring, MAX_OUTLINE_POINTS, message('ringOf', { where, index: k + 1 }), message('aRing')).length;
  });
  if (count > MAX_OUTLINE_POINTS) {
    throw new TrajectoryError('tooManyOutlinePoints', { where, most: MAX_OUTLINE_POINTS, count });
  }
  rings.forEach((ring, k) => checkRing(/** @type {unknown[]} */ (ring), message('ringOf', { where, index: k + 1 })));
  Object.freeze(rings);
}

/**
 * @param {unknown[]} ring
 * @param {Message} where
 */
function checkRing(ring, where) {
  ring.forEach((place, k) => checkPlace(place, pointOf(where, k), message('aPoint')));
  if (!encloses(/** @type {XY[]} */ (ring))) {
    throw new TrajectoryError('ringEnclosesNothing', { where, count: ring.length });
  }
  Object.freeze(ring);
}

/**
 * Whether the corners do not all lie on one line. The two that span it are the first and the furthest from it.
 * @param {readonly XY[]} ring
 */
function encloses(ring) {
  if (ring.length < 3) return false;
  const [{ x, y }] = ring;
  const arms = ring.slice(1).map((corner) => ({ x: corner.x - x, y: corner.y - y }));
  /** @param {XY} arm */
  const squared = (arm) => arm.x * arm.x + arm.y * arm.y;
  const far = arms.reduce((best, arm) => (squared(arm) > squared(best) ? arm : best));
  return arms.some((arm) => Math.abs(far.x * arm.y - far.y * arm.x) > FLAT * squared(far));
}

/**
 * @param {unknown} value
 * @param {Message} where
 */
function checkMotion(value, where) {
  const motion = mapping(value, [...PATH_KEYS, ...KEYFRAMES_KEYS], where, message('theValue'));
  if ('points' in motion === 'keys' in motion) throw new TrajectoryError('pointsOrKeys', { where });
  if ('points' in motion) checkPath(motion, where);
  else checkKeyframes(motion, where);
  Object.freeze(value);
}

/**
 * @param {Record<string, unknown>} value
 * @param {Message} where
 */
function checkPath(value, where) {
  const path = mapping(value, PATH_KEYS, where, message('theValue'));
  choice(path.spline, SPLINES, where, 'spline');
  const timing = choice(path.timing, TIMINGS, where, 'timing');
  choice(path.ease, EASES, where, 'ease');
  checkPoints(path.points, where);
  const falling = timing === 'keys' ? firstNotRising(/** @type {Readonly<Point>[]} */ (path.points)) : -1;
  if (falling > 0) throw new TrajectoryError('timeNotLater', { where: pointOf(where, falling) });
}

/**
 * @param {Record<string, unknown>} value
 * @param {Message} where
 */
function checkKeyframes(value, where) {
  const { keys: given } = mapping(value, KEYFRAMES_KEYS, where, message('theValue'));
  const keys = /** @type {Readonly<Key>[]} */ (list(given, MAX_POINTS, where, 'keys'));
  if (keys.length === 0) throw new TrajectoryError('noKeys', { where });
  keys.forEach((key, k) => checkKey(key, keyOf(where, k)));
  const falling = keys.findIndex(({ t }, k) => k > 0 && t <= keys[k - 1].t);
  if (falling > 0) throw new TrajectoryError('keyNotLater', { where: keyOf(where, falling) });
  if (keys[0].t === 0 && !atPlace(keys[0])) throw new TrajectoryError('firstKeyMoved', { where: keyOf(where, 0) });
  Object.freeze(keys);
}

/**
 * Whether a key leaves the object where the picture shows it.
 * @param {Readonly<Key>} key
 */
export function atPlace({ x, y, rotation, scale }) {
  return x === 0 && y === 0 && rotation === 0 && scale === 1;
}

/**
 * @param {Message} where
 * @param {number} index from 0
 */
const keyOf = (where, index) => message('keyOf', { where, index: index + 1 });

/**
 * @param {unknown} value
 * @param {Message} where
 */
function checkKey(value, where) {
  const key = mapping(value, KEY_KEYS, where, message('aKey'));
  number(key.t, 0, 1, where, 't');
  number(key.x, -MAX_COORDINATE, MAX_COORDINATE, where, 'x');
  number(key.y, -MAX_COORDINATE, MAX_COORDINATE, where, 'y');
  number(key.rotation, -MAX_ROTATION, MAX_ROTATION, where, 'rotation');
  number(key.scale, MIN_SCALE, MAX_SCALE, where, 'scale');
  choice(key.ease, EASES, where, 'ease');
  Object.freeze(key);
}

/**
 * The middle of an outline's bounding box: the pivot of an object that names none.
 * @param {readonly (readonly XY[])[]} outline that is checked
 * @returns {XY}
 */
export function middle(outline) {
  const corners = outline.flat();
  /** @param {'x' | 'y'} axis */
  const along = (axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (const corner of corners) [low, high] = [Math.min(low, corner[axis]), Math.max(high, corner[axis])];
    return (low + high) / 2;
  };
  return { x: along('x'), y: along('y') };
}

/**
 * The error for a value that is no object at all.
 * @param {Message} where
 * @param {unknown} value
 */
export const notAnObject = (where, value) => wrong(where, message('aMotionObject'), message('anObjectInBraces'), value);
