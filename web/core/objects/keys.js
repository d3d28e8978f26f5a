/** Operations on the keys of an object's motion. See edit.js for the rules. */

import { MAX_COORDINATE, MAX_ROTATION, MAX_SCALE, MIN_SCALE } from '../limits.js';
import { tidy, within } from '../numbers.js';
import { ownTime } from '../sampling.js';
import { atPlace } from './check.js';
import { mapObjects } from './edit.js';
import { tidied } from './make.js';
import { transformFunction, valuesAt } from './sampling.js';

/** @import {Doc, Key, MotionObject, Size} from '../types.js' */

const STEPS = 24; // of a drawn path that becomes keys
const SAME = 1e-6; // of the object's own time: keys that are nearer are one

/** What a key says besides its time. @typedef {Partial<Omit<Readonly<Key>, 't'>>} KeyValues */

/**
 * Sets what an object does at a fraction of the clip: a key there gets these values, or a new one, which takes the
 * others from the motion as it is. A drawn path becomes keys where its points are reached. At the object's start
 * nothing can be set but the ease, since there it is where the picture shows it.
 * @param {Readonly<Doc>} doc
 * @param {string} id
 * @param {number} fraction of the clip
 * @param {KeyValues} values
 * @param {Size} size of the picture, in which a drawn path is measured
 * @returns {Readonly<Doc>}
 */
export function setKey(doc, id, fraction, values, size) {
  return mapObjects(doc, [id], (object) => {
    const keys = keyed(object, size);
    const s = tidy(ownTime(object, fraction));
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
    return tidied({ ...object, motion: { keys: [...others, key].sort((a, b) => a.t - b.t) } });
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
    const t = tidy(Math.min(Math.max(ownTime(object, fraction), before + SAME), after - SAME));
    if (!(t > before && t < after) || t === motion.keys[index].t) return object;
    return tidied({ ...object, motion: { keys: motion.keys.map((key, k) => (k === index ? { ...key, t } : key)) } });
  });
}

/**
 * Removes keys. The last one of an object leaves it held where it is.
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
    return tidied({ ...object, motion: keys.length > 0 ? { keys } : restingPath(object) });
  });
}

/**
 * An object's motion as keys: of a drawn path at `STEPS` moments, between which it is nearly straight.
 * @param {Readonly<MotionObject>} object
 * @param {Size} size
 * @returns {readonly Readonly<Key>[]}
 */
export function keyed(object, { width, height }) {
  const { motion } = object;
  if ('keys' in motion) return motion.keys;
  if (motion.points.length === 1) return [{ t: 0, x: 0, y: 0, rotation: 0, scale: 1, ease: 'linear' }];
  const transform = transformFunction(object, width, height);
  return Array.from({ length: STEPS + 1 }, (_, k) => {
    const { x0, y0 } = transform(object.start + (k / STEPS) * (object.end - object.start));
    return { t: k / STEPS, x: k ? x0 / width : 0, y: k ? y0 / height : 0, rotation: 0, scale: 1, ease: 'linear' };
  });
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
