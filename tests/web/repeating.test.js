/** What the editor shows of motions that repeat. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyDoc, addTracks, updateEachTrack } from '../../web/core/document.js';
import { pinAt } from '../../web/editor/objects/bending.js';

const AT = { points: [{ x: 0.5, y: 0.5 }] };
const CLOSED = /** @type {const} */ ({ mode: 'closed', times: 1 });

/** @param {object} fields */
const pinWith = (fields) => addTracks(emptyDoc({ width: 100, height: 100 }), [{ ...AT, ...fields }]).doc.tracks[0];

test('a pin shows its turn on the way back, and at its keys', () => {
  const turns = pinWith({ loop: CLOSED, pin: [{ at: 1, turn: 90, scale: 1 }] });
  assert.equal(pinAt(turns, 0.75).turn, 90); // the last quarter leads back
  assert.equal(pinAt(turns, 0.375).turn, 45);
  const returns = pinWith({ loop: CLOSED, pin: [{ at: 0.5, turn: 90, scale: 1 }, { at: 1, turn: 0, scale: 1 }] });
  assert.equal(pinAt(returns, 0.5).turn, 90); // it ends where it began: nothing leads back
  assert.equal(pinAt(returns, 0.75).turn, 45);
});

test('changes that depend on the track are made in one pass, by the order of the ids', () => {
  const { doc, ids } = addTracks(emptyDoc({ width: 100, height: 100 }), [AT, AT, AT]);
  const changed = updateEachTrack(doc, [ids[2], ids[0]], ({ id }, index) => ({ name: `${id} ${index}` }));
  assert.deepEqual(changed.tracks.map(({ name }) => name), [`${ids[0]} 1`, '', `${ids[2]} 0`]);
  assert.throws(() => updateEachTrack(doc, ids, () => /** @type {any} */ ({ points: [] })));
});
