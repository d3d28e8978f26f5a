/** Reads the text of the widget strictly, and writes it compactly. */

import { checkedTrack, list, mapping, wrong } from './check.js';
import { TrajectoryError } from './errors.js';
import {
  MAX_OBJECTS,
  MAX_SIDE,
  MAX_TEXT_BYTES,
  MAX_TEXT_VALUES,
  MAX_TOTAL_POINTS,
  MAX_TRACKS,
  OBJECTS_VERSION,
  PALETTE,
  TYPE,
  VERSION,
} from './limits.js';
import { describe, message, shorten } from './messages.js';
import { countObjectPoints, filledObjects, orderedObject, orderedPoint } from './objects/text.js';

/** @import {Doc, MotionObject, ReadResult, Size, Track} from './types.js' */

const WHOLE = message('trajectories');
const KEYS = Object.freeze(['type', 'version', 'canvas', 'tracks']);
const KEYS_WITH_OBJECTS = Object.freeze([...KEYS, 'objects']);
const CANVAS_KEYS = Object.freeze(['width', 'height']);
const LONGEST = Object.freeze({ where: WHOLE, mebibytes: MAX_TEXT_BYTES / 2 ** 20 });

/**
 * Reads the text of the widget into a frozen Doc with every field filled in, or says what is wrong with it. Nothing is
 * repaired: the caller keeps a text that cannot be read. What Python's parse refuses in our own format is refused here,
 * too.
 * @param {string} text
 * @returns {ReadResult}
 */
export function read(text) {
  try {
    return { doc: fromValue(decoded(text), text) };
  } catch (error) {
    if (!(error instanceof TrajectoryError)) throw error;
    return { error, problem: error.message, importable: /^\s*[[({]/.test(text) && !tooLong(text) };
  }
}

/**
 * Writes one compact line: keys in a fixed order, every field, numbers that read back exactly.
 * @param {Readonly<Doc>} doc
 * @returns {string}
 * @throws {TrajectoryError} if it is longer than 96 MiB, which nothing would read
 */
export function write(doc) {
  const text = JSON.stringify(ordered(doc));
  if (tooLong(text)) throw new TrajectoryError('drawingTooLong', LONGEST);
  checkValues(text);
  return text;
}

/**
 * The value with its keys in the format's order, for JSON.stringify.
 * @param {Readonly<Doc>} doc
 */
export function ordered({ type, version, canvas, tracks, objects }) {
  return {
    type,
    version,
    ...(canvas && { canvas: { width: canvas.width, height: canvas.height } }),
    tracks: tracks.map(orderedTrack),
    ...(objects && { objects: objects.map(orderedObject) }),
  };
}

/** @param {Readonly<Track>} track */
function orderedTrack({ id, name, color, enabled, kind, spline, points, timing, start, end, ease, visible }) {
  return {
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
  };
}

/** @param {string} text */
function tooLong(text) {
  if (text.length > MAX_TEXT_BYTES) return true;
  return text.length * 3 > MAX_TEXT_BYTES && new TextEncoder().encode(text).length > MAX_TEXT_BYTES;
}

/**
 * Refuses a text of more values than Python decodes.
 * @param {string} text
 */
function checkValues(text) {
  if (text.length <= MAX_TEXT_VALUES) return;
  let count = 0;
  for (let i = 0; i < text.length; i += 1) if ('{[,'.includes(text[i])) count += 1;
  if (count > MAX_TEXT_VALUES) throw new TrajectoryError('tooManyValues', { where: WHOLE, most: MAX_TEXT_VALUES });
}

/**
 * @param {string} text
 * @returns {unknown}
 */
function decoded(text) {
  if (tooLong(text)) throw new TrajectoryError('textTooLong', LONGEST);
  if (text.trim() === '') throw new TrajectoryError('textEmpty');
  checkValues(text);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''), (_, value) => (Object.is(value, -0) ? 0 : value));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw new TrajectoryError('notJson', { reason: shorten(error.message) });
  }
}

/**
 * @param {unknown} value fresh, so it may be frozen
 * @param {string} text that it was decoded from
 * @returns {Readonly<Doc>}
 */
