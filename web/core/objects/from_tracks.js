/** Replaces tracks by the objects that they carry. */

import { HALF } from '../check.js';
import { removeTracks } from '../document.js';
import { equal } from '../equal.js';
import { frameAt } from './corrections.js';
import { addObjects } from './edit.js';
import { asPin, renumbered } from './pins.js';

/** @import {Doc, FoundOutline, Interval, ObjectDraft, Region, Ring, Track} from '../types.js' */

/** @param {FoundOutline} outline @returns {Ring[]} */
export const toRings = (outline) => outline.map((ring) => ring.map(([x, y]) => ({ x, y })));

/** Where a region was drawn. @param {Region} region */
export const drawnRings = ({ seen, at }) => toRings(seen[frameAt(at, seen.length)] ?? []);

/**
 * Replaces tracks by objects with the same motion: along the path of a single track, or by the keys given for several;
 * where they bend it, as its pins.
 * @param {Readonly<Doc>} doc
 * @param {readonly Region[]} regions
 * @returns {{doc: Readonly<Doc>, ids: string[]}} the objects' ids; none for an object whose tracks do not all exist
 */
export function tracksToObjects(doc, regions) {
  const tracks = new Map(doc.tracks.map((track) => [track.id, track]));
  const there = regions.filter((region) => region.tracks?.every((id) => tracks.has(id)));
  const drafts = there.map((region) => draftOf(region, region.tracks?.flatMap((id) => tracks.get(id) ?? []) ?? []));
  return addObjects(removeTracks(doc, there.flatMap((region) => region.tracks ?? [])), drafts);
}

/**
 * @param {Region} region
 * @param {readonly Readonly<Track>[]} tracks
 * @returns {ObjectDraft}
 */
function draftOf({ keys, bends, ...region }, tracks) {
  const [{ color, start, end, spline, timing, ease, points, edit, delay }] = tracks;
  const name = tracks.find((track) => track.name)?.name ?? '';
  const { at } = region;
  const inClip = { ...(edit && { edit }), ...(delay && { delay }), ...(at && { at }) };
  const look = { name, color, visible: anyOf(tracks), outline: drawnRings(region), ...inClip };
  if (bends) return { ...look, stiffness: mean(tracks), pins: renumbered(tracks.map(asPin)) };
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
