/** Random documents, and random operations on them, for fast-check. */

import fc from 'fast-check';
import * as editing from '../../web/core/document.js';
import { removePoints } from '../../web/core/points.js';
import { scaleSelection } from '../../web/core/selection.js';
import { BENDS, EASES, EDITS, KINDS, OVERS, SPLINES, TIMINGS } from '../../web/core/limits.js';
import { PRESETS } from '../../web/core/presets.js';

/** @import {Doc, Point, Selection, TrackChanges, TrackDraft} from '../../web/core/types.js' */

/**
 * A change of a document, with its name for the counterexample.
 * @typedef {{name: string, apply: (doc: Readonly<Doc>) => Readonly<Doc>}} Operation
 */

const SIZE = { width: 576, height: 320 };
const fraction = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.5));
const place = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -0.5, max: 1.5, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: -2e4, max: 2e4, noNaN: true }) },
);
const offset = fc.option(fc.record({ x: place, y: place }), { nil: undefined });
/** @type {fc.Arbitrary<Point>} */
const point = fc.record({ x: place, y: place, t: fc.option(fraction, { nil: undefined }), in: offset, out: offset });
const interval = fc.tuple(fraction, fraction).map(([a, b]) => /** @type {const} */ ([Math.min(a, b), Math.max(a, b)]));
const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
const name = fc.string({ unit: 'grapheme', maxLength: 20 });

/** How a pin turns and scales what is around it. */
export const pinKeys = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }).chain((times) => fc.tuple(
  ...times.sort((a, b) => a - b).map((time) => fc.record({
    at: fc.constant(time / 9), turn: fc.double({ min: -800, max: 800, noNaN: true }),
    scale: fc.double({ min: 0.02, max: 9, noNaN: true }),
  })),
));

/** @type {fc.Arbitrary<TrackChanges>} */
const changes = fc.record(
  {
    name,
    color,
    enabled: fc.boolean(),
    kind: fc.constantFrom(...KINDS),
    spline: fc.constantFrom(...SPLINES),
    timing: fc.constantFrom(...TIMINGS),
    start: fraction,
    end: fraction,
    ease: fc.constantFrom(...EASES),
    visible: fc.array(interval, { maxLength: 3 }),
    edit: fc.constantFrom(...EDITS),
    delay: fc.double({ min: -1, max: 1, noNaN: true }),
    bend: fc.constantFrom(...BENDS),
    over: fc.constantFrom(...OVERS),
    stays: fraction,
    stiffness: fraction,
    pin: pinKeys,
  },
  { requiredKeys: [] },
);

/** @type {fc.Arbitrary<TrackDraft>} */
export const draft = fc
  .record({
    points: fc.array(point, { minLength: 1, maxLength: 6 }),
    spline: fc.constantFrom(...SPLINES),
    timing: fc.constantFrom(...TIMINGS),
  })
  .chain((fields) => fc.constantFrom(fields, { ...fields, color: '#123456', name: 'a', id: 't3' }));

/** Numbers that choose tracks and points of whatever document there is. */
const pick = fc.array(fc.nat(1000), { maxLength: 4 });

/**
 * @param {Readonly<Doc>} doc
 * @param {readonly number[]} picks
 */
function idsOf(doc, picks) {
  const count = doc.tracks.length;
  return picks.map((k) => (k === 1000 || count === 0 ? 'not there' : doc.tracks[k % count].id));
}

/**
 * @param {Readonly<Doc>} doc
 * @param {readonly number[]} picks
 * @returns {Selection}
 */
export function selectionOf(doc, picks) {
  const ids = idsOf(doc, picks);
  const points = ids.map((id, k) => ({ id, index: picks[k] % (editing.findTrack(doc, id)?.points.length ?? 1) }));
  return { tracks: ids.slice(0, picks.length >> 1), points: points.slice(picks.length >> 1) };
}

/**
 * An operation out of its arguments. One that is refused in words leaves the document as it is.
 * @template T
 * @param {string} label
 * @param {fc.Arbitrary<T>} argument
 * @param {(doc: Readonly<Doc>, argument: T) => Readonly<Doc>} change
 * @returns {fc.Arbitrary<Operation>}
 */
function operation(label, argument, change) {
  return argument.map((value) => ({
    name: `${label} ${fc.stringify(value)}`,
    apply: (doc) => {
      try {
        return change(doc, value);
      } catch (error) {
        if (error instanceof editing.TrajectoryError) return doc;
        throw error;
      }
    },
  }));
}

