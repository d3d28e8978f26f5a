/** Whether an object is valid in the format; see ../check.js. */

import {
  IN_CLIP, MOVING, SHARED, checkCount, fraction, isLoop, isPlace, isTrack, isWave, list, number, offset, oneOf, record,
  text, timesRise,
} from '../check.js';
import { TrajectoryError } from '../errors.js';
import {
  EASES, FINISH, FOLLOWED_VERSION, MAX_CORRECTIONS, MAX_DISTANCE, MAX_OUTLINE_POINTS, MAX_PINS, MAX_POINTS, MAX_RINGS,
  MAX_ROTATION, MAX_SCALE, MAX_WORDS, MIN_DISTANCE, MIN_SCALE, OBJECT_AREAS, OUTLINE_EDGES,
} from '../limits.js';

/** @import {Check} from '../check.js' */
/** @import {Key, MotionObject, Ring, XY} from '../types.js' */

const FLAT = 1e-12; // of the outline's extent squared: a ring that spans less is degenerate

const isKey = record({
  t: fraction,
  x: offset,
  y: offset,
  rotation: number(-MAX_ROTATION, MAX_ROTATION),
  scale: number(MIN_SCALE, MAX_SCALE),
  ease: oneOf(EASES),
});
const hasPathFields = record(MOVING);
const hasKeys = record({ keys: list(1, MAX_POINTS, isKey) });
const hasPlaces = list(3, MAX_OUTLINE_POINTS, isPlace);
const hasRings = list(1, MAX_RINGS, (ring) => hasPlaces(ring) && encloses(ring));

/** @type {Check} */
const isPath = (value) => hasPathFields(value) && timesRise(value);

/** @type {Check} */
const isKeyframes = (value) => {
  if (!hasKeys(value)) return false;
  /** @type {readonly Readonly<Key>[]} */
  const keys = value.keys;
  return keys.every(({ t }, k) => k === 0 || t > keys[k - 1].t) && (keys[0].t > 0 || atPlace(keys[0]));
};

/** @type {Check} */
export const isOutline = (value) => hasRings(value) && cornersOf(value) <= MAX_OUTLINE_POINTS;

const isOutlineKey = record({ at: fraction, outline: isOutline });
const hasFollowed = record({ version: oneOf([FOLLOWED_VERSION]), outlines: list(1, MAX_CORRECTIONS, isOutlineKey) });

/** @type {Check} */
const isFollowed = (value) => hasFollowed(value) && value.outlines.every((
  /** @type {{at: number}} */ { at }, /** @type {number} */ k,
) => k === 0 || at > value.outlines[k - 1].at);

const hasPins = list(1, MAX_PINS, isTrack);

/** @type {Check} */
const arePins = (value) => {
  if (!hasPins(value)) return false;
  return new Set(value.map((/** @type {{id: string}} */ { id }) => id)).size === value.length;
};

const hasObjectFields = record({
  ...SHARED,
  outline: isOutline,
  pivot: isPlace,
  motion: (value) => isPath(value) || isKeyframes(value),
  group: text(1),
  edge: oneOf(OUTLINE_EDGES),
  grow: number(...FINISH.grow),
  feather: number(...FINISH.feather),
  shutter: number(...FINISH.shutter),
  ...Object.fromEntries(OBJECT_AREAS.map((key) => [key, isOutline])),
  ...IN_CLIP,
  at: fraction,
  followed: isFollowed,
  distance: number(MIN_DISTANCE, MAX_DISTANCE),
  stiffness: fraction,
  pins: arePins,
  loop: isLoop,
  sway: isWave,
  text: text(1, MAX_WORDS),
}, [
  'group', 'edge', ...Object.keys(FINISH), ...OBJECT_AREAS, ...Object.keys(IN_CLIP), 'at', 'followed', 'distance',
  'stiffness', 'pins', 'loop', 'sway', 'text',
]);

/**
 * All fields are present, except for no group, and for default finish, areas and edit.
 * @type {Check}
 */
export const isObject = (value) => hasObjectFields(value) && value.start < value.end;

/**
 * An object that an operation made, deeply frozen.
 * @param {MotionObject} object
 * @returns {Readonly<MotionObject>}
 * @throws {TrajectoryError} if it is not valid in the format
 */
export function checkedObject(object) {
  checkOutline(object.outline);
  for (const key of OBJECT_AREAS) checkOutline(object[key] ?? []);
  for (const { outline } of object.followed?.outlines ?? []) checkOutline(outline);
  if ('points' in object.motion) checkCount(object.motion.points);
  if (!isObject(object)) throw new TrajectoryError('impossible');
  return object;
}

/** @param {readonly Ring[]} outline that an operation made, or an empty area @throws {TrajectoryError} */
export function checkOutline(outline) {
  const { length } = outline;
  if (length > MAX_RINGS) throw new TrajectoryError('tooManyRings', { most: MAX_RINGS, count: length });
  const [most, count] = [MAX_OUTLINE_POINTS, cornersOf(outline)];
  if (count > most) throw new TrajectoryError('tooManyOutlinePoints', { most, count });
  if (!outline.every(encloses)) throw new TrajectoryError('noArea');
  if (length > 0 && !isOutline(outline)) throw new TrajectoryError('impossible');
}

/** @param {readonly Ring[]} outline */
const cornersOf = (outline) => outline.reduce((sum, ring) => sum + ring.length, 0);

/**
 * Whether the corners are not all collinear. The line is spanned by the first corner and the one furthest from it.
 * @param {Ring} ring
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
 * Whether a key leaves the object at its pose in the picture.
 * @param {Readonly<Key>} key
 */
export function atPlace({ x, y, rotation, scale }) {
  return x === 0 && y === 0 && rotation === 0 && scale === 1;
}

/**
 * The centre of an outline's bounding box: the default pivot.
 * @param {readonly Ring[]} outline already checked
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
