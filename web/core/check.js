/**
 * Checks of a track, the same as Python makes, in words for a person: where, what should be there, what is there.
 */

import {
  DECIMALS,
  EASES,
  KINDS,
  MAX_COORDINATE,
  MAX_INTERVALS,
  MAX_NAME,
  MAX_POINTS,
  SPLINES,
  TIMINGS,
} from './limits.js';
import { firstNotRising } from './key_times.js';

/** @import {Point, Track, XY} from './types.js' */

const TRACK_KEYS = Object.freeze([
  'id',
  'name',
  'color',
  'enabled',
  'kind',
  'spline',
  'points',
  'timing',
  'start',
  'end',
  'ease',
  'visible',
]);
const POINT_KEYS = Object.freeze(['x', 'y', 't', 'in', 'out']);
const OFFSET_KEYS = Object.freeze(['x', 'y']);
const SHOWN = 40; // characters of a found value that a message quotes
const SCALE = 10 ** DECIMALS;

/** A trajectories value or a change that is refused; `message` is for the person who edits. */
export class TrajectoryError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'TrajectoryError';
  }
}

/**
 * A number as it is kept: DECIMALS decimals, no minus zero.
 * @param {number} value
 */
export function tidy(value) {
  return Math.round(value * SCALE) / SCALE + 0;
}

/**
 * A coordinate that an operation computed: tidy, and kept within the format's range.
 * @param {number} value
 * @throws {TrajectoryError} if it is not finite
 */
export function coordinate(value) {
  return tidy(within(value, -MAX_COORDINATE, MAX_COORDINATE));
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @throws {TrajectoryError} if it is not finite
 */
export function within(value, low, high) {
  if (!Number.isFinite(value)) throw new TrajectoryError(`A number was expected, but it is ${describe(value)}.`);
  return Math.min(Math.max(value, low), high);
}

/**
 * A point with its keys in order, its coordinates checked, and no key that holds undefined.
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

/**
 * The track itself, frozen through and through, if all of it is as the format has it.
 * @param {unknown} value every field is there
 * @param {string} where for the message
 * @returns {Readonly<Track>}
 * @throws {TrajectoryError}
 */
export function checkedTrack(value, where) {
  const track = mapping(value, TRACK_KEYS, where, 'a track');
  text(track.id, 1, where, 'id');
  text(track.name, 0, where, 'name');
  if (typeof track.color !== 'string' || !/^#[0-9a-fA-F]{6}$/.test(track.color)) {
    throw wrong(where, 'color', 'a colour such as "#1f77b4"', track.color);
  }
  if (typeof track.enabled !== 'boolean') throw wrong(where, 'enabled', 'true or false', track.enabled);
  const kind = choice(track.kind, KINDS, where, 'kind');
  choice(track.spline, SPLINES, where, 'spline');
  const timing = choice(track.timing, TIMINGS, where, 'timing');
  choice(track.ease, EASES, where, 'ease');
  const start = number(track.start, 0, 1, where, 'start');
  const end = number(track.end, 0, 1, where, 'end');
  if (start >= end) {
    throw new TrajectoryError(`${where}: start should be earlier than end, but start is ${start} and end is ${end}.`);
  }
  checkPoints(track.points, where);
  checkVisible(track.visible, where);
  const checked = /** @type {Readonly<Track>} */ (Object.freeze(value));
  if (kind === 'anchor' && checked.points.length !== 1) {
    throw new TrajectoryError(`${where}: an anchor should have exactly 1 point, but it has ${checked.points.length}.`);
  }
  const falling = timing === 'keys' ? firstNotRising(checked.points) : -1;
  if (falling > 0) {
    throw new TrajectoryError(`${where}, point ${falling + 1}: t should be later than the t of the point before it.`);
  }
  return checked;
}

/**
 * @param {unknown} value
 * @param {string} where
 */
function checkPoints(value, where) {
  const points = list(value, MAX_POINTS, where, 'points');
  if (points.length === 0) throw new TrajectoryError(`${where}: it has no points.`);
  points.forEach((point, k) => checkPoint(point, `${where}, point ${k + 1}`));
  Object.freeze(points);
}

/**
 * @param {unknown} value
 * @param {string} where
 */
function checkPoint(value, where) {
  const point = mapping(value, POINT_KEYS, where, 'a point');
  number(point.x, -MAX_COORDINATE, MAX_COORDINATE, where, 'x');
  number(point.y, -MAX_COORDINATE, MAX_COORDINATE, where, 'y');
  if ('t' in point) number(point.t, 0, 1, where, 't');
  for (const side of ['in', 'out']) {
    if (!(side in point)) continue;
    const offset = mapping(point[side], OFFSET_KEYS, where, side);
    number(offset.x, -MAX_COORDINATE, MAX_COORDINATE, where, `x of ${side}`);
    number(offset.y, -MAX_COORDINATE, MAX_COORDINATE, where, `y of ${side}`);
    Object.freeze(offset);
  }
  Object.freeze(point);
}

/**
 * @param {unknown} value
 * @param {string} where
 */
function checkVisible(value, where) {
  const intervals = list(value, MAX_INTERVALS, where, 'visible');
  intervals.forEach((interval, k) => {
    const what = `visible interval ${k + 1}`;
    if (!Array.isArray(interval) || interval.length !== 2) throw wrong(where, what, 'a pair [from, to]', interval);
    const [from, to] = interval.map((bound) => number(bound, 0, 1, where, what));
    if (from > to) {
      throw new TrajectoryError(`${where}: ${what} should not end before it begins, but it is [${from}, ${to}].`);
    }
    Object.freeze(interval);
  });
  Object.freeze(intervals);
}

/**
 * The error for a value that is not what it should be.
 * @param {string} where
 * @param {string} what
 * @param {string} expected
 * @param {unknown} found
 */
export function wrong(where, what, expected, found) {
  return new TrajectoryError(`${where}: ${what} should be ${expected}, but it is ${describe(found)}.`);
}

/**
 * @param {unknown} value
 * @param {readonly string[]} keys that it may have
 * @param {string} where
 * @param {string} what
 * @returns {Record<string, unknown>}
 */
export function mapping(value, keys, where, what) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(where, what, 'an object in braces { }', value);
  }
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new TrajectoryError(`${where}: the key "${shorten(unknown)}" is not known here.`);
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * @param {unknown} value
 * @param {number} most
 * @param {string} where
 * @param {string} what
 * @returns {unknown[]}
 */
