/** Serialisation of objects: defaults, and fields in the format's order. */

import { withoutDefaults } from '../check.js';
import { equal, isRecord } from '../equal.js';
import { FINISH, FOLLOWED_VERSION, OBJECT_AREAS, OUTLINE_EDGES, PALETTE } from '../limits.js';
import { orderedRepeating, withRepeating } from '../repeating.js';
import { filledTrack, orderedPlace, orderedPoint, orderedTrack, withIds } from '../text.js';
import { isOutline, middle } from './check.js';

/** @import {Key, Motion, MotionObject, Ring} from '../types.js' */

/**
 * An object with its defaults; a missing colour is that of the palette at its index. Invalid values are kept.
 * @param {any} object as it was decoded
 * @param {number} index
 */
export function filledObject(object, index) {
  const whole = { ...objectDefaults(index), ...withRepeating(object, 'waves') };
  if ('motion' in whole) whole.motion = withDefaults(whole.motion);
  if (whole.group === '') delete whole.group;
  if (whole.text === '') delete whole.text;
  if (whole.edge === OUTLINE_EDGES[0]) delete whole.edge;
  for (const name of Object.keys(FINISH)) if (whole[name] === 0) delete whole[name];
  for (const key of OBJECT_AREAS) if (Array.isArray(whole[key]) && whole[key].length === 0) delete whole[key];
  if (equal(whole.followed, NO_CORRECTIONS)) delete whole.followed;
  withoutDefaults(whole);
  if (Array.isArray(whole.pins)) whole.pins = withIds(whole.pins.map(filledTrack), whole.pins, 'p');
  if (Array.isArray(whole.pins) && whole.pins.length === 0) delete whole.pins;
  if (!('pivot' in whole) && isOutline(whole.outline)) whole.pivot = middle(whole.outline);
  return whole;
}

/**
 * A motion with its defaults, if it is one.
 * @param {unknown} motion
 */
export function withDefaults(motion) {
  if (!isRecord(motion)) return motion;
  if ('points' in motion) return { ...PATH_DEFAULTS, ...motion };
  if (!('keys' in motion) || !Array.isArray(motion.keys)) return motion;
  const keys = motion.keys.map((key) => (isRecord(key) ? { ...KEY_DEFAULTS, ...key } : key));
  return { ...motion, keys };
}

const NO_CORRECTIONS = Object.freeze({ version: FOLLOWED_VERSION, outlines: [] });
const PATH_DEFAULTS = Object.freeze({ spline: 'pchip', timing: 'points', ease: 'linear' });
const KEY_DEFAULTS = Object.freeze({ x: 0, y: 0, rotation: 0, scale: 1, ease: 'linear' });

/**
 * Defaults of missing fields.
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
 * The number of points, keys and corners of an object, even of an invalid one.
 * @param {unknown} object as it was decoded
 */
export function countObjectPoints(object) {
  if (typeof object !== 'object' || object === null) return 0;
  const value = /** @type {Record<string, any>} */ (object);
  const corrections = value.followed?.outlines;
  const areas = ['outline', ...OBJECT_AREAS].map((key) => value[key]);
  if (Array.isArray(corrections)) areas.push(...corrections.map((each) => each?.outline));
  const rings = areas.flatMap((area) => (Array.isArray(area) ? area : []));
  const motion = 'motion' in object && typeof object.motion === 'object' && object.motion ? object.motion : {};
  const pins = Array.isArray(value.pins) ? value.pins.flatMap((pin) => [pin?.points, pin?.pin]) : [];
  const lists = [...rings, ...Object.values(motion), ...pins];
  return lists.reduce((sum, each) => sum + (Array.isArray(each) ? each.length : 0), 0);
}

/**
 * @param {Readonly<MotionObject>} object
 */
export function orderedObject(object) {
  const { id, name, color, enabled, outline, pivot, motion, start, end, visible, group, edge } = object;
  const { grow, feather, shutter, edit, delay, at, followed, distance, stiffness, pins } = object;
  return withoutDefaults({
    id,
    name,
    color,
    enabled,
    outline: orderedOutline(outline),
    pivot: orderedPlace(pivot),
    motion: orderedMotion(motion),
    start,
    end,
    visible,
    group,
    edge,
    grow,
    feather,
    shutter,
    ...Object.fromEntries(OBJECT_AREAS.map((key) => [key, object[key] && orderedOutline(object[key])])),
    edit,
    delay,
    at,
    followed: followed && {
      version: followed.version,
      outlines: followed.outlines.map((key) => ({ at: key.at, outline: orderedOutline(key.outline) })),
    },
    distance,
    stiffness,
    pins: pins?.map(orderedTrack),
    ...orderedRepeating(object, 'waves'),
    text: object.text,
  });
}

/** @param {readonly Ring[]} outline */
const orderedOutline = (outline) => outline.map((ring) => ring.map(orderedPlace));

/** @param {Motion} motion */
function orderedMotion(motion) {
  if ('keys' in motion) return { keys: motion.keys.map(orderedKey) };
  const { spline, points, timing, ease } = motion;
  return { spline, points: points.map(orderedPoint), timing, ease };
}

/** @param {Readonly<Key>} key */
const orderedKey = ({ t, x, y, rotation, scale, ease }) => ({ t, x, y, rotation, scale, ease });

