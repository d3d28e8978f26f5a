/** Visible intervals as text for the panel: frames counted from 1, such as "1-5, 9-14". */

/** @import {Interval} from '../core/types.js' */

const MAX_TEXT = 4000; // characters

/**
 * Formats intervals as text; at most 200 of them.
 * @param {readonly Interval[]} intervals fractions of the clip
 * @param {number} frames
 */
export function toFrames(intervals, frames) {
  const last = frames - 1;
  return intervals.slice(0, 200).map(([from, to]) => {
    const [a, b] = [from, to].map((time) => String(Math.round((1 + time * last) * 100) / 100));
    return a === b ? a : `${a}-${b}`;
  }).join(', ');
}

/**
 * Parses text as intervals.
 * @param {string} text
 * @param {number} frames
 * @returns {Interval[] | null} null if it is invalid
 */
export function fromFrames(text, frames) {
  if (text.trim() === '') return [];
  if (text.length > MAX_TEXT) return null;
  /** @type {Interval[]} */
  const intervals = [];
  for (const part of text.split(/[,，;]/)) {
    const match = part.trim().match(/^(\d+(?:\.\d+)?)(?:\s*[-–—]\s*(\d+(?:\.\d+)?))?$/);
    if (!match) return null;
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (from < 1 || to > frames || from > to) return null;
    intervals.push([(from - 1) / (frames - 1), (to - 1) / (frames - 1)]);
  }
  return intervals;
}
