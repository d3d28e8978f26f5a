/** Operations on the start and end of tracks, for their bars in the timeline. See document.js for the rules. */

import { chosenTracks, mapTracks } from './edit.js';
import { tidy, within } from './numbers.js';

/** @import {Doc, MotionObject, Track} from './types.js' */

/** Default shortest time between start and end, as a fraction of the clip. */
const GAP = 0.001;

/**
 * Moves ends of bars: they stay in 0..1, and at least `gap` away from the other end.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {{readonly start?: number, readonly end?: number}} span the ends that move, fractions of the clip
 * @param {number} [gap] shortest time between them, such as that of one frame
 * @returns {Readonly<Doc>}
 */
export function setSpan(doc, ids, span, gap = GAP) {
  return mapTracks(doc, ids, (track) => withSpan(track, span, gap));
}

/**
 * A track, or an object, with other ends; see `setSpan`.
 * @template {Readonly<Track> | Readonly<MotionObject>} T
 * @param {T} each
 * @param {{readonly start?: number, readonly end?: number}} span
 * @param {number} gap
 * @returns {T}
 */
export function withSpan(each, span, gap) {
  if (span.start !== undefined && span.end !== undefined) {
    const start = within(span.start, 0, 1 - gap);
    return spanned(each, start, within(span.end, start + gap, 1));
  }
  if (span.start !== undefined) return spanned(each, within(span.start, 0, Math.max(0, each.end - gap)), each.end);
  if (span.end !== undefined) return spanned(each, each.start, within(span.end, Math.min(1, each.start + gap), 1));
  return each;
}

/**
 * Moves whole bars by the same time, limited so that all of them stay within 0..1.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {number} by fraction of the clip
 * @returns {Readonly<Doc>}
 */
export function shiftSpan(doc, ids, by) {
  const shift = shiftWithin(chosenTracks(doc, ids), by);
  return mapTracks(doc, ids, (track) => withShift(track, shift));
}

/**
 * How far bars can be moved together, at most `by`.
 * @param {readonly {readonly start: number, readonly end: number}[]} bars
 * @param {number} by
 */
export function shiftWithin(bars, by) {
  const least = -Math.min(...bars.map(({ start }) => start), 1);
  const most = 1 - Math.max(...bars.map(({ end }) => end), 0);
  return within(by, least, most);
}

/**
 * @template {Readonly<Track> | Readonly<MotionObject>} T
 * @param {T} each
 * @param {number} by fraction of the clip
 */
export const withShift = (each, by) => spanned(each, each.start + by, each.end + by);

/**
 * @template {Readonly<Track> | Readonly<MotionObject>} T
 * @param {T} each
 * @param {number} start
 * @param {number} end
 * @returns {T} the same one if that would leave no time between them
 */
function spanned(each, start, end) {
  const [from, to] = [tidy(start), tidy(end)];
  if (!(from < to) || (from === each.start && to === each.end)) return each;
  return { ...each, start: from, end: to };
}
