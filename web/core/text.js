/** Reads the text of the widget strictly, and writes it compactly: defaults are left out, fields are in order. */

import { orderedBending, withPinKeys } from './bending.js';
import { isCanvas, isTrack, list, number, oneOf, record, withoutDefaults } from './check.js';
import { TrajectoryError } from './errors.js';
import {
  MAX_HORIZON, MAX_OBJECTS, MAX_TEXT_BYTES, MAX_TEXT_VALUES, MAX_TOTAL_POINTS, MAX_TRACKS, MIN_HORIZON,
  OBJECTS_VERSION, PALETTE, TYPE, VERSION,
} from './limits.js';
import { isObject } from './objects/check.js';
import { countObjectPoints, filledObject, orderedObject } from './objects/text.js';
import { orderedRepeating, withRepeating } from './repeating.js';

/** @import {Doc, MotionObject, Point, Track, XY} from './types.js' */

/**
 * A track with its defaults. Invalid values are kept.
 * @param {any} track as it was decoded
 * @param {number} index
 */
export const filledTrack = (track, index) => withoutDefaults({
  ...defaults(index), ...withRepeating(withPinKeys(track), 'direction'),
});

/**
 * Defaults of missing fields: those of the original DragNUWA.
 * @param {number} index of the track
 */
export function defaults(index) {
  return {
    id: '',
    name: '',
    color: PALETTE[index % PALETTE.length],
    enabled: true,
    kind: 'path',
    spline: 'pchip',
    points: [],
    timing: 'points',
    start: 0,
    end: 1,
    ease: 'linear',
    visible: [[0, 1]],
  };
}

/**
 * Fills in missing ids with the first free one of t1, t2, ...
 * @param {any[]} filled fresh
 * @param {readonly any[]} given the same as decoded
 * @param {string} letter
 */
export function withIds(filled, given, letter) {
  const taken = new Set(filled.map(({ id }) => id));
  let free = 0;
  filled.forEach((each, index) => {
    if (typeof given[index] === 'object' && given[index] !== null && 'id' in given[index]) return;
    free = Math.max(free, index);
    while (taken.has(`${letter}${free + 1}`)) free += 1;
    free += 1;
    each.id = `${letter}${free}`;
  });
  return filled;
}

/** @param {Readonly<Track>} track */
export function orderedTrack(track) {
  const { id, name, color, enabled, kind, spline, points, timing, start, end, ease, visible, edit, delay } = track;
  return withoutDefaults({
    id,
    name,
    color,
    enabled,
    kind,
    spline,
    points: points.map(orderedPoint),
    timing,
    start,
    end,
    ease,
    visible,
    edit,
    delay,
    ...orderedRepeating(track, 'direction'),
    ...orderedBending(track),
  });
}

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
export const orderedPlace = ({ x, y }) => ({ x, y });

const isDoc = record({
  type: oneOf([TYPE]),
  version: oneOf([VERSION, OBJECTS_VERSION]),
  canvas: isCanvas,
  tracks: list(0, MAX_TRACKS, isTrack),
  objects: list(0, MAX_OBJECTS, isObject),
  horizon: number(MIN_HORIZON, MAX_HORIZON),
}, ['canvas', 'horizon']);

/**
 * Reads the text of the widget into a frozen Doc with every field filled in. Nothing is repaired: the caller keeps a
 * text that cannot be read, and the server explains what is wrong. Whatever Python's parse refuses in our own format is
 * refused here, too.
 * @param {string} text
 * @returns {Readonly<Doc> | null} null if it is not valid
 */
export function read(text) {
  if (tooLarge(text)) return null;
  const value = decoded(text);
  if (typeof value !== 'object' || value === null || value.type !== TYPE) return null;
  const newer = 'objects' in value || 'horizon' in value;
  if (value.version === VERSION ? newer : value.version !== OBJECTS_VERSION) return null;
  const { tracks, objects = value.version === VERSION ? [] : null } = value;
  if (!Array.isArray(tracks) || tracks.length > MAX_TRACKS) return null;
  if (!Array.isArray(objects) || objects.length > MAX_OBJECTS) return null;
  if (countPoints(tracks, objects) > MAX_TOTAL_POINTS) return null;
  const whole = {
    ...value,
    tracks: withIds(tracks.map(filledTrack), tracks, 't'),
    objects: withIds(objects.map(filledObject), objects, 'o'),
  };
  if (!isDoc(whole) || !unique(whole.tracks) || !unique(whole.objects) || hasDoubleKeys(value, text)) return null;
  return withObjectList(whole, whole.objects);
}

