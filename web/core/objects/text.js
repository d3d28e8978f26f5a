/** Objects in the text: their defaults, and their fields in the format's order. */

import { TrajectoryError } from '../errors.js';
import { PALETTE } from '../limits.js';
import { message } from '../messages.js';
import { checkOutline, checkedObject, middle, notAnObject } from './check.js';

/** @import {Message} from '../messages.js' */
/** @import {Key, Motion, MotionObject, Point, XY} from '../types.js' */

/**
 * The objects with their defaults, checked. A missing id becomes the first free one of o1, o2, ...; a missing colour is
 * that of the palette at the object's index.
 * @param {readonly unknown[]} given fresh, so they may be frozen
 * @returns {readonly Readonly<MotionObject>[]}
 */
export function filledObjects(given) {
  /** @type {Map<unknown, number>} */
  const taken = new Map();
  given.forEach((object, index) => {
    const where = message('motionObject', { index: index + 1 });
    if (typeof object !== 'object' || object === null || Array.isArray(object)) throw notAnObject(where, object);
    if (!('id' in object)) return;
    const other = taken.get(object.id);
    if (other !== undefined) throw new TrajectoryError('objectIdTaken', { where, other: other + 1 });
    taken.set(object.id, index);
  });
  let free = 0;
  return Object.freeze(given.map((object, index) => {
    const where = message('motionObject', { index: index + 1 });
    const fields = /** @type {Record<string, unknown>} */ (object);
    if ('id' in fields) return filled(fields, index, where);
    free = Math.max(free, index);
    while (taken.has(`o${free + 1}`)) free += 1;
    free += 1;
    return filled({ ...fields, id: `o${free}` }, index, where);
  }));
}

/**
 * @param {Record<string, unknown>} fields
 * @param {number} index
 * @param {Message} where
 */
function filled(fields, index, where) {
  const motion = 'motion' in fields ? withDefaults(fields.motion) : undefined;
  /** @type {Record<string, unknown>} */
  const whole = { ...objectDefaults(index), ...fields, motion };
  if (whole.group === '') delete whole.group;
  if ('pivot' in fields) return checkedObject(whole, where);
  checkOutline(whole.outline, where);
  return checkedObject({ ...whole, pivot: middle(/** @type {XY[][]} */ (whole.outline)) }, where);
}

/**
 * A motion with its defaults, if it is one.
 * @param {unknown} motion
 */
export function withDefaults(motion) {
  if (typeof motion !== 'object' || motion === null || Array.isArray(motion)) return motion;
  if ('points' in motion) return { ...PATH_DEFAULTS, ...motion };
  if (!('keys' in motion) || !Array.isArray(motion.keys)) return motion;
  const keys = motion.keys.map((key) => {
    return typeof key === 'object' && key !== null && !Array.isArray(key) ? { ...KEY_DEFAULTS, ...key } : key;
  });
  return { ...motion, keys };
}

const PATH_DEFAULTS = Object.freeze({ spline: 'pchip', timing: 'points', ease: 'linear' });
const KEY_DEFAULTS = Object.freeze({ x: 0, y: 0, rotation: 0, scale: 1, ease: 'linear' });

/**
 * The values of fields that are not given.
 * @param {number} index of the object
 */
export function objectDefaults(index) {
  return {
    id: '',
    name: '',
    color: PALETTE[index % PALETTE.length],
    enabled: true,
    start: 0,
    end: 1,
    visible: [[0, 1]],
  };
}

/**
 * How many points, keys and corners an object has, whatever else is wrong with it.
 * @param {unknown} object as it was decoded
 */
export function countObjectPoints(object) {
  if (typeof object !== 'object' || object === null) return 0;
  const outline = 'outline' in object && Array.isArray(object.outline) ? object.outline : [];
  const motion = 'motion' in object && typeof object.motion === 'object' && object.motion ? object.motion : {};
  const lists = [...outline, ...Object.values(motion)];
  return lists.reduce((sum, each) => sum + (Array.isArray(each) ? each.length : 0), 0);
}

/**
 * @param {Readonly<MotionObject>} object
 */
export function orderedObject({ id, name, color, enabled, outline, pivot, motion, start, end, visible, group }) {
  return {
    id,
    name,
    color,
    enabled,
    outline: outline.map((ring) => ring.map(orderedPlace)),
    pivot: orderedPlace(pivot),
    motion: orderedMotion(motion),
    start,
    end,
    visible,
    group,
  };
}

/** @param {Motion} motion */
function orderedMotion(motion) {
  if ('keys' in motion) return { keys: motion.keys.map(orderedKey) };
  const { spline, points, timing, ease } = motion;
  return { spline, points: points.map(orderedPoint), timing, ease };
}

/** @param {Readonly<Key>} key */
const orderedKey = ({ t, x, y, rotation, scale, ease }) => ({ t, x, y, rotation, scale, ease });

/** @param {Readonly<Point>} point */
export function orderedPoint(point) {
  return {
    x: point.x,
    y: point.y,
    t: point.t,
    in: point.in && orderedPlace(point.in),
    out: point.out && orderedPlace(point.out),
  };
}

/** @param {XY} place */
const orderedPlace = ({ x, y }) => ({ x, y });
