/** Drags and anchors as pins of an object, which bend it, and back. */

import { addTracks, removeTracks } from '../document.js';
import { findObject, updateObjects } from './edit.js';

/** @import {Doc, Track} from '../types.js' */

/**
 * A track as a pin: whether it bends anything is no longer a question.
 * @param {Readonly<Track>} track
 * @returns {Readonly<Track>}
 */
export function asPin(track) {
  const pin = { ...track };
  delete pin.bend;
  return pin;
}

/**
 * Makes tracks pins of an object.
 * @param {Readonly<Doc>} doc
 * @param {string} id the object's
 * @param {readonly string[]} tracks ids
 * @returns {Readonly<Doc>}
 */
export function tracksToPins(doc, id, tracks) {
  const object = findObject(doc, id);
  const chosen = new Set(tracks);
  const taken = doc.tracks.filter((track) => chosen.has(track.id));
  if (!object || taken.length === 0) return doc;
  const pins = renumbered([...object.pins ?? [], ...taken.map(asPin)]);
  return updateObjects(removeTracks(doc, tracks), [id], { pins });
}

/**
 * Makes the pins of an object tracks again, which bend what they lie on.
 * @param {Readonly<Doc>} doc
 * @param {string} id the object's
 * @returns {{doc: Readonly<Doc>, ids: string[]}} the tracks' ids
 */
export function pinsToTracks(doc, id) {
  const pins = findObject(doc, id)?.pins ?? [];
  const drafts = pins.map((pin) => ({ ...pin, bend: /** @type {const} */ ('on') })); // their ids are free, or changed
  return addTracks(updateObjects(doc, [id], { pins: [] }), drafts);
}

/** Pins with ids p1, p2, ..., which are unique in their object. @param {readonly Readonly<Track>[]} pins */
export const renumbered = (pins) => pins.map((pin, k) => ({ ...pin, id: `p${k + 1}` }));
