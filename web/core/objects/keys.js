/** Operations on the keys of an object's motion. See edit.js for the rules. */

import { MAX_COORDINATE, MAX_ROTATION, MAX_SCALE, MIN_SCALE } from '../limits.js';
import { tidy, within } from '../numbers.js';
import { atPlace } from './check.js';
import { mapObjects } from './edit.js';
import { withMotion } from './make.js';
import { AT_PLACE, keyTimeOf, transformFunction, valuesAt } from './sampling.js';

/** @import {Doc, Key, MotionObject, Size, XY} from '../types.js' */

const STEPS = 48; // samples of a drawn path when it is converted to keys
const NEAR = 1; // pixels: tolerance between the path and straight lines from key to key
const STRAIGHT = 1e-4; // tolerance in degrees or scale for lying on a straight line
const SAME = 1e-6; // of the object's own time: closer keys are the same

/** A key's values besides its time. @typedef {Partial<Omit<Readonly<Key>, 't'>>} KeyValues */

/**
 * `withKey` of one object of a drawing.
 * @param {Readonly<Doc>} doc
 * @param {string} id
 * @param {number} fraction of the clip
 * @param {KeyValues} values
 * @param {Size} size of the picture, in which a drawn path is measured
 * @returns {Readonly<Doc>}
 */
export function setKey(doc, id, fraction, values, size) {
  return mapObjects(doc, [id], (object) => withKey(object, fraction, values, size));
}

/**
 * Sets an object's pose at a fraction of the clip: a key there gets these values, or a new key, whose other values come
 * from the current motion. A drawn path becomes keys at the times of its points. At the object's start only the ease
 * can be set, since its pose there is that of the picture.
 * @param {Readonly<MotionObject>} object
 * @param {number} fraction of the clip
 * @param {KeyValues} values
 * @param {Size} size of the picture, in which a drawn path is measured
 * @returns {Readonly<MotionObject>}
 */
export function withKey(object, fraction, values, size) {
  const keys = keyed(object, size);
  const s = tidy(keyTimeOf(object, fraction));
  const now = valuesAt({ keys }, s);
  const old = keys.find(({ t }) => Math.abs(t - s) < SAME);
  /** @type {Readonly<Key>} */
  const key = limited({
    t: old?.t ?? s,
    x: values.x ?? now.x,
    y: values.y ?? now.y,
    rotation: values.rotation ?? now.rotation,
    scale: values.scale ?? now.scale,
    ease: values.ease ?? old?.ease ?? 'linear',
  });
  if (key.t === 0 && !atPlace(key)) return object;
  const others = keys.filter((other) => other !== old);
  let all = [...others, key].sort((a, b) => a.t - b.t);
  for (const name of /** @type {const} */ (['rotation', 'scale'])) {
    if (values[name] !== undefined) all = led(all, all.indexOf(key), name, now[name]);
  }
  return withMotion(object, { keys: all });
}

/**
 * Updates the keys around one whose rotation or scale has changed: keys that lay on a straight line to it before,
 * because nobody set them explicitly, do so afterwards.
 * @param {readonly Readonly<Key>[]} keys
 * @param {number} at index of the key that has changed
 * @param {'rotation' | 'scale'} name
 * @param {number} before its value before
 * @returns {Readonly<Key>[]}
 */
function led(keys, at, name, before) {
  const start = keys[0].t === 0 ? keys : [/** @type {Readonly<Key>} */ ({ ...AT_PLACE }), ...keys];
  const shift = start.length - keys.length;
  const middle = at + shift;
  const valueOf = (/** @type {number} */ k) => (k === middle ? before : start[k][name]);
  /** The other end of the straight line on one side. @param {-1 | 1} side */
  const end = (side) => {
    let far = middle;
    while (start[far + side] && isStraight(start, middle, far + side, valueOf)) far += side;
    return far;
  };
  const [first, last] = [end(-1), end(1)];
  const value = start[middle][name];
  const level = last === start.length - 1 && Math.abs(valueOf(last) - before) < STRAIGHT; // held to the end
  return start.map((key, k) => {
    if (k === middle || k <= first || k > last || (k === last && !level)) return key;
    if (k > middle && level) return { ...key, [name]: value };
    const [from, to] = k < middle ? [first, middle] : [middle, last];
    const [a, b] = [start[from], start[to]];
    return { ...key, [name]: a[name] + ((key.t - a.t) / (b.t - a.t)) * (b[name] - a[name]) };
  }).slice(shift);
}

/**
 * Whether the values of all keys between two lie on the straight line between them.
 * @param {readonly Readonly<Key>[]} keys
 * @param {number} from
 * @param {number} to
 * @param {(index: number) => number} valueOf
 */
function isStraight(keys, from, to, valueOf) {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const slope = (valueOf(high) - valueOf(low)) / (keys[high].t - keys[low].t);
  return keys.every(({ t }, k) => {
    return k <= low || k >= high || Math.abs(valueOf(low) + slope * (t - keys[low].t) - valueOf(k)) < STRAIGHT;
  });
}

