/**
 * A camera path that is written by hand (`dragnuwa/carry/depth/cameras/keyed.py`): lines with a time, a fraction of the
 * clip, and the amounts of moves up to there, such as "0.5: truck 0.2, orbit 15". Between the times at which a move is
 * named it goes smoothly, from 0 unless the line at 0 says otherwise; after the last of them it is held.
 */

import { tidy } from '../numbers.js';

/** @import {Move} from './camera.js' */

/** Where a line is in the text, and what it says. @typedef {{line: number, time: number, amounts: Amounts}} Key */
/** @typedef {Partial<Record<Move, number>>} Amounts */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The keys of a path; null if it is not written by hand, or cannot be read.
 * @param {string} text
 * @returns {Key[] | null} none of an empty text
 */
export function readKeys(text) {
  /** @type {Key[]} */
  const keys = [];
  for (const [line, row] of text.split('\n').entries()) {
    const told = row.split('#')[0].trim();
    if (told === '') continue;
    const [, start, rest] = told.match(/^([^:]*):(.*)$/) ?? []; // which the registry's scanner lets pass
    const parts = (rest ?? '').split(',').map((part) => part.trim().split(/\s+/));
    const time = Number(start);
    const isRead = NUMBER.test((start ?? '').trim()) && time >= 0 && time <= 1 && time > (keys.at(-1)?.time ?? -1)
      && parts.every(({ length, 1: amount }) => length === 2 && NUMBER.test(amount));
    if (!isRead) return null;
    const amounts = parts.map(([move, amount]) => [move.toLowerCase(), Number(amount)]);
    keys.push({ line, time, amounts: Object.fromEntries(amounts) });
  }
  return keys;
}

/** The amounts of all moves that are named, at a time. */
/** @param {readonly Key[]} keys @param {number} time @returns {Amounts} */
export function amountsAt(keys, time) {
  const moves = new Set(keys.flatMap(({ amounts }) => /** @type {Move[]} */ (Object.keys(amounts))));
  return Object.fromEntries([...moves].map((move) => [move, amountOf(keys, move, time)]));
}

/** @param {readonly Key[]} keys @param {Move} move @param {number} time */
export function amountOf(keys, move, time) {
  const named = keys.filter(({ amounts }) => amounts[move] !== undefined);
  const times = named.map((key) => key.time);
  const amounts = named.map((key) => /** @type {number} */ (key.amounts[move]));
  if (times[0] !== 0) {
    times.unshift(0);
    amounts.unshift(0);
  }
  return times.length === 1 ? amounts[0] : pchip(times, amounts, Math.min(time, times[times.length - 1]));
}

/**
 * The path with other amounts at a time; the rest of it stays, also where these moves end.
 * @param {string} text which can be read
 * @param {number} time
 * @param {Amounts} amounts
 * @param {number} near times that differ by less are the same
 */
export function withKey(text, time, amounts, near) {
  const keys = readKeys(text) ?? [];
  const there = keys.find((key) => Math.abs(key.time - time) < near);
  const ends = Object.keys(amounts).filter((name) => {
    const last = keys.findLast((key) => key.amounts[/** @type {Move} */ (name)] !== undefined);
    return time < 1 - near && (last?.time ?? 0) < time - near;
  });
  const made = written(text, keys, there ?? { time: tidy(time), amounts: {} }, amounts);
  if (ends.length === 0) return made;
  const held = Object.fromEntries(ends.map((name) => [name, amountOf(keys, /** @type {Move} */ (name), 1)]));
  const now = readKeys(made) ?? [];
  return written(made, now, now.find((key) => key.time > 1 - near) ?? { time: 1, amounts: {} }, held);
}

/**
 * @param {string} text
 * @param {readonly Key[]} keys of it
 * @param {Partial<Key> & Pick<Key, 'time' | 'amounts'>} key one of them, or a new one
 * @param {Amounts} amounts that it gets
 */
function written(text, keys, key, amounts) {
  const lines = text.trim() === '' ? [] : text.split('\n');
  const all = Object.entries({ ...key.amounts, ...amounts }).map(([move, amount]) => `${move} ${tidy(amount)}`);
  const made = `${key.time}: ${all.join(', ')}`;
  if (key.line !== undefined) {
    const comment = lines[key.line].match(/#.*$/);
    lines[key.line] = comment ? `${made}  ${comment[0]}` : made;
  } else {
    const next = keys.find(({ time }) => time > key.time);
    lines.splice(next ? next.line : lines.length, 0, made);
  }
  return lines.join('\n');
}

/**
 * A piecewise cubic that does not overshoot (Fritsch and Carlson, 1980; Fritsch and Butland, 1984), as SciPy's.
 * @param {readonly number[]} xs
 * @param {readonly number[]} ys
 * @param {number} x between the first and the last
 */
function pchip(xs, ys, x) {
  const last = xs.length - 2;
  const k = Math.max(0, Math.min(last, xs.findLastIndex((value) => value <= x)));
  const step = (/** @type {number} */ at) => xs[at + 1] - xs[at];
  const rise = (/** @type {number} */ at) => (ys[at + 1] - ys[at]) / step(at);
  const slope = (/** @type {number} */ at) => {
    if (last === 0) return rise(0);
    if (at === 0) return endSlope(step(0), step(1), rise(0), rise(1));
    if (at > last) return endSlope(step(last), step(last - 1), rise(last), rise(last - 1));
    const [before, after] = [rise(at - 1), rise(at)];
    if (before * after <= 0) return 0;
    const [one, other] = [2 * step(at) + step(at - 1), step(at) + 2 * step(at - 1)];
    return (one + other) / (one / before + other / after);
  };
  const [width, part] = [step(k), (x - xs[k]) / step(k)];
  const rest = 1 - part;
  return rest * rest * ((1 + 2 * part) * ys[k] + part * width * slope(k))
    + part * part * ((1 + 2 * rest) * ys[k + 1] - rest * width * slope(k + 1));
}

/** @param {number} h0 the step at the end @param {number} h1 @param {number} m0 the rise there @param {number} m1 */
function endSlope(h0, h1, m0, m1) {
  const slope = ((2 * h0 + h1) * m0 - h0 * m1) / (h0 + h1);
  if (Math.sign(slope) !== Math.sign(m0)) return 0;
  return Math.sign(m0) !== Math.sign(m1) && Math.abs(slope) > 3 * Math.abs(m0) ? 3 * m0 : slope;
}