/**
 * Writes one compact line: keys in a fixed order, every field, numbers that read back exactly.
 * @param {Readonly<Doc>} doc
 * @returns {string}
 * @throws {TrajectoryError} if it exceeds 96 MiB or has too many values, which no reader accepts
 */
export function write(doc) {
  const text = JSON.stringify(ordered(doc));
  if (tooLarge(text)) throw new TrajectoryError('drawingTooLong');
  return text;
}

/**
 * The value with its keys in the format's order, for JSON.stringify.
 * @param {Readonly<Doc>} doc
 */
export function ordered({ type, version, canvas, tracks, objects = [], horizon }) {
  return {
    type,
    version,
    ...(canvas && { canvas: { width: canvas.width, height: canvas.height } }),
    tracks: tracks.map(orderedTrack),
    ...(version === OBJECTS_VERSION && { objects: objects.map(orderedObject) }),
    ...(horizon !== undefined && { horizon }),
  };
}

/**
 * Whether a text is longer than Python reads, or has more values than Python decodes.
 * @param {string} text
 */
function tooLarge(text) {
  if (text.length > MAX_TEXT_BYTES) return true;
  if (text.length * 3 > MAX_TEXT_BYTES && new TextEncoder().encode(text).length > MAX_TEXT_BYTES) return true;
  if (text.length <= MAX_TEXT_VALUES) return false;
  let count = 0;
  for (let i = 0; i < text.length; i += 1) if ('{[,'.includes(text[i])) count += 1;
  return count > MAX_TEXT_VALUES;
}

/**
 * @param {string} text
 * @returns {any} undefined if it is not JSON
 */
function decoded(text) {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''), (_, value) => (Object.is(value, -0) ? 0 : value));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return undefined;
  }
}

/**
 * `doc` with these objects and the matching version: without objects and horizon, the text is the same as before these
 * existed.
 * @param {Readonly<Doc>} doc
 * @param {readonly Readonly<MotionObject>[]} objects already checked
 * @returns {Readonly<Doc>}
 */
export function withObjectList({ type, canvas, tracks, horizon }, objects) {
  const version = objects.length > 0 || horizon !== undefined ? OBJECTS_VERSION : VERSION;
  return /** @type {Readonly<Doc>} */ (Object.freeze({
    type,
    version,
    ...(canvas && { canvas }),
    tracks,
    ...(objects.length > 0 && { objects: Object.freeze([...objects]) }),
    ...(horizon !== undefined && { horizon }),
  }));
}

/**
 * @param {readonly any[]} tracks checked, or as decoded
 * @param {readonly unknown[]} [objects] the same
 * @returns {number} points in total, even in invalid items
 */
function countPoints(tracks, objects = []) {
  const points = objects.reduce((/** @type {number} */ sum, each) => sum + countObjectPoints(each), 0);
  return tracks.reduce((sum, track) => sum + (Array.isArray(track?.points) ? track.points.length : 0), points);
}

/**
 * @param {readonly Readonly<Track>[]} tracks
 * @param {readonly Readonly<MotionObject>[]} [objects]
 * @throws {TrajectoryError} if they have too many points in total
 */
export function checkTotal(tracks, objects) {
  const count = countPoints(tracks, objects);
  if (count > MAX_TOTAL_POINTS) throw new TrajectoryError('tooManyPoints', { most: MAX_TOTAL_POINTS, count });
}

/** @param {readonly {id: string}[]} all */
const unique = (all) => new Set(all.map(({ id }) => id)).size === all.length;

/**
 * JSON.parse silently keeps the last of two equal keys; Python refuses them. They are detected by comparing the number
 * of keys in the text with that in the value.
 * @param {unknown} value known to be shallow
 * @param {string} text valid JSON
 */
function hasDoubleKeys(value, text) {
  let written = 0;
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) if (match[1]) written += 1;
  return written !== countKeys(value);
}

/**
 * @param {unknown} value
 * @returns {number}
 */
function countKeys(value) {
  if (typeof value !== 'object' || value === null) return 0;
  const children = Object.values(value).reduce((sum, child) => sum + countKeys(child), 0);
  return Array.isArray(value) ? children : children + Object.keys(value).length;
}
