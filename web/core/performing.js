/**
 * Motions performed by hand: what a hand did while the clip played becomes the points or keys of a track or an object,
 * as few as keep close to it. Of a motion that had begun before, what comes before and after that time stays.
 */

import { tidyTrack } from './bending.js';
import { mapTracks } from './edit.js';
import { mapObjects } from './objects/edit.js';
import { withMotion } from './objects/make.js';
import { AT_PLACE, movedPivot, pathTrack, transformFunction, valuesAt } from './objects/sampling.js';
import { coordinate, tidy } from './numbers.js';
import { evaluate, fitSpline, interpolate, pointTimes, positionFunction } from './sampling.js';

/** @import {Doc, Key, MotionObject, PinKey, Point, Size, Track, XY} from './types.js' */

/**
 * Where a hand was at a time, a fraction of the clip: how far from where it began, in fractions of the picture.
 * @typedef {{readonly time: number, readonly x: number, readonly y: number}} HandSample
 */

/**
 * @typedef {object} Performance
 * @property {readonly HandSample[]} samples by rising times, two or more
 * @property {Size & {seconds: number}} clip
 * @property {number} tolerance largest distance, in pixels of the clip, between the hand and the motion at each time; 0
 *   keeps every place, as while it is performed
 */

/**
 * A motion as it was: positions in pixels at fractions of the clip, and the fractions at which it has points.
 * @typedef {{start: number, end: number, rests: boolean, at: (time: number) => XY, times: readonly number[]}} Before
 */

const RATE = 60; // places a second
const MOST = 4000; // places at most
const TREMOR = 0.03; // seconds: standard deviation of the Gaussian that smooths the hand
const REACH = 3; // of these standard deviations
const JOINS = 0.2; // seconds after a performed part until the motion is what it was
const LATE = 0.025; // seconds that a motion may be ahead of the hand, or behind it, along its way
const EXACT = 0.25; // px: tolerance of what was not performed
const SHORTEST = 1e-3; // of the clip
const SAME = 1e-9; // of the clip

/**
 * The drawing in which some tracks follow a hand.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {Performance} performance
 * @returns {Readonly<Doc>}
 */
export const performTracks = (doc, ids, performance) => (
  mapTracks(doc, ids, (track) => performedTrack(track, performance)));

/**
 * The same of objects: those that do not turn or change their size get a path, the others keys.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {Performance} performance
 * @returns {Readonly<Doc>}
 */
export const performObjects = (doc, ids, performance) => (
  mapObjects(doc, ids, (object) => performedObject(object, performance)));

/** @param {Readonly<Track>} track @param {Performance} performance @returns {Readonly<Track>} */
function performedTrack(track, performance) {
  const { clip: { width, height } } = performance;
  const path = performedPath(beforeOf(track, width, height), performance, 'pchip');
  const pin = track.pin && keysInTime(track.pin, track, path);
  const timed = /** @type {const} */ ({ kind: 'path', spline: 'pchip', timing: 'keys', ease: 'linear' });
  return tidyTrack({ ...track, loop: undefined, ...timed, ...path, ...(pin && { pin }) });
}

/** @param {Readonly<MotionObject>} object @param {Performance} performance @returns {Readonly<MotionObject>} */
function performedObject(object, performance) {
  const { clip } = performance;
  const was = object.motion;
  const poses = 'keys' in was && was.keys.some(({ rotation, scale }) => rotation !== 0 || scale !== 1);
  const before = 'points' in was
    ? beforeOf(pathTrack(object, was), clip.width, clip.height)
    : beforeOfPivot(object, clip);
  const { points, start, end } = performedPath(before, performance, poses ? 'linear' : 'pchip');
  const motion = poses
    ? { keys: posedAlong(object, points, start, end) }
    : /** @type {const} */ ({ points, spline: 'pchip', timing: 'keys', ease: 'linear' });
  const performed = { ...withMotion(object, motion, { start, end }) };
  delete performed.loop;
  return performed;
}

/** @param {Readonly<Track>} track @param {number} width @param {number} height @returns {Before} */
function beforeOf(track, width, height) {
  const { start, end, points: [{ x, y }, second] } = track;
  if (!second) return { start, end, rests: true, at: () => ({ x: x * width, y: y * height }), times: [] };
  const at = positionFunction({ ...track, sway: undefined }, width, height);
  return { start, end, rests: false, at, times: [...pointTimes(track, width, height)] };
}

/** Of an object with keys: where its pivot was. @param {Readonly<MotionObject>} object @param {Size} size */
function beforeOfPivot(object, { width, height }) {
  const { start, end, motion } = object;
  const transform = transformFunction(object, width, height);
  const at = (/** @type {number} */ time) => movedPivot(object, transform(time), width, height);
  const keys = 'keys' in motion ? motion.keys : [];
  return { start, end, rests: false, at, times: keys.map(({ t }) => start + t * (end - start)) };
}

