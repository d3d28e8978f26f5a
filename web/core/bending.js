/** The fields of tracks that bend what they lie on: filled in, rounded, and written in the format's order. */

import { withoutDefaults } from './check.js';
import { isRecord } from './equal.js';
import { tidy } from './numbers.js';
import { tidyRepeating } from './repeating.js';

/** @import {PinKey, Track} from './types.js' */

/**
 * A track with the defaults of its pin's keys; invalid values are kept.
 * @param {any} track as it was decoded
 */
export function withPinKeys(track) {
  if (!Array.isArray(track?.pin)) return track;
  const pin = track.pin.map((/** @type {any} */ key) => (isRecord(key) ? { turn: 0, scale: 1, ...key } : key));
  return { ...track, pin };
}

/** The fields in the format's order. @param {Readonly<Track>} track */
export const orderedBending = ({ bend, stays, pin, over, stiffness }) => ({
  bend, stays, pin: pin?.map(({ at, turn, scale }) => ({ at, turn, scale })), over, stiffness,
});

/**
 * A fresh track with its optional fields as operations set them: rounded, and missing where they have their defaults.
 * @template {Partial<Track>} T
 * @param {T} track
 * @returns {T}
 */
export function tidyTrack(track) {
  if (!track.bend) delete track.bend;
  if (!track.over) delete track.over;
  if (track.stays !== undefined) track.stays = tidy(track.stays);
  if (track.stiffness !== undefined) track.stiffness = tidy(track.stiffness);
  if (track.pin) {
    track.pin = track.pin.map(({ at, turn, scale }) => ({ at: tidy(at), turn: tidy(turn), scale: tidy(scale) }));
  }
  return withoutDefaults(tidyRepeating(track));
}

/**
 * The keys of a pin after its motion is reversed, or left and right are swapped.
 * @param {Readonly<Track>} track
 * @param {{reversed?: boolean, mirrored?: boolean}} how
 * @returns {{pin?: readonly Readonly<PinKey>[]}} none without any
 */
export function changedPin({ pin }, { reversed = false, mirrored = false }) {
  if (!pin) return {};
  const keys = pin.map(({ at, turn, scale }) => ({
    at: reversed ? tidy(1 - at) : at, turn: mirrored ? -turn || 0 : turn, scale,
  }));
  return { pin: reversed ? keys.reverse() : keys };
}
