/** Random operations on objects, for fast-check. */

import fc from 'fast-check';
import { TrajectoryError } from '../../web/core/document.js';
import { EASES, EDITS, OUTLINE_EDGES, SPLINES, TIMINGS } from '../../web/core/limits.js';
import * as editing from '../../web/core/objects/edit.js';
import { defaults } from '../../web/core/text.js';
import { pinKeys } from './arbitraries.js';
import { moveKey, removeKeys, setKey, setPath } from '../../web/core/objects/keys.js';

/** @import {Doc, Motion, ObjectChanges, ObjectDraft, Track} from '../../web/core/types.js' */
/** @import {Operation} from './arbitraries.js' */

const SIZE = { width: 576, height: 320 };
const fraction = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.5));
const place = fc.double({ min: -2, max: 3, noNaN: true });
const xy = fc.record({ x: place, y: place });
const ring = fc.array(xy, { minLength: 1, maxLength: 8 });
const outline = fc.array(ring, { minLength: 1, maxLength: 3 });
const point = fc.record({ x: place, y: place, t: fc.option(fraction, { nil: undefined }) });
const key = fc.record({
  t: fraction, x: place, y: place, rotation: fc.double({ min: -800, max: 800, noNaN: true }),
  scale: fc.double({ min: 0.001, max: 9, noNaN: true }), ease: fc.constantFrom(...EASES),
});
/** @type {fc.Arbitrary<Motion>} */
const motion = fc.oneof(
  fc.record({
    points: fc.array(point, { minLength: 1, maxLength: 5 }),
    spline: fc.constantFrom(...SPLINES),
    timing: fc.constantFrom(...TIMINGS),
    ease: fc.constantFrom(...EASES),
  }),
  fc.record({ keys: fc.array(key, { minLength: 1, maxLength: 4 }).map((keys) => keys.sort((a, b) => a.t - b.t)) }),
);
/** @type {fc.Arbitrary<ObjectDraft>} */
const draft = fc.record({ outline, pivot: xy, motion, name: fc.string() }, { requiredKeys: ['outline'] });
/** @type {fc.Arbitrary<ObjectChanges>} */
const changes = fc.record(
  {
    outline, pivot: xy, motion, name: fc.string(), enabled: fc.boolean(), start: fraction, end: fraction,
    group: fc.constantFrom('', 'g1', 'birds'), edge: fc.constantFrom(...OUTLINE_EDGES),
    grow: fc.double({ min: -1, max: 1, noNaN: true }), feather: fraction, shutter: fraction,
    edit: fc.constantFrom(...EDITS), delay: fc.double({ min: -1, max: 1, noNaN: true }), at: fraction,
    distance: fc.oneof(fc.constant(0), fc.double({ min: 0.05, max: 1100, noNaN: true })),
    followed: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }).chain((times) => fc.record({
      version: fc.constant(/** @type {const} */ (1)),
      outlines: fc.tuple(...times.sort((a, b) => a - b).map((time) => (
        fc.record({ at: fc.constant(time / 9), outline })
      ))),
    })),
    stiff: fc.oneof(outline, fc.constant([])),
    stiffness: fraction, text: fc.constantFrom('', 'a red bird', '鸟\nwith "quotes"'),
    pins: fc.uniqueArray(fc.constantFrom('p1', 'p2', 'p3'), { maxLength: 2 }).chain((ids) => fc.tuple(
      ...ids.map((id) => fc.record({ points: fc.array(point, { minLength: 1, maxLength: 3 }), pin: pinKeys }).map(
        (fields) => /** @type {Track} */ (/** @type {unknown} */ ({ ...defaults(0), ...fields, id })),
      )),
    )),
    shadow: fc.oneof(outline, fc.constant([])), fill_from: fc.oneof(outline, fc.constant([])),
  },
  { requiredKeys: [] },
);
const which = fc.integer({ min: 1, max: 4 }).map((k) => `o${k}`);

/**
 * An operation out of its arguments. One that is refused in words leaves the document as it is.
 * @template T
 * @param {string} name
 * @param {fc.Arbitrary<T>} argument
 * @param {(doc: Readonly<Doc>, argument: T) => Readonly<Doc>} change
 * @returns {fc.Arbitrary<Operation>}
 */
function operation(name, argument, change) {
  return argument.map((value) => ({
    name: `${name} ${fc.stringify(value)}`,
    apply: (doc) => {
      try {
        return change(doc, value);
      } catch (error) {
        if (error instanceof TrajectoryError) return doc;
        throw error;
      }
    },
  }));
}

const anyOperation = fc.oneof(
  operation('addObjects', fc.array(draft, { maxLength: 2 }), (doc, drafts) => editing.addObjects(doc, drafts).doc),
  operation('updateObjects', fc.tuple(which, changes), (doc, [id, value]) => editing.updateObjects(doc, [id], value)),
  operation('removeObjects', which, (doc, id) => editing.removeObjects(doc, [id])),
  operation('duplicateObjects', fc.tuple(which, xy), (doc, [id, by]) => editing.duplicateObjects(doc, [id], by).doc),
  operation('moveObjects', fc.tuple(which, place, place), (doc, [id, x, y]) => editing.moveObjects(doc, [id], x, y)),
  operation('mirrorObjects', fc.tuple(which, fc.constantFrom('h', 'v')), (doc, [id, axis]) => {
    return editing.mirrorObjects(doc, [id], axis === 'h' ? 'h' : 'v');
  }),
  operation('orderObject', fc.tuple(which, fc.nat(5)), (doc, [id, index]) => editing.orderObject(doc, id, index)),
  operation('pasteObjects', which, (doc, id) => editing.pasteObjects(doc, editing.copyObjects(doc, [id])).doc),
  operation('setKey', fc.tuple(which, fraction, key), (doc, [id, f, values]) => setKey(doc, id, f, values, SIZE)),
  operation('setPath', fc.array(xy, { minLength: 1, maxLength: 4 }), (doc, path) => setPath(doc, ['o1', 'o2'], path, 'pchip')),
  operation('moveKey', fc.tuple(which, fc.nat(3), fraction), (doc, [id, k, f]) => moveKey(doc, id, k, f)),
  operation('removeKeys', fc.tuple(which, fc.nat(3)), (doc, [id, k]) => removeKeys(doc, id, [k])),
);

/** A sequence of operations that begins with some objects. */
export const objectOperations = fc
  .tuple(fc.array(draft, { minLength: 1, maxLength: 3 }), fc.array(anyOperation, { maxLength: 15 }))
  .map(([drafts, rest]) => [
    ...drafts.map((each) => ({
      name: 'first objects',
      apply: (/** @type {Readonly<Doc>} */ doc) => {
        try {
          return editing.addObjects(doc, [each]).doc;
        } catch (error) {
          if (error instanceof TrajectoryError) return doc;
          throw error;
        }
      },
    })),
    ...rest,
  ]);
