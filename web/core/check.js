/**
 * Checks of a track, and of the fields that objects have, too; the same as Python makes. A message says where, what is
 * expected, and what was found.
 */

import { TrajectoryError } from './errors.js';
import { firstNotRising } from './key_times.js';
import { EASES, KINDS, MAX_COORDINATE, MAX_INTERVALS, MAX_NAME, MAX_POINTS, SPLINES, TIMINGS } from './limits.js';
import { describe, message, shorten } from './messages.js';
import { coordinate } from './numbers.js';

/** @import {Message, MessageValue} from './messages.js' */
/** @import {Point, Track, XY} from './types.js' */

const TRACK_KEYS = Object.freeze([
  'id', 'name', 'color', 'enabled', 'kind', 'spline', 'points', 'timing', 'start', 'end', 'ease', 'visible',
]);
const POINT_KEYS = Object.freeze(['x', 'y', 't', 'in', 'out']);
const OFFSET_KEYS = Object.freeze(['x', 'y']);

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
 * The track itself, deeply frozen, if all of it is as the format requires.
 * @param {unknown} value every field is there
 * @param {Message} where for the message
 * @returns {Readonly<Track>}
 * @throws {TrajectoryError}
 */
export function checkedTrack(value, where) {
  const track = mapping(value, TRACK_KEYS, where, message('aTrack'));
  checkNames(track, where);
  const kind = choice(track.kind, KINDS, where, 'kind');
  choice(track.spline, SPLINES, where, 'spline');
  const timing = choice(track.timing, TIMINGS, where, 'timing');
  choice(track.ease, EASES, where, 'ease');
  checkTimes(track, where);
  checkPoints(track.points, where);
  const checked = /** @type {Readonly<Track>} */ (Object.freeze(value));
  if (kind === 'anchor' && checked.points.length !== 1) {
    throw new TrajectoryError('anchorPoints', { where, count: checked.points.length });
  }
  const falling = timing === 'keys' ? firstNotRising(checked.points) : -1;
  if (falling > 0) throw new TrajectoryError('timeNotLater', { where: pointOf(where, falling) });
  return checked;
}

/**
 * What tracks and objects are called and shown by.
 * @param {Record<string, unknown>} fields
 * @param {Message} where
 */
export function checkNames({ id, name, color, enabled }, where) {
  text(id, 1, where, 'id');
  text(name, 0, where, 'name');
  if (typeof color !== 'string' || !/^#[0-9a-fA-F]{6}$/.test(color)) {
    throw wrong(where, 'color', message('aColor'), color);
  }
  if (typeof enabled !== 'boolean') throw wrong(where, 'enabled', message('trueOrFalse'), enabled);
}

/**
 * When tracks and objects move and are visible.
 * @param {Record<string, unknown>} fields
 * @param {Message} where
 */
export function checkTimes(fields, where) {
  const start = number(fields.start, 0, 1, where, 'start');
  const end = number(fields.end, 0, 1, where, 'end');
  if (start >= end) throw new TrajectoryError('startNotBeforeEnd', { where, start, end });
  checkVisible(fields.visible, where);
}

/**
 * A place: an object with x and y, frozen.
 * @param {unknown} value
 * @param {Message} where
 * @param {MessageValue} what
 */
export function checkPlace(value, where, what) {
  const place = mapping(value, OFFSET_KEYS, where, what);
  number(place.x, -MAX_COORDINATE, MAX_COORDINATE, where, 'x');
  number(place.y, -MAX_COORDINATE, MAX_COORDINATE, where, 'y');
  Object.freeze(place);
}

/**
 * Control points, at least one, frozen.
 * @param {unknown} value
 * @param {Message} where
 */
export function checkPoints(value, where) {
  const points = list(value, MAX_POINTS, where, 'points');
  if (points.length === 0) throw new TrajectoryError('noPoints', { where });
  points.forEach((point, k) => checkPoint(point, pointOf(where, k)));
  Object.freeze(points);
}

/**
 * @param {Message} where
 * @param {number} index from 0
 */
