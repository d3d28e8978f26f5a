/** New object values: rounded, as operations set their numbers, or transformed. */

import { changedPin, tidyTrack } from '../bending.js';
import { makePoint, withoutDefaults } from '../check.js';
import { FINISH, OBJECT_AREAS, OUTLINE_EDGES } from '../limits.js';
import { coordinate, tidy, within } from '../numbers.js';
import { mirroredSway, stretchedSway, tidyRepeating } from '../repeating.js';
import { withDefaults } from './text.js';

/** @import {DrawnPath, Followed, Keyframes, Motion, MotionObject, Point, Ring, XY} from '../types.js' */

const FINISHES = /** @type {(keyof typeof FINISH)[]} */ (Object.keys(FINISH));

/**
 * A fresh copy with rounded numbers, as operations set them.
 * @param {Readonly<Record<string, unknown>> & {outline: readonly Ring[], pivot: XY, motion: unknown}} object
 * @returns {Readonly<MotionObject>}
 */
export function tidied(object) {
  const copy = /** @type {MotionObject} */ (/** @type {unknown} */ ({ ...object }));
  if (!copy.group) delete copy.group;
  if (!copy.text) delete copy.text;
  if (!copy.edge || copy.edge === OUTLINE_EDGES[0]) delete copy.edge;
  for (const name of FINISHES) {
    const value = tidy(copy[name] ?? 0);
    if (value === 0) delete copy[name];
    else copy[name] = value;
  }
  if (copy.delay !== undefined) copy.delay = tidy(copy.delay);
  if (copy.distance === 0) delete copy.distance; // where it stands
  if (copy.at !== undefined) copy.at = tidy(copy.at);
  if (copy.stiffness !== undefined) copy.stiffness = tidy(copy.stiffness);
  withoutDefaults(copy);
  tidyRepeating(copy);
  if (copy.pins?.length) {
    copy.pins = copy.pins.map((pin) => tidyTrack({ ...pin, points: pin.points.map(makePoint) }));
  } else delete copy.pins;
  const areas = areasOf(copy, tidyRing);
  for (const key of OBJECT_AREAS) if (!areas[key]) delete copy[key];
  if (!copy.followed?.outlines.length) delete copy.followed;
  return {
    ...copy,
    outline: copy.outline.map(tidyRing),
    ...areas,
    ...followedOf(copy, tidyRing),
    pivot: tidyPlace(copy.pivot),
    motion: tidyMotion(/** @type {Motion} */ (withDefaults(copy.motion))),
    start: tidy(copy.start),
    end: tidy(copy.end),
    visible: copy.visible.map(([from, to]) => /** @type {const} */ ([tidy(from), tidy(to)])),
  };
}

/**
 * An object with another motion, in another time. All else stays, and is the same values: the shape is known by them
 * while a hand moves it.
 * @param {Readonly<MotionObject>} object
 * @param {Keyframes | (Partial<DrawnPath> & Pick<DrawnPath, 'points'>)} motion
 * @param {{start: number, end: number}} [span]
 * @returns {Readonly<MotionObject>}
 */
export function withMotion(object, motion, { start, end } = object) {
  const made = tidyMotion(/** @type {Motion} */ (withDefaults(motion)));
  return { ...object, motion: made, start: tidy(start), end: tidy(end) };
}

/**
 * The areas of an object besides its outline, with every ring mapped, without empty ones.
 * @param {Readonly<MotionObject>} object
 * @param {(ring: Ring) => Ring} map
 * @returns {Partial<Record<typeof OBJECT_AREAS[number], Ring[]>>}
 */
function areasOf(object, map) {
  const filled = OBJECT_AREAS.filter((key) => object[key]?.length);
  return Object.fromEntries(filled.map((key) => [key, (object[key] ?? []).map(map)]));
}

/**
 * The corrected outlines of an object, with every ring mapped; nothing without any.
 * @param {Readonly<MotionObject>} object
 * @param {(ring: Ring) => Ring} map
 * @returns {{followed?: Followed}}
 */
function followedOf({ followed }, map) {
  if (!followed) return {};
  const outlines = followed.outlines.map(({ at, outline }) => ({ at: tidy(at), outline: outline.map(map) }));
  return { followed: { ...followed, outlines } };
}

/** @param {Motion} motion @returns {Motion} */
function tidyMotion(motion) {
  if ('points' in motion) return { ...motion, points: motion.points.map(makePoint) };
  return {
    ...motion,
    keys: motion.keys.map((key) => ({
      ...key,
      t: tidy(key.t),
      x: coordinate(key.x),
      y: coordinate(key.y),
      rotation: tidy(key.rotation),
      scale: tidy(key.scale),
    })),
  };
}

/** @param {Ring} ring */
export const tidyRing = (ring) => ring.map(tidyPlace);

/** @param {XY} place */
const tidyPlace = ({ x, y }) => ({ x: coordinate(x), y: coordinate(y) });

/**
 * An object with every point p mapped to by * p + shift, including its motion. Rotations stay the same, or are negated
 * if left and right are swapped. Finish lengths belong to the shape and scale with the outline, up to their limits, so
 * that they keep their size in picture pixels when the clip changes.
 * @param {Readonly<MotionObject>} object
 * @param {XY} by
 * @param {XY} shift
 * @returns {Readonly<MotionObject>}
 */
export function mapped(object, by, shift) {
  /** @param {XY} place */
  const place = ({ x, y }) => ({ x: by.x * x + shift.x, y: by.y * y + shift.y });
  /** @param {XY | undefined} offset */
  const turned = (offset) => offset && { x: by.x * offset.x, y: by.y * offset.y };
  /** @param {Readonly<Point>} p @returns {Readonly<Point>} */
  const point = (p) => makePoint({ ...p, ...place(p), in: turned(p.in), out: turned(p.out) });
  const sense = Math.sign(by.x * by.y) || 1;
  const larger = Math.sqrt(Math.abs(by.x * by.y));
  /** @param {'grow' | 'feather'} name */
  const length = (name) => within(larger * (object[name] ?? 0), ...FINISH[name]);
  const { motion, pins } = object;
  return tidied({
    ...object,
    pins: pins?.map((pin) => ({
      ...pin, ...changedPin(pin, { mirrored: sense < 0 }), ...stretchedSway(pin, by), points: pin.points.map(point),
    })),
    ...(sense < 0 && mirroredSway(object)),
    grow: length('grow'),
    feather: length('feather'),
    outline: object.outline.map((ring) => ring.map(place)),
    ...areasOf(object, (ring) => ring.map(place)),
    ...followedOf(object, (ring) => ring.map(place)),
    pivot: place(object.pivot),
    motion:
      'points' in motion
        ? { ...motion, points: motion.points.map(point) }
        : {
            keys: motion.keys.map((key) => ({
              ...key, x: by.x * key.x, y: by.y * key.y, rotation: sense * key.rotation,
            })),
          },
  });
}
