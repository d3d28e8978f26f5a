/** Replaces tracks by the objects that they carry. */

import { HALF } from '../check.js';
import { removeTracks } from '../document.js';
import { equal } from '../equal.js';
import { addObjects } from './edit.js';
import { asPin, renumbered } from './pins.js';

/** @import {CarriedThing, Doc, Interval, ObjectDraft, Track} from '../types.js' */

/**
 * Replaces tracks by objects with the same motion: along the path of a single track, or by the keys given for several;
 * where they bend it, as its pins.
 * @param {Readonly<Doc>} doc
 * @param {readonly CarriedThing[]} things
 * @returns {{doc: Readonly<Doc>, ids: string[]}} the objects' ids; none for an object whose tracks do not all exist
 */
export function tracksToObjects(doc, things) {
  const tracks = new Map(doc.tracks.map((track) => [track.id, track]));
  const there = things.filter((thing) => thing.tracks.every((id) => tracks.has(id)));
  const drafts = there.map((thing) => {
    return draftOf(thing, thing.tracks.map((id) => /** @type {Readonly<Track>} */ (tracks.get(id))));
  });
  return addObjects(removeTracks(doc, there.flatMap((thing) => thing.tracks)), drafts);
}

/**
 * @param {CarriedThing} thing
 * @param {readonly Readonly<Track>[]} tracks
 * @returns {ObjectDraft}
 */
function draftOf({ outline, keys, at, shapes }, tracks) {
  const [{ color, start, end, spline, timing, ease, points, edit, delay }] = tracks;
  const name = tracks.find((track) => track.name)?.name ?? '';
  const inClip = { ...(edit && { edit }), ...(delay && { delay }), ...(at && { at }) };
  const look = { name, color, visible: anyOf(tracks), outline, ...inClip };
  if (shapes) return { ...look, stiffness: mean(tracks), pins: renumbered(tracks.map(asPin)) };
  if (!keys) return { ...look, start, end, motion: { spline, timing, ease, points } };
  return { ...look, motion: { keys } };
}

/** The stiffness that tracks give together. @param {readonly Readonly<Track>[]} tracks */
const mean = (tracks) => tracks.reduce((sum, { stiffness = HALF }) => sum + stiffness, 0) / tracks.length;

/**
 * When at least one of the tracks is visible.
 * @param {readonly Readonly<Track>[]} tracks
 * @returns {readonly Interval[]}
 */
function anyOf([first, ...others]) {
  if (others.every(({ visible }) => equal(visible, first.visible))) return first.visible;
  return [first, ...others].flatMap(({ visible }) => visible);
}
