/**
 * Undo and redo, one step per gesture. A history is an immutable value, like the documents in it: to cancel a gesture,
 * restore the history from before it.
 */

import { countObjectPoints } from './objects/text.js';
import { equal } from './equal.js';
import { WHOLE, movedTo, samePlace } from './placement.js';

/** @import {CameraTurn, Doc, History, HistoryStep, Rect, Selection, Track} from './types.js' */

/** Maximum number of undo steps, as long as they fit into MAX_BYTES; the oldest are dropped first. */
const MAX_STEPS = 1000;
/** Limit on the estimated bytes of all steps. 200 steps fit unless each changes more than about 5,000 points. */
const MAX_BYTES = 128 * 2 ** 20;

const BYTES_PER_POINT = 120; // measured in V8: two numbers, sometimes a third and two handles, and the reference to it
const BYTES_PER_TRACK = 400;

/**
 * A history without steps.
 * @param {Readonly<Doc>} doc
 * @returns {Readonly<History>}
 */
export function create(doc) {
  return { past: [], present: { doc, label: '', bytes: 0, place: WHOLE }, future: [] };
}

/**
 * Adds a step and drops the redo steps. Returns the same history if `doc` is the present document.
 * @param {Readonly<History>} history
 * @param {Readonly<Doc>} doc
 * @param {string} label names the change, for a menu or an ARIA message
 * @param {{place?: Rect, selection?: Selection}} [notes] the place of the new step; the selection before it
 * @returns {Readonly<History>}
 */
export function push(history, doc, label, { place = history.present.place, selection } = {}) {
  const { past, present } = history;
  if (doc === present.doc) return history;
  const step = { doc, label, bytes: newBytes(doc, present.doc), place };
  return { past: bounded([...past, { ...present, selection }], step.bytes), present: step, future: [] };
}

/**
 * Adds a step that turns a camera, and leaves the drawing as it is.
 * @param {Readonly<History>} history
 * @param {CameraTurn} camera
 * @returns {Readonly<History>}
 */
export function pushTurn({ past, present }, camera) {
  const step = { ...present, label: 'camera', bytes: 0, camera };
  return { past: bounded([...past, present], 0), present: step, future: [] };
}

/**
 * What a camera's inputs are after going from one history to one that is a step away.
 * @param {Readonly<History>} from
 * @param {Readonly<History>} to
 */
export function turnBetween(from, to) {
  return to.past.length < from.past.length ? from.present.camera?.before : to.present.camera?.after;
}

/** @param {Readonly<History>} history */
export const canUndo = (history) => history.past.length > 0;

/** @param {Readonly<History>} history */
export const canRedo = (history) => history.future.length > 0;

/**
 * One step back; the same history if there is none.
 * @param {Readonly<History>} history
 * @param {Selection} [selection] of now, for the way back
 * @returns {Readonly<History>}
 */
export function undo({ past, present, future }, selection) {
  const before = past.at(-1);
  if (!before) return { past, present, future };
  return { past: past.slice(0, -1), present: before, future: [{ ...present, selection }, ...future] };
}

/**
 * One step forward; the same history if there is none.
 * @param {Readonly<History>} history
 * @param {Selection} [selection] of now, for the way back
 * @returns {Readonly<History>}
 */
export function redo({ past, present, future }, selection) {
  const [next, ...rest] = future;
  if (!next) return { past, present, future };
  return { past: [...past, { ...present, selection }], present: next, future: rest };
}

/**
 * The history at another of its steps; no step is dropped.
 * @param {Readonly<History>} history
 * @param {Readonly<Doc>} doc of a step
 * @returns {Readonly<History>} the same one if no step has this document
 */
export function goTo(history, doc) {
  const { past, present, future } = history;
  const steps = [...past, present, ...future];
  const at = steps.findLastIndex((step) => step.doc === doc);
  if (at < 0 || at === past.length) return history;
  return { past: steps.slice(0, at), present: steps[at], future: steps.slice(at + 1) };
}

/**
 * The step with a document, placed in one of the clips that the drawing has been in.
 * @param {Readonly<History>} history
 * @param {Rect} last its last place, tried first
 * @param {Readonly<Doc>} said
 * @returns {{doc: Readonly<Doc>, own: Rect, place: Rect} | undefined} the step's own document and place, and the place
 *   in which it matches
 */
export function stepOf({ past, present, future }, last, said) {
  const steps = [present, ...past.toReversed(), ...future];
  const places = [last, ...steps.map(({ place }) => place)];
  for (const place of places.filter((one, k) => places.findIndex((other) => samePlace(one, other)) === k)) {
    const step = steps.find(({ doc, place: own }) => equal(movedTo(doc, own, place), said));
    if (step) return { doc: step.doc, own: step.place, place };
  }
  return undefined;
}

/**
 * The memory that `doc` adds: its tracks and objects that `before` does not share.
 * @param {Readonly<Doc>} doc
 * @param {Readonly<Doc>} before
 */
function newBytes(doc, before) {
  /** @type {Set<Readonly<Track>>} */
  const shared = new Set(before.tracks);
  const added = doc.tracks.filter((track) => !shared.has(track));
  const sharedObjects = new Set(before.objects);
  const addedObjects = (doc.objects ?? []).filter((object) => !sharedObjects.has(object));
  const points = [...added.map((track) => track.points.length), ...addedObjects.map(countObjectPoints)];
  return points.reduce(
    (sum, count) => sum + BYTES_PER_TRACK + BYTES_PER_POINT * count,
    8 * (doc.tracks.length + (doc.objects?.length ?? 0)), // the arrays of references
  );
}

/**
 * @param {HistoryStep[]} past
 * @param {number} bytes of the step after them
 */
function bounded(past, bytes) {
  let first = past.length;
  let total = bytes;
  while (first > 0 && past.length - first < MAX_STEPS) {
    total += past[first - 1].bytes;
    if (total > MAX_BYTES) break;
    first -= 1;
  }
  return past.slice(first);
}
