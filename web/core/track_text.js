/** Serialisation of drags, anchors and the pins of objects: defaults, and fields in the format's order. */

import { orderedBending, withPinKeys } from './bending.js';
import { withoutDefaults } from './check.js';
import { PALETTE } from './limits.js';

/** @import {Point, Track, XY} from './types.js' */

/**
 * A track with its defaults. Invalid values are kept.
 * @param {any} track as it was decoded
 * @param {number} index
 */
export const filledTrack = (track, index) => withoutDefaults({ ...defaults(index), ...withPinKeys(track) });

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