export function list(value, most, where, what) {
  if (!Array.isArray(value)) throw wrong(where, what, 'a list in brackets [ ]', value);
  if (value.length > most) {
    throw new TrajectoryError(`${where}: ${what} should have at most ${most} items, but it has ${value.length}.`);
  }
  return value;
}

/**
 * @param {unknown} value
 * @param {number} low
 * @param {number} high
 * @param {string} where
 * @param {string} what
 * @returns {number}
 */
function number(value, low, high, where, what) {
  if (typeof value === 'number' && low <= value && value <= high) return value; // NaN fails both comparisons
  throw wrong(where, what, `a number from ${low} to ${high}`, value);
}

/**
 * @param {unknown} value
 * @param {number} fewest
 * @param {string} where
 * @param {string} what
 */
function text(value, fewest, where, what) {
  if (typeof value !== 'string') throw wrong(where, what, 'a text', value);
  const length = value.length <= MAX_NAME ? value.length : [...value.slice(0, 2 * MAX_NAME + 1)].length;
  if (length < fewest || length > MAX_NAME) {
    throw new TrajectoryError(`${where}: ${what} should have ${fewest} to ${MAX_NAME} characters.`);
  }
  if (/\p{Surrogate}/u.test(value)) {
    throw new TrajectoryError(`${where}: ${what} holds half of a character (a lone surrogate).`);
  }
}

/**
 * @param {unknown} value
 * @param {readonly string[]} options
 * @param {string} where
 * @param {string} what
 */
function choice(value, options, where, what) {
  if (typeof value === 'string' && options.includes(value)) return value;
  throw wrong(where, what, `one of ${options.join(', ')}`, value);
}

/**
 * `value` in a few plain words, whatever its size.
 * @param {unknown} value
 */
export function describe(value) {
  if (value === undefined || value === null) return 'missing';
  if (typeof value === 'string') return value === '' ? 'an empty text' : `the text "${shorten(value)}"`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  return shorten(String(value));
}

/**
 * At most 40 characters, on one line.
 * @param {string} value
 */
export function shorten(value) {
  const line = value.slice(0, SHOWN).replace(/\s+/g, ' ');
  return value.length <= SHOWN ? line : `${line}…`;
}
