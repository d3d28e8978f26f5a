/**
 * Objects in place of the tracks that carry them, tracks as pins of an object, which bend it, and back; and objects as
 * tracks, identical to the library's, for models that only know tracks.
 */

import { HALF } from '../check.js';
import { addTracks, removeTracks } from '../document.js';
import { equal } from '../equal.js';
import { MAX_NAME } from '../limits.js';
import { frameAt } from './corrections.js';
import { addObjects, findObject, updateObjects } from './edit.js';
import { interiorPoints } from './interior.js';
import { applied, pathTrack, transformFunction } from './sampling.js';

/** @import {Doc, FoundOutline, Interval, MotionObject, ObjectDraft, Point, Region, Ring, Track} from '../types.js' */

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
  const [{ color, start, end, spline, timing, ease, points, loop, sway }] = tracks;
  const name = tracks.find((track) => track.name)?.name ?? '';
  const { edit, delay } = tracks.find((track) => track.points.length > 1) ?? tracks[0]; // an anchor says nothing of it
  const { at } = region;
  const inClip = { ...(edit && { edit }), ...(delay && { delay }), ...(at && { at }) };
  const look = { name, color, visible: anyOf(tracks), outline: drawnRings(region), ...inClip };
  if (bends) return { ...look, stiffness: mean(tracks), pins: renumbered(tracks.map(asPin)) };
  if (!keys) {
    const swaying = sway && { amount: sway.amount, times: sway.times, phase: sway.phase, waves: 0 };
    return { ...look, start, end, motion: { spline, timing, ease, points }, loop, sway: swaying };
  }
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

/**
 * A track as a pin: whether it bends anything is no longer a question.
 * @param {Readonly<Track>} track
 * @returns {Readonly<Track>}
 */
function asPin(track) {
  const pin = { ...track };
  delete pin.bend;
  return pin;
}

/**
 * Makes tracks pins of an object.
 * @param {Readonly<Doc>} doc
 * @param {string} id the object's
 * @param {readonly Readonly<Track>[]} tracks of the drawing, as they are in the frame in which the object was drawn
 * @returns {Readonly<Doc>}
 */
export function tracksToPins(doc, id, tracks) {
  const object = findObject(doc, id);
  if (!object || tracks.length === 0) return doc;
  const pins = renumbered([...object.pins ?? [], ...tracks.map(asPin)]);
  return updateObjects(removeTracks(doc, tracks.map((track) => track.id)), [id], { pins });
}

/**
 * Makes the pins of an object tracks again, which bend what they lie on.
 * @param {Readonly<Doc>} doc
 * @param {string} id the object's
 * @param {(pin: Readonly<Track>) => Readonly<Track>} [there] a pin as it is in the frame in which it begins
 * @returns {{doc: Readonly<Doc>, ids: string[]}} the tracks' ids
 */
export function pinsToTracks(doc, id, there = (pin) => pin) {
  const pins = findObject(doc, id)?.pins ?? [];
  // Their ids are free, or changed.
  const drafts = pins.map((pin) => ({ ...there(pin), bend: /** @type {const} */ ('on') }));
  return addTracks(updateObjects(doc, [id], { pins: [] }), drafts);
}

/** Pins with ids p1, p2, ..., which are unique in their object. @param {readonly Readonly<Track>[]} pins */
const renumbered = (pins) => pins.map((pin, k) => ({ ...pin, id: `p${k + 1}` }));

const REST = 1e-9; // tolerance, in pixels and scale, for an object at rest

/** @typedef {{readonly width: number, readonly height: number, readonly frames: number}} Clip */

/**
 * The enabled tracks, followed by those of the enabled objects.
 * @param {Readonly<Doc>} doc
 * @param {Clip} clip
 * @returns {Readonly<Track>[]}
 */
export function allTracks({ tracks, objects = [] }, clip) {
  const drawn = tracks.filter((track) => track.enabled);
  return [...drawn, ...objects.filter((object) => object.enabled).flatMap((object) => objectTracks(object, clip))];
}

/**
 * The tracks of one object, one for each of its places. Along a drawn path they are curves like it; by keys they have
 * one point per frame.
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @returns {Readonly<Track>[]}
 */
function objectTracks(object, clip) {
  return moved(object, clip).map((track, k) => ({
    ...track,
    id: `${[...object.id].slice(0, MAX_NAME - 4).join('')}.${k + 1}`,
  }));
}

/**
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @returns {Readonly<Track>[]}
 */
function moved(object, { width, height, frames }) {
  const places = interiorPoints(object.outline, width, height);
  const { motion } = object;
  if ('points' in motion) {
    const path = pathTrack(object, motion);
    const [first] = path.points;
    return places.map(({ x, y }) => {
      const [dx, dy] = [x / width - first.x, y / height - first.y];
      return { ...path, points: path.points.map((point) => ({ ...point, x: point.x + dx, y: point.y + dy })) };
    });
  }
  const transform = transformFunction(object, width, height);
  const steps = Array.from({ length: frames }, (_, i) => transform(i / (frames - 1)));
  const rests = steps.every(({ re, im, x0, y0 }) => {
    return Math.hypot(re - 1, im) < REST && Math.hypot(x0, y0) < REST;
  });
  return places.map((place) => {
    const points = (rests ? steps.slice(0, 1) : steps).map((step) => {
      const { x, y } = applied(step, place);
      return /** @type {Point} */ ({ x: x / width, y: y / height });
    });
    return sampledTrack(object, points);
  });
}

/**
 * @param {Readonly<MotionObject>} object
 * @param {readonly Readonly<Point>[]} points
 * @returns {Readonly<Track>}
 */
function sampledTrack(object, points) {
  const once = { ...object, loop: undefined }; // its points are those of each frame
  const path = pathTrack(once, { spline: 'linear', points, timing: 'points', ease: 'linear' });
  return { ...path, start: 0, end: 1 };
}