export const pointOf = (where, index) => message('pointOf', { where, index: index + 1 });

/**
 * @param {unknown} value
 * @param {Message} where
 */
function checkPoint(value, where) {
  const point = mapping(value, POINT_KEYS, where, message('aPoint'));
  number(point.x, -MAX_COORDINATE, MAX_COORDINATE, where, 'x');
  number(point.y, -MAX_COORDINATE, MAX_COORDINATE, where, 'y');
  if ('t' in point) number(point.t, 0, 1, where, 't');
  for (const side of ['in', 'out']) {
    if (!(side in point)) continue;
    const offset = mapping(point[side], OFFSET_KEYS, where, side);
    number(offset.x, -MAX_COORDINATE, MAX_COORDINATE, where, message('coordinateOf', { axis: 'x', field: side }));
    number(offset.y, -MAX_COORDINATE, MAX_COORDINATE, where, message('coordinateOf', { axis: 'y', field: side }));
    Object.freeze(offset);
  }
  Object.freeze(point);
}

/**
 * @param {unknown} value
 * @param {Message} where
 */
function checkVisible(value, where) {
  const intervals = list(value, MAX_INTERVALS, where, 'visible');
  intervals.forEach((interval, k) => {
    const what = message('visibleInterval', { index: k + 1 });
    if (!Array.isArray(interval) || interval.length !== 2) throw wrong(where, what, message('aPair'), interval);
    const [from, to] = interval.map((bound) => number(bound, 0, 1, where, what));
    if (from > to) throw new TrajectoryError('intervalReversed', { where, what, from, to });
    Object.freeze(interval);
  });
  Object.freeze(intervals);
}

/**
 * The error for a value that is not what it should be.
 * @param {Message} where
 * @param {MessageValue} what
 * @param {MessageValue} expected
 * @param {unknown} found
 */
export function wrong(where, what, expected, found) {
  return new TrajectoryError('wrongValue', { where, what, expected, found: describe(found) });
}

/**
 * @param {unknown} value
 * @param {readonly string[]} keys that it may have
 * @param {Message} where
 * @param {MessageValue} what
 * @returns {Record<string, unknown>}
 */
export function mapping(value, keys, where, what) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(where, what, message('anObjectInBraces'), value);
  }
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new TrajectoryError('unknownKey', { where, key: shorten(unknown) });
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * @param {unknown} value
 * @param {number} most
 * @param {Message} where
 * @param {MessageValue} what
 * @returns {unknown[]}
 */
export function list(value, most, where, what) {
  if (!Array.isArray(value)) throw wrong(where, what, message('aListInBrackets'), value);
  if (value.length > most) throw new TrajectoryError('tooManyItems', { where, what, most, count: value.length });
  return value;
}

/**
 * @param {unknown} value
 * @param {number} low
 * @param {number} high
 * @param {Message} where
 * @param {MessageValue} what
 * @returns {number}
 */
export function number(value, low, high, where, what) {
  if (typeof value === 'number' && low <= value && value <= high) return value; // NaN fails both comparisons
  throw wrong(where, what, message('aNumber', { low, high }), value);
}

/**
 * @param {unknown} value
 * @param {number} fewest
 * @param {Message} where
 * @param {MessageValue} what
 */
export function text(value, fewest, where, what) {
  if (typeof value !== 'string') throw wrong(where, what, message('aText'), value);
  const length = value.length <= MAX_NAME ? value.length : [...value.slice(0, 2 * MAX_NAME + 1)].length;
  if (length < fewest || length > MAX_NAME) {
    throw new TrajectoryError('textLength', { where, what, fewest, most: MAX_NAME });
  }
  if (/\p{Surrogate}/u.test(value)) throw new TrajectoryError('loneSurrogate', { where, what });
}

/**
 * @param {unknown} value
 * @param {readonly string[]} options
 * @param {Message} where
 * @param {MessageValue} what
 */
export function choice(value, options, where, what) {
  if (typeof value === 'string' && options.includes(value)) return value;
  throw wrong(where, what, message('oneOf', { options: options.join(', ') }), value);
}
