/**
 * Whether a value is valid in the format: the same verdict as Python's, but without messages. To explain why a text is
 * refused, the server parses it with Python.
 */

import { isRecord } from './equal.js';
import { TrajectoryError } from './errors.js';
import { firstNotRising } from './sampling.js';
import {
  BENDS, EASES, EDITS, KINDS, LOOPS, MAX_COORDINATE, MAX_CYCLES, MAX_INTERVALS, MAX_NAME, MAX_PIN_KEYS, MAX_POINTS,
  MAX_ROTATION, MAX_SCALE, MAX_SIDE, MAX_SWAY, MAX_WAVES, MIN_SCALE, OVERS, SPLINES, TIMINGS,
} from './limits.js';
import { coordinate } from './numbers.js';

/** @import {PinKey, Point, Size, Track, XY} from './types.js' */

/**
 * Says whether a value is valid. Valid lists and objects become frozen.
 * @callback Check
 * @param {any} value
 * @returns {boolean}
 */

/** @param {number} low @param {number} high @returns {Check} */
export const number = (low, high) => (value) => typeof value === 'number' && low <= value && value <= high; // no NaN

/** @param {readonly unknown[]} options @returns {Check} */
export const oneOf = (options) => (value) => options.includes(value);

/** @param {number} fewest characters @param {number} [most] @returns {Check} */
export const text = (fewest, most = MAX_NAME) => (value) => {
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) return false;
  const length = value.length <= most ? value.length : [...value.slice(0, 2 * most + 1)].length;
  return length >= fewest && length <= most;
};

/** @param {number} fewest @param {number} most @param {Check} item @returns {Check} */
export const list = (fewest, most, item) => (value) => {
  return Array.isArray(value) && value.length >= fewest && value.length <= most && value.every(item) && frozen(value);
};

/**
 * An object with these fields and no others.
 * @param {Readonly<Record<string, Check>>} fields
 * @param {readonly string[]} [optional] fields that may be missing
 * @returns {Check}
 */
export const record = (fields, optional = []) => {
  const required = Object.keys(fields).filter((key) => !optional.includes(key));
  return (value) => {
    if (!isRecord(value)) return false;
    const known = Object.keys(value).every((key) => Object.hasOwn(fields, key) && fields[key](value[key]));
    return known && required.every((key) => Object.hasOwn(value, key)) && frozen(value);
  };
};

/** @param {object} value */
const frozen = (value) => Object.isFrozen(Object.freeze(value));

export const fraction = number(0, 1);
export const offset = number(-MAX_COORDINATE, MAX_COORDINATE);
export const isPlace = record({ x: offset, y: offset });

const isPoint = record({ x: offset, y: offset, t: fraction, in: isPlace, out: isPlace }, ['t', 'in', 'out']);
const pair = list(2, 2, fraction);
/** @type {Check} */
const isInterval = (value) => pair(value) && value[0] <= value[1];
const side = number(1, MAX_SIDE);