/**
 * The points of a motion with a performed part.
 * @param {Before} before
 * @param {Performance} performance
 * @param {'linear' | 'pchip'} spline
 * @returns {{points: Readonly<Point>[], start: number, end: number}}
 */
function performedPath(before, { samples, clip, tolerance }, spline) {
  const { width, height, seconds } = clip;
  const [from, to] = [samples[0].time, samples[samples.length - 1].time];
  const start = Math.min(from, before.rests ? from : before.start, 1 - SHORTEST);
  const joins = to + JOINS / seconds;
  const goesOn = !before.rests && before.start < from - SAME && before.end > joins;
  const end = Math.max(goesOn ? before.end : to, start + SHORTEST);
  const hand = handOf(samples, tolerance > 0 ? TREMOR / seconds : 0);
  const late = tolerance > 0 ? LATE / seconds : 0;
  const begin = before.at(from);
  const times = timesBetween(start, end, [from, to, ...before.times], seconds);
  const places = times.flatMap((time) => {
    const performed = time >= from - SAME && (time <= to + SAME || !goesOn);
    if (!performed && time > to && time < joins) return [];
    const { x, y } = performed ? hand(time) : before.at(time);
    const at = performed ? { x: begin.x + x * width, y: begin.y + y * height } : { x, y };
    // Where it begins, it is still where it was.
    const within = performed && time > from + SAME ? { tolerance, late } : { tolerance: EXACT, late: 0 };
    return [{ time, ...at, ...within }];
  });
  const kept = tolerance > 0 ? fitted(places, spline).map((k) => places[k]) : places;
  const points = kept.map(({ time, x, y }) => {
    return Object.freeze({
      x: coordinate(x / width), y: coordinate(y / height), t: tidy((time - start) / (end - start)),
    });
  });
  return { points, start: tidy(start), end: tidy(end) };
}

/**
 * Times spread evenly, with some others, so close together that no movement of a hand is missed.
 * @param {number} start
 * @param {number} end
 * @param {readonly number[]} others
 * @param {number} seconds of the clip
 */
function timesBetween(start, end, others, seconds) {
  const pieces = Math.max(1, Math.min(MOST, Math.ceil((end - start) * seconds * RATE)));
  const even = Array.from({ length: pieces + 1 }, (_, k) => start + ((end - start) * k) / pieces);
  const inside = others.filter((time) => time > start && time < end);
  const times = [...even, ...inside].sort((a, b) => a - b);
  return times.filter((time, k) => k === 0 || time - times[k - 1] > SHORTEST / 10 || time === end);
}

/**
 * Where the hand was at any time, without its tremor. It begins and ends where it did.
 * @param {readonly HandSample[]} samples
 * @param {number} sigma of the Gaussian, as a fraction of the clip
 * @returns {(time: number) => XY}
 */