/**
 * Moves objects along the same path, each from its own position.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {readonly XY[]} path displacements in fractions of the picture, at constant speed
 * @param {'linear' | 'pchip'} spline
 * @returns {Readonly<Doc>}
 */
export function setPath(doc, ids, path, spline) {
  return mapObjects(doc, ids, (object) => {
    const points = path.map(({ x, y }) => ({ x: object.pivot.x + x, y: object.pivot.y + y }));
    return withMotion(object, { points, spline, timing: 'arc_length' });
  });
}

/**
 * Moves a key in time: it stays between its neighbours.
 * @param {Readonly<Doc>} doc
 * @param {string} id
 * @param {number} index of the key
 * @param {number} fraction of the clip
 * @returns {Readonly<Doc>}
 */
export function moveKey(doc, id, index, fraction) {
  return mapObjects(doc, [id], (object) => {
    const { motion } = object;
    if (!('keys' in motion) || !motion.keys[index] || motion.keys[index].t === 0) return object;
    const before = index > 0 ? motion.keys[index - 1].t : 0;
    const after = index + 1 < motion.keys.length ? motion.keys[index + 1].t : 1 + SAME;
    const t = tidy(Math.min(Math.max(keyTimeOf(object, fraction), before + SAME), after - SAME));
    if (!(t > before && t < after) || t === motion.keys[index].t) return object;
    return withMotion(object, { keys: motion.keys.map((key, k) => (k === index ? { ...key, t } : key)) });
  });
}

/**
 * Removes keys. Without its last key, an object stays in place.
 * @param {Readonly<Doc>} doc
 * @param {string} id
 * @param {readonly number[]} indices
 * @returns {Readonly<Doc>}
 */
export function removeKeys(doc, id, indices) {
  return mapObjects(doc, [id], (object) => {
    const { motion } = object;
    if (!('keys' in motion)) return object;
    const keys = motion.keys.filter((_, k) => !indices.includes(k));
    if (keys.length === motion.keys.length) return object;
    return withMotion(object, keys.length > 0 ? { keys } : restingPath(object));
  });
}

/**
 * An object's motion as keys; a drawn path becomes as few as stay within a pixel of it.
 * @param {Readonly<MotionObject>} object
 * @param {Size} size
 * @returns {readonly Readonly<Key>[]}
 */
function keyed(object, { width, height }) {
  const { motion } = object;
  if ('keys' in motion) return motion.keys;
  if (motion.points.length === 1) return [AT_PLACE];
  const transform = transformFunction({ ...object, loop: undefined }, width, height); // of one way
  const path = Array.from({ length: STEPS + 1 }, (_, k) => {
    const { x0, y0 } = transform(object.start + (k / STEPS) * (object.end - object.start));
    return k ? { x: x0, y: y0 } : { x: 0, y: 0 };
  });
  return bends(path, 0, STEPS).map((k) => {
    return { ...AT_PLACE, t: k / STEPS, x: path[k].x / width, y: path[k].y / height };
  });
}

/**
 * The times of a path between which it may be replaced by straight lines (Douglas-Peucker, with distances at equal
 * times).
 * @param {readonly XY[]} path
 * @param {number} from
 * @param {number} to
 * @returns {number[]}
 */
function bends(path, from, to) {
  let [worst, far] = [NEAR, -1];
  for (let k = from + 1; k < to; k += 1) {
    const part = (k - from) / (to - from);
    const x = path[from].x + part * (path[to].x - path[from].x);
    const y = path[from].y + part * (path[to].y - path[from].y);
    const away = Math.hypot(path[k].x - x, path[k].y - y);
    if (away > worst) [worst, far] = [away, k];
  }
  return far < 0 ? [from, to] : [...bends(path, from, far), ...bends(path, far, to).slice(1)];
}

/**
 * Removes the motion of objects: they stay where the picture shows them.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @returns {Readonly<Doc>}
 */
export function removeMotion(doc, ids) {
  return mapObjects(doc, ids, (object) => withMotion(object, restingPath(object)));
}

/**
 * The index of the key at a fraction of the clip, or -1.
 * @param {Readonly<MotionObject>} object
 * @param {number} fraction
 */
export function keyAt(object, fraction) {
  const s = tidy(keyTimeOf(object, fraction));
  return 'keys' in object.motion ? object.motion.keys.findIndex(({ t }) => Math.abs(t - s) < SAME) : -1;
}

/** @param {Readonly<MotionObject>} object */
const restingPath = ({ pivot }) => ({ points: [pivot] });

/** @param {Readonly<Key>} key @returns {Readonly<Key>} */
function limited(key) {
  return {
    ...key,
    x: within(key.x, -MAX_COORDINATE, MAX_COORDINATE),
    y: within(key.y, -MAX_COORDINATE, MAX_COORDINATE),
    rotation: within(key.rotation, -MAX_ROTATION, MAX_ROTATION),
    scale: within(key.scale, MIN_SCALE, MAX_SCALE),
  };
}