/** The fields that tracks and objects share. */
export const SHARED = Object.freeze({
  id: text(1),
  name: text(0),
  color: /** @type {Check} */ ((value) => typeof value === 'string' && /^#[0-9a-fA-F]{6}$/.test(value)),
  enabled: oneOf([true, false]),
  start: fraction,
  end: fraction,
  visible: list(0, MAX_INTERVALS, isInterval),
});

/** What a track or an object is to a thing in a clip; each may be missing. */
export const IN_CLIP = Object.freeze({ edit: oneOf(EDITS), delay: number(-1, 1) });

const isCycles = number(1, MAX_CYCLES);

/** How the motion of a track or an object repeats; may be missing. @type {Check} */
export const isLoop = record({
  mode: oneOf(LOOPS.slice(1)), times: (value) => isCycles(value) && Number.isInteger(value),
});

const SWAYING = { amount: number(0, MAX_SWAY), times: number(0, MAX_CYCLES), phase: fraction };
const isSway = record({ ...SWAYING, direction: number(-360, 360) });

/** How an object sways; may be missing. */
export const isWave = record({ ...SWAYING, waves: number(0, MAX_WAVES) });

const hasPinKeys = list(1, MAX_PIN_KEYS, record({
  at: fraction, turn: number(-MAX_ROTATION, MAX_ROTATION), scale: number(MIN_SCALE, MAX_SCALE),
}));

/** @type {Check} */
const isPin = (value) => hasPinKeys(value) && value.every((
  /** @type {PinKey} */ { at }, /** @type {number} */ k,
) => k === 0 || at > value[k - 1].at);

/** How a track bends what it lies on; each may be missing. */
const BENDING = Object.freeze({
  bend: oneOf(BENDS.slice(1)),
  stays: fraction,
  pin: isPin,
  over: oneOf(OVERS.slice(1)),
  stiffness: fraction,
});

/** The default of `stays` and `stiffness`. */
export const HALF = 0.5;

/**
 * Leaves out of a fresh track or object what has its default.
 * @template {{edit?: string, delay?: number, at?: number, stays?: number, stiffness?: number, pin?: unknown}} T
 * @param {T} item
 * @returns {T}
 */
export function withoutDefaults(item) {
  if (item.stays === HALF) delete item.stays;
  if (item.stiffness === HALF) delete item.stiffness;
  if (Array.isArray(item.pin) && item.pin.length === 0) delete item.pin;
  if (item.edit === EDITS[0]) delete item.edit;
  if (item.delay === 0) delete item.delay;
  if (item.at === 0) delete item.at;
  return item;
}

/** How a track and the drawn path of an object move. */
export const MOVING = Object.freeze({
  spline: oneOf(SPLINES),
  points: list(1, MAX_POINTS, isPoint),
  timing: oneOf(TIMINGS),
  ease: oneOf(EASES),
});

const OPTIONAL = { ...IN_CLIP, loop: isLoop, sway: isSway, ...BENDING };
const hasTrackFields = record({ ...SHARED, ...MOVING, kind: oneOf(KINDS), ...OPTIONAL }, Object.keys(OPTIONAL));
const hasSides = record({ width: side, height: side });

/** All fields are present. @type {Check} */
export const isTrack = (value) =>
  hasTrackFields(value) && value.start < value.end && (value.kind !== 'anchor' || value.points.length === 1)
  && timesRise(value);

/** @type {Check} */
export const isCanvas = (value) => hasSides(value) && Number.isInteger(value.width) && Number.isInteger(value.height);

/** Whether the points' times rise, if they matter. @param {Pick<Track, 'timing' | 'points'>} moving */
export const timesRise = ({ timing, points }) => timing !== 'keys' || firstNotRising(points) < 0;

/**
 * A track that an operation made, deeply frozen.
 * @param {Track} track
 * @returns {Readonly<Track>}
 * @throws {TrajectoryError} if it is not valid in the format
 */
export function checkedTrack(track) {
  checkCount(track.points);
  if (!isTrack(track)) throw new TrajectoryError('impossible');
  return track;
}

/**
 * Changes of some fields.
 * @template {object} T
 * @param {T} changes
 * @param {readonly string[]} names of the fields that may change
 * @returns {T}
 * @throws {TrajectoryError} if they are of other fields
 */
export function checkedChanges(changes, names) {
  if (Object.keys(changes).some((key) => !names.includes(key))) throw new TrajectoryError('impossible');
  return changes;
}

/** @param {readonly unknown[]} points of one track or path @throws {TrajectoryError} if there are too many */
export function checkCount(points) {
  if (points.length > MAX_POINTS) throw new TrajectoryError('tooManyPointsInOne', { most: MAX_POINTS });
}

/**
 * @param {Size} size in pixels
 * @returns {Readonly<Size>}
 * @throws {TrajectoryError}
 */
export function checkedCanvas({ width, height }) {
  const canvas = { width, height };
  if (!isCanvas(canvas)) throw new TrajectoryError('impossible');
  return canvas;
}

/**
 * A point with its keys in order, checked coordinates, and no undefined values.
 * @param {Readonly<Point>} point
 * @returns {Readonly<Point>}
 */
export function makePoint(point) {
  /** @type {{x: number, y: number, t?: number, in?: XY, out?: XY}} */
  const made = { x: coordinate(point.x), y: coordinate(point.y) };
  if (point.t !== undefined) made.t = point.t;
  if (point.in !== undefined) made.in = Object.freeze({ x: coordinate(point.in.x), y: coordinate(point.in.y) });
  if (point.out !== undefined) made.out = Object.freeze({ x: coordinate(point.out.x), y: coordinate(point.out.y) });
  return Object.freeze(made);
}
