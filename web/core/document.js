/**
 * Operations on the tracks of a Doc. Re-exports those in `points.js`, `selection.js`, `spans.js` and `text.js`.
 *
 * All are pure: each returns a new frozen Doc that shares what did not change, or the same Doc if nothing did. They
 * throw a TrajectoryError for what is not possible. Python's parse accepts every Doc that they return. The numbers of a
 * changed point are rounded to DECIMALS decimals and clamped to the format's range; all other numbers are unchanged.
 * Ids that are not (or no longer) in the Doc are ignored, so that a stale selection does no harm.
 */

import { changedPin, tidyTrack } from './bending.js';
import { checkedCanvas, checkedChanges, checkedTrack, makePoint } from './check.js';
import { colorCounts, leastUsed, recolored } from './colors.js';
import { convertedPoints } from './convert.js';
import { chosenTracks, mapTracks, rising, withTracks } from './edit.js';
import { firstNotRising } from './sampling.js';
import { MAX_HORIZON, MIN_HORIZON, TYPE, VERSION } from './limits.js';
import { tidy, within } from './numbers.js';
import { stretchedSway } from './repeating.js';
import { defaults, withObjectList } from './text.js';

/** @import {Doc, Size, Track, TrackChanges, TrackDraft, XY} from './types.js' */

export { TrajectoryError } from './errors.js';
export { insertPoint, splitSegment, updatePoints } from './points.js';
export { moveSelection, removeSelection, selectedPoints, validSelection } from './selection.js';
export { setSpan, shiftSpan } from './spans.js';
export { read, write } from './text.js';

const CHANGEABLE = Object.freeze([
  'name', 'color', 'enabled', 'kind', 'spline', 'timing', 'start', 'end', 'ease', 'visible', 'edit', 'delay',
  'loop', 'sway', 'bend', 'stays', 'pin', 'over', 'stiffness',
]);
const HERE = Object.freeze({ x: 0, y: 0 });

/**
 * A Doc without tracks.
 * @param {Size} [canvas] size of the picture that will be drawn on
 * @returns {Readonly<Doc>}
 */
export function emptyDoc(canvas) {
  return Object.freeze({
    type: TYPE,
    version: VERSION,
    ...(canvas && { canvas: checkedCanvas(canvas) }),
    tracks: Object.freeze([]),
  });
}

/**
 * The Doc with another horizon, or without one.
 * @param {Readonly<Doc>} doc
 * @param {number | undefined} horizon as a fraction of the picture's height from its top; clamped to the format's range
 * @returns {Readonly<Doc>}
 */
export function setHorizon(doc, horizon) {
  const clamped = horizon === undefined ? undefined : tidy(within(horizon, MIN_HORIZON, MAX_HORIZON));
  if (clamped === doc.horizon) return doc;
  return withObjectList({ ...doc, horizon: clamped }, doc.objects ?? []);
}

/** Whether nothing is drawn. @param {Readonly<Doc>} doc */
export function isEmpty({ tracks, objects }) {
  return tracks.length === 0 && !objects?.length;
}

/**
 * @param {Readonly<Doc>} doc
 * @param {string} id
 * @returns {Readonly<Track> | undefined}
 */
export function findTrack(doc, id) {
  return doc.tracks.find((track) => track.id === id);
}

/**
 * The colour of the next new track: the first of the least used ones of the palette.
 * @param {Readonly<Doc>} doc
 * @returns {string}
 */
export function nextColor(doc) {
  return leastUsed(colorCounts(doc.tracks));
}

/**
 * Adds tracks on top. A draft keeps its id if that is free, otherwise it gets the first free one of t1, t2, ...; a
 * draft without a colour gets the next one of the palette.
 * @param {Readonly<Doc>} doc
 * @param {readonly TrackDraft[]} drafts
 * @returns {{doc: Readonly<Doc>, ids: string[]}} ids in the order of the drafts
 */
export function addTracks(doc, drafts) {
  const made = newTracks(doc, drafts);
  return { doc: withTracks(doc, [...doc.tracks, ...made]), ids: made.map((track) => track.id) };
}

/**
 * Adds one track on top: addTrack(doc, {points: [{x: 0.5, y: 0.5}]}).
 * @param {Readonly<Doc>} doc
 * @param {TrackDraft} draft
 * @returns {{doc: Readonly<Doc>, id: string}}
 */
export function addTrack(doc, draft) {
  const added = addTracks(doc, [draft]);
  return { doc: added.doc, id: added.ids[0] };
}

/**
 * Makes the same changes to several tracks. Three changes do more, to keep the result valid and its look unchanged:
 * - kind "anchor" keeps the first point only;
 * - spline "bezier" adds handles that keep the curve, if the points have none;
 * - timing "keys" sets the times at which the track currently reaches its points, if times are missing or do not rise.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {TrackChanges} changes start and end have to be in order after the change
 * @param {Size} [size] in which arc lengths are measured for "keys"; by default the canvas, or a square without one
 * @returns {Readonly<Doc>}
 */
export function updateTracks(doc, ids, changes, size) {
  const checked = checkedChanges(changes, CHANGEABLE);
  return updateEachTrack(doc, ids, () => checked, size);
}

/**
 * As `updateTracks`, with changes that depend on the track.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {(track: Readonly<Track>, index: number) => TrackChanges} changesOf a track, and its index among `ids`
 * @param {Size} [size]
 * @returns {Readonly<Doc>}
 */