function handOf(samples, sigma) {
  const times = Float64Array.from(samples, ({ time }) => time);
  const [xs, ys] = [Float64Array.from(samples, ({ x }) => x), Float64Array.from(samples, ({ y }) => y)];
  const [first, last] = [times[0], times[times.length - 1]];
  /** Beyond its ends, a hand is taken to have gone on as it did, turned about them: so they stay where they are. */
  const raw = (/** @type {number} */ time, /** @type {Float64Array} */ values) => {
    if (time < first) return 2 * values[0] - interpolate(2 * first - time, times, values);
    if (time > last) return 2 * values[values.length - 1] - interpolate(2 * last - time, times, values);
    return interpolate(time, times, values);
  };
  if (sigma === 0) return (time) => ({ x: raw(time, xs), y: raw(time, ys) });
  const offsets = Array.from({ length: 4 * REACH + 1 }, (_, k) => (k / 2 - REACH) * sigma);
  const weights = offsets.map((offset) => Math.exp(-0.5 * (offset / sigma) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  /** @param {number} time @param {Float64Array} values */
  const mean = (time, values) => (
    offsets.reduce((sum, offset, k) => sum + weights[k] * raw(time + offset, values), 0) / total);
  return (time) => ({ x: mean(time, xs), y: mean(time, ys) });
}

/**
 * A place at a time, how far a motion may pass it by, in pixels, and by how much of the clip it may be late or early.
 * @typedef {XY & {time: number, tolerance: number, late: number}} Place
 */

/**
 * Indices of places through which a curve, with times as in a track's timing "keys", keeps within their tolerances: the
 * place that is farthest off in each piece is added until none is, and then those are left out that are not needed.
 * @param {readonly Place[]} places
 * @param {'linear' | 'pchip'} spline
 * @returns {number[]} rising, with the first and the last
 */
function fitted(places, spline) {
  let kept = [0, places.length - 1];
  for (;;) {
    const added = missing(places, kept, 0, kept.length - 2, spline);
    if (added.length === 0) break;
    kept = [...kept, ...added].sort((a, b) => a - b);
  }
  for (let k = 1; k + 1 < kept.length;) {
    const fewer = kept.toSpliced(k, 1);
    const isNeeded = missing(places, fewer, Math.max(0, k - 3), Math.min(k + 1, fewer.length - 2), spline).length > 0;
    if (isNeeded) k += 1;
    else kept = fewer;
  }
  return kept;
}

/**
 * In some pieces of the curve through some places, those that are farthest off.
 * @param {readonly Place[]} places
 * @param {readonly number[]} kept
 * @param {number} first piece
 * @param {number} last piece
 * @param {'linear' | 'pchip'} spline
 */
function missing(places, kept, first, last, spline) {
  const [x, y] = /** @type {const} */ (['x', 'y']).map((axis) => (
    fitSpline(spline, Float64Array.from(kept, (index) => places[index][axis]))));
  const pieces = Array.from({ length: last - first + 1 }, (_, k) => first + k);
  return pieces.flatMap((piece) => farthest(places, kept[piece], kept[piece + 1], (u) => (
    { x: evaluate(x, piece + u), y: evaluate(y, piece + u) })));
}

/**
 * The place between two others that is farthest from a curve, if it is farther than its tolerances.
 * @param {readonly Place[]} places
 * @param {number} from
 * @param {number} to
 * @param {(u: number) => XY} curve from 0 to 1
 * @returns {number[]} its index, or nothing
 */
function farthest(places, from, to, curve) {
  let [worst, index] = [1, -1];
  for (let k = from + 1; k < to; k += 1) {
    const at = curve((places[k].time - places[from].time) / (places[to].time - places[from].time));
    const off = offBy(at, places[k], places[k - 1], places[k + 1]);
    if (off > worst) [worst, index] = [off, k];
  }
  return index < 0 ? [] : [index];
}

/**
 * How far a curve is off, in tolerances: more is allowed along the way than across it.
 * @param {XY} at of the curve
 * @param {Place} place
 * @param {Place} before
 * @param {Place} after
 */
function offBy({ x, y }, place, before, after) {
  const [dx, dy] = [x - place.x, y - place.y];
  const [wayX, wayY] = [after.x - before.x, after.y - before.y];
  const way = Math.hypot(wayX, wayY);
  const late = place.late * (way / (after.time - before.time));
  if (late === 0) return Math.hypot(dx, dy) / place.tolerance;
  const along = (dx * wayX + dy * wayY) / way;
  const across = (dx * wayY - dy * wayX) / way;
  return Math.hypot(along / (place.tolerance + late), across / place.tolerance);
}

/**
 * Keys along performed places, that turn and scale as the object did.
 * @param {Readonly<MotionObject>} object
 * @param {readonly Readonly<Point>[]} points of its pivot, with times
 * @param {number} start
 * @param {number} end
 * @returns {Readonly<Key>[]}
 */
function posedAlong({ motion, pivot, start: from, end: to }, points, start, end) {
  const was = 'keys' in motion ? motion.keys : [AT_PLACE];
  const times = Float64Array.from(points, ({ t = 0 }) => t);
  const [xs, ys] = [Float64Array.from(points, ({ x }) => x), Float64Array.from(points, ({ y }) => y)];
  const turning = was.map(({ t }) => tidy((from + t * (to - from) - start) / (end - start)));
  const all = [...new Set([...times, ...turning])].sort((a, b) => a - b);
  return all.filter((t, k) => k === 0 || t - all[k - 1] > SAME).map((t) => {
    const { rotation, scale } = valuesAt({ keys: was }, Math.min(Math.max(
      (start + t * (end - start) - from) / (to - from), 0), 1));
    const [x, y] = [interpolate(t, times, xs) - pivot.x, interpolate(t, times, ys) - pivot.y];
    return t === 0 ? AT_PLACE : { t, x: coordinate(x), y: coordinate(y), rotation, scale, ease: 'linear' };
  });
}

/**
 * Keys of a pin whose track has another span than before, at the instants at which they were.
 * @param {readonly Readonly<PinKey>[]} keys
 * @param {{start: number, end: number}} was
 * @param {{start: number, end: number}} is
 * @returns {Readonly<PinKey>[]}
 */
function keysInTime(keys, was, is) {
  return keys.map((key) => {
    const at = (was.start + key.at * (was.end - was.start) - is.start) / (is.end - is.start);
    return { ...key, at: tidy(Math.min(Math.max(at, 0), 1)) };
  });
}
