/** How a motion repeats, and how something sways: as `Loop` and `Sway` of dragnuwa/trajectory/types.py. */

import { isRecord } from './equal.js';
import { BACK, MAX_SWAY } from './limits.js';
import { tidy, within } from './numbers.js';

/** @import {Loop, Point, Sway, Track, XY} from './types.js' */

/** What may repeat and sway. @typedef {{loop?: Readonly<Loop>, sway?: Readonly<Sway>}} Repeating */

const SAME = 1e-9; // of the picture: a path whose ends are closer to each other is closed already

/**
 * The fraction of one way, or of one way around, at a fraction of the own time.
 * @param {Readonly<Loop>} loop
 * @param {number} s
 */
export function progress(loop, s) {
  const cycle = s * loop.times - Math.floor(s * loop.times);
  return loop.mode === 'closed' ? cycle : 1 - Math.abs(2 * cycle - 1);
}

/**
 * The fraction of the own time at which a fraction of the first way is reached.
 * @param {Readonly<Loop>} loop
 * @param {number} way
 */
export const firstTime = ({ mode, times }, way) => way / (times * (mode === 'closed' ? 1 : 2));

/**
 * The part of the time that the keys of a motion take, where they have times of their own.
 * @param {Readonly<Loop>} loop
 * @param {boolean} endsAtBegin whether the motion ends where it began, so that nothing leads back
 */
export const shareOfKeys = ({ mode }, endsAtBegin) => (mode === 'closed' && !endsAtBegin ? 1 - BACK : 1);

/**
 * How far something sways at a fraction of the own time, in `amount`s.
 * @param {Readonly<Sway>} sway
 * @param {number} s
 * @param {number} [later] in swings
 */
export function swing({ times, phase }, s, later = 0) {
  const first = phase - later;
  return Math.sin(2 * Math.PI * (times * s + first)) - Math.sin(2 * Math.PI * first);
}

/**
 * How far a track sways at a fraction of its own time, in pixels.
 * @param {Readonly<Sway>} sway
 * @param {number} s
 * @param {number} width of the picture
 * @param {number} height
 * @returns {XY}
 */
export function swung(sway, s, width, height) {
  const angle = ((sway.direction ?? 0) * Math.PI) / 180;
  const reach = sway.amount * Math.sqrt(width * height) * swing(sway, s);
  return { x: reach * Math.cos(angle), y: reach * Math.sin(angle) };
}

/**
 * Segments of the curve through points: one less than these, or as many if it is closed and its ends differ.
 * @param {{readonly loop?: Readonly<Loop>, readonly points: readonly Readonly<Point>[]}} path
 */
export function segments({ loop, points }) {
  if (loop?.mode !== 'closed') return points.length - 1;
  const [first, last] = [points[0], points[points.length - 1]];
  const endsApart = Math.max(Math.abs(last.x - first.x), Math.abs(last.y - first.y)) > SAME;
  return points.length - (endsApart ? 0 : 1);
}

/** The points around a closed path, with one more on each side, so that the curve is smooth at its seam. */
/** @param {Readonly<Track>} track */
export function pointsAround(track) {
  const count = segments(track);
  const ring = track.points.slice(0, count);
  if (count < track.points.length) ring[0] = { ...ring[0], in: track.points[count].in }; // both are one point
  return Array.from({ length: count + 3 }, (_, k) => ring[(k - 1 + count) % count]);
}

/**
 * The times at the ends of a path's segments: those of a closed one leave time for the way back.
 * @param {Readonly<Track>} track
 * @param {Float64Array} times of its points
 */
export function timesAround(track, times) {
  return segments(track) < times.length ? times : Float64Array.from([...times.map((t) => t * (1 - BACK)), 1]);
}

/**
 * Keys of a motion, with one more that leads back where it is closed and does not end where it began.
 * @template T
 * @param {readonly T[]} keys from the time 0 on
 * @param {number} share of their times that they take, of `shareOfKeys`
 * @param {T} back the last one
 * @param {(key: T) => T} earlier a key at that share of its time
 * @returns {readonly T[]}
 */
export const around = (keys, share, back, earlier) => (share < 1 ? [...keys.map(earlier), back] : keys);

/**
 * An item with the defaults of its loop and its sway; invalid values are kept.
 * @param {any} item as it was decoded
 * @param {'direction' | 'waves'} last the key that only a track, or only an object, has
 */
export function withRepeating(item, last) {
  const filled = { ...item };
  if (isRecord(item?.loop)) filled.loop = { times: 1, ...item.loop };
  if (isRecord(item?.sway)) filled.sway = { ...SWAY, [last]: LAST[last], ...item.sway };
  return filled;
}

const SWAY = Object.freeze({ times: 2, phase: 0 });
const LAST = Object.freeze({ direction: 0, waves: 0.4 });

/** Both in the format's order. @param {Repeating} item @param {'direction' | 'waves'} last */
export const orderedRepeating = ({ loop, sway }, last) => ({
  loop: loop && { mode: loop.mode, times: loop.times },
  sway: sway && { amount: sway.amount, times: sway.times, phase: sway.phase, [last]: sway[last] },
});

/**
 * A fresh item with both as operations set them: rounded, and missing where there is none.
 * @template {Repeating} T
 * @param {T} item
 * @returns {T}
 */
export function tidyRepeating(item) {
  if (!item.loop) delete item.loop;
  else item.loop = { ...item.loop };
  if (!item.sway?.amount) delete item.sway;
  else {
    item.sway = /** @type {Sway} */ (Object.fromEntries(
      Object.entries(item.sway).map(([key, value]) => [key, tidy(value)])));
  }
  return item;
}

/**
 * How a track sways after its picture was stretched or mirrored.
 * @param {Repeating} track
 * @param {XY} by
 * @returns {{sway?: Readonly<Sway>}} none if it does not
 */
export function stretchedSway({ sway }, { x, y }) {
  if (!sway) return {};
  const angle = ((sway.direction ?? 0) * Math.PI) / 180;
  const direction = (Math.atan2(Math.sign(y) * Math.sin(angle), Math.sign(x) * Math.cos(angle)) * 180) / Math.PI;
  const amount = within(sway.amount * Math.sqrt(Math.abs(x * y)), 0, MAX_SWAY);
  return { sway: { ...sway, amount, direction: direction || 0 } };
}

/**
 * How an object sways after it was mirrored: across its length is on the other side then.
 * @param {Repeating} object
 * @returns {{sway?: Readonly<Sway>}}
 */
export const mirroredSway = ({ sway }) => (sway ? { sway: { ...sway, phase: (sway.phase + 0.5) % 1 } } : {});