export function updateEachTrack(doc, ids, changesOf, size = doc.canvas ?? { width: 1, height: 1 }) {
  const indices = new Map(ids.map((id, index) => [id, index]));
  return mapTracks(doc, ids, (track) => {
    const changes = checkedChanges(changesOf(track, indices.get(track.id) ?? 0), CHANGEABLE);
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    if (given.every(([key, value]) => track[/** @type {keyof Track} */ (key)] === value)) return track;
    const { start = track.start, end = track.end, visible = track.visible } = changes;
    const points = convertedPoints(track, changes, size);
    const copied =
      visible === track.visible ? visible : visible.map(([from, to]) => /** @type {const} */ ([tidy(from), tidy(to)]));
    const changed = { ...track, ...Object.fromEntries(given), points, start: tidy(start), end: tidy(end) };
    return tidyTrack({ ...changed, visible: copied });
  });
}

/**
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @returns {Readonly<Doc>}
 */
export function removeTracks(doc, ids) {
  const chosen = new Set(ids);
  return withTracks(
    doc,
    doc.tracks.filter((track) => !chosen.has(track.id)),
  );
}

/**
 * Copies, each right above its original, with new colours.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {XY} [offset] by which the copies are moved, fractions of the picture
 * @returns {{doc: Readonly<Doc>, ids: string[]}} the copies' ids
 */
export function duplicateTracks(doc, ids, offset = HERE) {
  const originals = chosenTracks(doc, ids);
  const moved = originals.map((track) => movedBy(track, offset));
  const copies = newTracks(doc, recolored(moved, [...doc.tracks, ...(doc.objects ?? [])]));
  const above = new Map(originals.map((track, k) => [track, copies[k]]));
  const tracks = doc.tracks.flatMap((track) => [track, above.get(track) ?? []].flat());
  return { doc: withTracks(doc, tracks), ids: copies.map((track) => track.id) };
}

/**
 * Mirrors tracks about the middle of all their points.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {'h' | 'v'} axis "h" swaps left and right, "v" top and bottom
 * @returns {Readonly<Doc>}
 */
export function mirrorTracks(doc, ids, axis) {
  const side = axis === 'h' ? 'x' : 'y';
  let [low, high] = [Infinity, -Infinity];
  for (const { points } of chosenTracks(doc, ids)) {
    for (const point of points) [low, high] = [Math.min(low, point[side]), Math.max(high, point[side])];
  }
  /** @param {XY | undefined} offset */
  const flipped = (offset) => offset && { ...offset, [side]: -offset[side] };
  return mapTracks(doc, ids, (track) => ({
    ...track,
    ...changedPin(track, { mirrored: true }),
    ...stretchedSway(track, { x: 1, y: 1, [side]: -1 }),
    points: track.points.map((point) => {
      return makePoint({ ...point, [side]: low + high - point[side], in: flipped(point.in), out: flipped(point.out) });
    }),
  }));
}

/**
 * Reverses the direction of tracks: points, times and handles.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @returns {Readonly<Doc>}
 */
export function reverseTracks(doc, ids) {
  return mapTracks(doc, ids, (track) => {
    if (track.points.length < 2) return track;
    const points = track.points.map((point) => {
      return makePoint({
        ...point,
        t: point.t === undefined ? undefined : tidy(1 - point.t),
        in: point.out,
        out: point.in,
      });
    });
    points.reverse();
    const turned = changedPin(track, { reversed: true });
    return { ...track, ...turned, points: track.timing === 'keys' ? rising(points) : points };
  });
}

/**
 * A Doc with these tracks only, without objects, for the clipboard.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @returns {Readonly<Doc>}
 */
export function copyTracks(doc, ids) {
  return withTracks(withObjectList({ ...doc, horizon: undefined }, []), chosenTracks(doc, ids));
}

/**
 * Adds the tracks of another Doc on top, in their colours.
 * @param {Readonly<Doc>} doc
 * @param {Readonly<Doc>} fragment
 * @param {XY} [offset] by which they are moved, fractions of the picture
 * @returns {{doc: Readonly<Doc>, ids: string[]}} the new tracks' ids
 */
export function paste(doc, fragment, offset = HERE) {
  return addTracks(
    doc,
    fragment.tracks.map((track) => movedBy(track, offset)),
  );
}

/**
 * Drafts as checked tracks with ids and colours that fit `doc`.
 * @param {Readonly<Doc>} doc
 * @param {readonly TrackDraft[]} drafts
 */
function newTracks(doc, drafts) {
  const taken = new Set(doc.tracks.map((track) => track.id));
  const counts = colorCounts(doc.tracks);
  let free = doc.tracks.length;
  return drafts.map((draft) => {
    let id = draft.id;
    while (id === undefined || taken.has(id)) id = `t${(free += 1)}`;
    taken.add(id);
    const color = draft.color ?? leastUsed(counts);
    counts.set(color, (counts.get(color) ?? 0) + 1);
    const points = draft.points.map(makePoint);
    const { visible = [[0, 1]] } = draft;
    const track = {
      ...defaults(0),
      ...draft,
      id,
      color,
      points: draft.timing === 'keys' && firstNotRising(points) > 0 ? rising(points) : points,
      visible: visible.map((interval) => [...interval]),
    };
    return checkedTrack(tidyTrack(/** @type {any} */ (track)));
  });
}

/**
 * @param {Readonly<Track>} track
 * @param {XY} offset
 * @returns {Readonly<Track>}
 */
function movedBy(track, { x, y }) {
  if (x === 0 && y === 0) return track;
  return { ...track, points: track.points.map((point) => makePoint({ ...point, x: point.x + x, y: point.y + y })) };
}
