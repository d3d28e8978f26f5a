/** Undo and redo beyond what document.test.js tries at random. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTrack, emptyDoc, moveSelection } from '../../web/core/document.js';
import { canRedo, canUndo, create, goTo, push, redo, undo } from '../../web/core/history.js';

const POINT = { x: 0.5, y: 0.5 };

/** @param {number} steps @param {number} points in the track that each step changes */
function long(steps, points) {
  let { doc } = addTrack(emptyDoc(), { points: Array(points).fill(POINT) });
  let history = create(doc);
  for (let k = 0; k < steps; k += 1) {
    doc = moveSelection(doc, { tracks: ['t1'], points: [] }, 0.0001, 0);
    history = push(history, doc, `step ${k}`);
  }
  return history;
}

test('a new step forgets what could be redone; the same document is no step', () => {
  const history = undo(long(3, 1));
  assert.equal(canRedo(history), true);
  assert.equal(push(history, history.present.doc, 'nothing'), history);
  const branched = push(history, emptyDoc(), 'clear');
  assert.deepEqual([canRedo(branched), canUndo(branched), branched.past.length], [false, true, 3]);
});

test('undo and redo stop at the ends', () => {
  const history = create(emptyDoc());
  assert.deepEqual([undo(history), redo(history)], [history, history]);
  assert.deepEqual([canUndo(history), canRedo(history)], [false, false]);
});

test('any step can be gone to, and nothing is forgotten', () => {
  const history = long(5, 1);
  const docs = [...history.past, history.present].map((step) => step.doc);
  for (const doc of docs) {
    const there = goTo(goTo(history, docs[2]), doc);
    assert.equal(there.present.doc, doc);
    assert.deepEqual([...there.past, there.present, ...there.future].map((step) => step.doc), docs);
  }
  assert.equal(goTo(history, emptyDoc()), history);
});

test('the last 1000 steps are kept, and 200 large ones', () => {
  assert.equal(long(1050, 2).past.length, 1000);
  assert.ok(long(250, 5000).past.length >= 200);
});

test('the bytes are bounded', () => {
  const history = long(250, 10000);
  const bytes = [...history.past, history.present].reduce((sum, step) => sum + step.bytes, 0);
  assert.ok(bytes <= 128 * 2 ** 20);
  assert.ok(history.past.length > 50);
});
