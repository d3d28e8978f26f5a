/** Operations on the start and end of tracks, for their bars in the timeline. See document.js for the rules. */

import { chosenTracks, mapTracks } from './edit.js';
import { tidy, within } from './numbers.js';

/** @import {Doc, Track} from './types.js' */

/** Shortest time between start and end, as a fraction of the clip, unless the caller asks for another. */
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
  return mapTracks(doc, ids, (track) => {
    if (span.start !== undefined && span.end !== undefined) {
      const start = within(span.start, 0, 1 - gap);
      return spanned(track, start, within(span.end, start + gap, 1));
    }
    if (span.start !== undefined) return spanned(track, within(span.start, 0, Math.max(0, track.end - gap)), track.end);
    if (span.end !== undefined) return spanned(track, track.start, within(span.end, Math.min(1, track.start + gap), 1));
    return track;
  });
}

/**
 * Moves whole bars, all by the same time, no further than all of them stay in 0..1.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {number} by fraction of the clip
 * @returns {Readonly<Doc>}
 */
export function shiftSpan(doc, ids, by) {
  const tracks = chosenTracks(doc, ids);
  const least = -Math.min(...tracks.map((track) => track.start), 1);
  const most = 1 - Math.max(...tracks.map((track) => track.end), 0);
  const shift = within(by, least, most);
  return mapTracks(doc, ids, (track) => spanned(track, track.start + shift, track.end + shift));
}

/**
 * @param {Readonly<Track>} track
 * @param {number} start
 * @param {number} end
 * @returns {Readonly<Track>} the same where that would leave no time between them
 */
function spanned(track, start, end) {
  const [from, to] = [tidy(start), tidy(end)];
  if (!(from < to) || (from === track.start && to === track.end)) return track;
  return { ...track, start: from, end: to };
}