const rect = fc.record({ x: place, y: place, width: fraction, height: fraction });

/** Any operation of the editor. */
export const anyOperation = fc.oneof(
  operation('addTrack', draft, (doc, value) => editing.addTrack(doc, value).doc),
  operation('addTracks', fc.array(draft, { maxLength: 3 }), (doc, value) => editing.addTracks(doc, value).doc),
  operation(
    'preset',
    fc.constantFrom(...PRESETS),
    (doc, preset) => editing.addTracks(doc, preset.make(SIZE).slice(0, 3)).doc,
  ),
  operation('updateTracks', fc.tuple(pick, changes), (doc, [k, value]) =>
    editing.updateTracks(doc, idsOf(doc, k), value),
  ),
  operation(
    'setSpan',
    fc.tuple(pick, fc.record({ start: place, end: place }, { requiredKeys: [] }), fraction),
    (doc, [k, span, gap]) => {
      return editing.setSpan(doc, idsOf(doc, k), span, gap);
    },
  ),
  operation('shiftSpan', fc.tuple(pick, place), (doc, [k, by]) => editing.shiftSpan(doc, idsOf(doc, k), by)),
  operation('setHorizon', fc.option(fc.double({ min: -9, max: 2, noNaN: true }), { nil: undefined }), editing.setHorizon),
  operation('removeTracks', pick, (doc, k) => editing.removeTracks(doc, idsOf(doc, k))),
  operation(
    'duplicateTracks',
    fc.tuple(pick, offset),
    (doc, [k, by]) => editing.duplicateTracks(doc, idsOf(doc, k), by).doc,
  ),
  operation('mirrorTracks', fc.tuple(pick, fc.constantFrom('h', 'v')), (doc, [k, axis]) => {
    return editing.mirrorTracks(doc, idsOf(doc, k), axis === 'h' ? 'h' : 'v');
  }),
  operation('reverseTracks', pick, (doc, k) => editing.reverseTracks(doc, idsOf(doc, k))),
  operation(
    'paste',
    fc.tuple(pick, offset),
    (doc, [k, by]) => editing.paste(doc, editing.copyTracks(doc, idsOf(doc, k)), by).doc,
  ),
  operation('insertPoint', fc.tuple(fc.nat(1000), fc.nat(6), point), (doc, [k, index, value]) => {
    return editing.insertPoint(doc, idsOf(doc, [k])[0], index, value);
  }),
  operation('splitSegment', fc.tuple(fc.nat(1000), fraction), (doc, [k, way]) => {
    const [id] = idsOf(doc, [k]);
    return editing.splitSegment(doc, id, way * ((editing.findTrack(doc, id)?.points.length ?? 1) - 1));
  }),
  operation(
    'updatePoints',
    fc.tuple(pick, fc.record({ x: place, y: place, t: place, in: offset, out: offset }, { requiredKeys: [] })),
    (doc, [k, value]) => {
      return editing.updatePoints(
        doc,
        selectionOf(doc, k).points.map((ref) => ({ ...ref, changes: value })),
      );
    },
  ),
  operation('moveSelection', fc.tuple(pick, place, place), (doc, [k, dx, dy]) =>
    editing.moveSelection(doc, selectionOf(doc, k), dx, dy),
  ),
  operation('scaleSelection', fc.tuple(pick, rect, rect), (doc, [k, from, to]) =>
    scaleSelection(doc, selectionOf(doc, k), from, to),
  ),
  operation('removePoints', pick, (doc, k) => removePoints(doc, selectionOf(doc, k).points)),
  operation('removeSelection', pick, (doc, k) => editing.removeSelection(doc, selectionOf(doc, k))),
);

/** A sequence of operations, growing more than shrinking. */
export const operations = fc
  .tuple(fc.array(draft, { minLength: 1, maxLength: 3 }), fc.array(anyOperation, { maxLength: 25 }))
  .map(([drafts, rest]) => [
    { name: 'first tracks', apply: (/** @type {Readonly<Doc>} */ doc) => editing.addTracks(doc, drafts).doc },
    ...rest,
  ]);

/**
 * The documents after each operation, the empty one first.
 * @param {readonly Operation[]} sequence
 */
export function documents(sequence) {
  const docs = [editing.emptyDoc()];
  for (const { apply } of sequence) docs.push(apply(docs[docs.length - 1]));
  return docs;
}