function fromValue(value, text) {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('type' in value)) {
    throw new TrajectoryError('notTrajectories', { where: WHOLE, type: TYPE, found: describe(value) });
  }
  if (value.type !== TYPE) throw wrong(WHOLE, 'type', `"${TYPE}"`, value.type);
  const withObjects = versionOf(value) === OBJECTS_VERSION;
  if (!withObjects && 'objects' in value) {
    throw new TrajectoryError('objectsNeedVersion', { where: WHOLE, version: OBJECTS_VERSION });
  }
  const fields = mapping(value, withObjects ? KEYS_WITH_OBJECTS : KEYS, WHOLE, message('theValue'));
  const given = list(fields.tracks, MAX_TRACKS, WHOLE, 'tracks');
  const givenObjects = withObjects ? list(fields.objects, MAX_OBJECTS, WHOLE, 'objects') : [];
  checkTotal(given, givenObjects);
  const tracks = Object.freeze(filled(given));
  const objects = filledObjects(givenObjects);
  const canvas = 'canvas' in fields ? checkedCanvas(fields.canvas) : undefined;
  refuseDoubleKeys(value, text);
  const doc = Object.freeze({ type: TYPE, version: VERSION, ...(canvas && { canvas }), tracks });
  return withObjectList(/** @type {Readonly<Doc>} */ (doc), objects);
}

/**
 * @param {object} value
 * @returns {unknown}
 */
function versionOf(value) {
  const version = 'version' in value ? value.version : undefined;
  if (version === VERSION || version === OBJECTS_VERSION) return version;
  throw wrong(WHOLE, 'version', message('aOrB', { a: VERSION, b: OBJECTS_VERSION }), version);
}

/**
 * `doc` with these objects, of the version that says so: without objects it is the same as before there were any.
 * @param {Readonly<Doc>} doc
 * @param {readonly Readonly<MotionObject>[]} objects checked already
 * @returns {Readonly<Doc>}
 */
export function withObjectList({ type, canvas, tracks }, objects) {
  const version = objects.length > 0 ? OBJECTS_VERSION : VERSION;
  return /** @type {Readonly<Doc>} */ (Object.freeze({
    type,
    version,
    ...(canvas && { canvas }),
    tracks,
    ...(objects.length > 0 && { objects: Object.freeze([...objects]) }),
  }));
}

/**
 * @param {unknown} value
 * @returns {Size}
 * @throws {TrajectoryError}
 */
export function checkedCanvas(value) {
  const { width, height } = mapping(value, CANVAS_KEYS, WHOLE, 'canvas');
  return Object.freeze({ width: side(width, 'width'), height: side(height, 'height') });
}

/**
 * @param {unknown} value
 * @param {'width' | 'height'} name
 */
function side(value, name) {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SIDE) return value;
  const expected = message('aWholeNumber', { low: 1, high: MAX_SIDE });
  throw wrong(WHOLE, message('sideOfCanvas', { side: name }), expected, value);
}

/**
 * The number of points of all tracks and objects together, checked before any single one.
 * @param {readonly unknown[]} tracks
 * @param {readonly unknown[]} [objects]
 * @throws {TrajectoryError} if there are too many
 */
export function checkTotal(tracks, objects = []) {
  let total = objects.reduce((/** @type {number} */ sum, each) => sum + countObjectPoints(each), 0);
  for (const track of tracks) {
    const points = typeof track === 'object' && track !== null && 'points' in track ? track.points : undefined;
    if (Array.isArray(points)) total += points.length;
  }
  if (total > MAX_TOTAL_POINTS) {
    throw new TrajectoryError('tooManyPoints', { where: WHOLE, most: MAX_TOTAL_POINTS, count: total });
  }
}

/**
 * The tracks with their defaults, checked. A missing id becomes the first free one of t1, t2, ...; a missing colour is
 * that of the palette at the track's index.
 * @param {readonly unknown[]} given
 */
function filled(given) {
  /** @type {Map<unknown, number>} */
  const taken = new Map();
  given.forEach((track, index) => {
    const id = typeof track === 'object' && track !== null && 'id' in track ? track.id : undefined;
    if (id === undefined) return;
    const other = taken.get(id);
    if (other !== undefined) {
      throw new TrajectoryError('idTaken', { where: message('track', { index: index + 1 }), other: other + 1 });
    }
    taken.set(id, index);
  });
  let free = 0;
  return given.map((track, index) => {
    const where = message('track', { index: index + 1 });
    if (typeof track !== 'object' || track === null || Array.isArray(track)) {
      throw wrong(where, message('aTrack'), message('anObjectInBraces'), track);
    }
    if ('id' in track) return checkedTrack({ ...defaults(index), ...track }, where);
    free = Math.max(free, index);
    while (taken.has(`t${free + 1}`)) free += 1;
    free += 1;
    return checkedTrack({ ...defaults(index), ...track, id: `t${free}` }, where);
  });
}

/**
 * The values of fields that are not given: those of the original DragNUWA.
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
 * JSON.parse silently takes the last of two equal keys; Python refuses them. They are found by comparing the number of
 * keys in the text with that in the value.
 * @param {unknown} value known to be shallow
 * @param {string} text valid JSON
 */
function refuseDoubleKeys(value, text) {
  let written = 0;
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) if (match[1]) written += 1;
  if (written !== countKeys(value)) throw new TrajectoryError('keyTwice', { where: WHOLE });
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
