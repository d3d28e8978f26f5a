/** The editor's state across the graph's undo, which makes a new editor with the text of an earlier step. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTrack, moveSelection, paste, write } from '../../web/core/document.js';
import { State } from '../../web/editor/state.js';
import { LINE } from './drawing.js';

const COMPACT = '{"type":"dragnuwa.trajectories","version":1,"tracks":[]}';

/** Three steps on a value whose text is not as we write it; the page has read each. */
function drawn() {
  const state = new State(() => {});
  state.load(COMPACT);
  const values = [state.value];
  for (let k = 0; k < 3; k += 1) {
    state.apply(addTrack(state.doc, { points: LINE }).doc, 'draw');
    values.push(state.value);
  }
  return { state, values };
}

/** @param {State} before @param {unknown} value */
function after(before, value) {
  const state = new State(() => {});
  state.load(write(state.doc)); // the node's default
  state.earlier = before.memory;
  state.load(value);
  return state;
}

test('each step is found again, with what comes before and after it', () => {
  const { state, values } = drawn();
  values.forEach((value, at) => {
    const next = after(state, value);
    assert.equal(next.value, value);
    for (let k = at; k > 0; k -= 1) next.undo();
    assert.deepEqual([next.value, next.canUndo], [COMPACT, false]);
    for (let k = 0; k < 3; k += 1) next.redo();
    assert.deepEqual([next.value, next.canRedo], [values[3], false]);
  });
});

test('from one editor to the next, and the next', () => {
  const { state, values } = drawn();
  const last = after(after(after(state, values[2]), values[0]), values[3]);
  assert.equal(last.value, values[3]);
  last.undo();
  assert.equal(last.value, values[2]);
});

test('a value that is none of the steps begins anew, and is never taken for one later', () => {
  const { state, values } = drawn();
  const other = '{"type":"dragnuwa.trajectories","version":1,"tracks":[{"points":[{"x":0.5,"y":0.5}]}]}';
  const next = after(state, other);
  assert.deepEqual([next.value, next.canUndo, next.canRedo], [other, false, false]);
  next.load(values[1]);
  assert.deepEqual([next.value, next.canUndo], [values[1], false]);
});

test('a value that is not ours has no steps to keep', () => {
  const state = new State(() => {});
  state.load('not drags');
  assert.equal(state.memory, null);
  assert.equal(after(drawn().state, 'not drags').value, 'not drags');
});

/** What was seen in the upper half of the clip fills it now, and the other way round. */
const TALLER = { x: 0, y: 0, width: 1, height: 2 };
const LOWER = { x: 0, y: 0, width: 1, height: 0.5 };

/** @param {State} state */
const heights = (state) => state.doc.tracks.map(({ points }) => points[0].y);

test('after a change of the clip, undo and redo leave every drag on its spot of the picture', () => {
  const { state, values } = drawn();
  const [{ y }] = LINE;
  state.follow(TALLER);
  assert.deepEqual(heights(state), [2 * y, 2 * y, 2 * y]);
  state.undo();
  assert.deepEqual(heights(state), [2 * y, 2 * y], 'the drag before, not the size before');
  state.apply(addTrack(state.doc, { points: LINE }).doc, 'draw');
  assert.deepEqual(heights(state), [2 * y, 2 * y, y]);
  state.undo();
  state.undo();
  assert.deepEqual(heights(state), [2 * y]);
  state.follow(LOWER);
  assert.equal(state.value, values[1], 'the same text as before, once the clip is the same again');
  state.redo();
  state.redo();
  assert.deepEqual(heights(state), [y, y, y / 2]);
});

test('a gesture after a change of the clip is one step, and can be cancelled', () => {
  const { state } = drawn();
  state.follow(TALLER);
  const { doc } = state;
  for (const dx of [0.1, 0.2, 0]) state.preview(moveSelection(doc, { tracks: ['t1'], points: [] }, dx, 0), 'move');
  assert.deepEqual([state.doc, state.finish()], [doc, false], 'moved there and back');
  state.preview(moveSelection(doc, { tracks: ['t1'], points: [] }, 0.1, 0), 'move');
  state.cancel();
  assert.equal(state.doc, doc);
});

test('the steps of a drawing whose clip was changed are found again after the undo of the graph', () => {
  const { state, values } = drawn();
  state.follow(TALLER);
  const [{ y }] = LINE;
  const taller = after(state, state.value);
  taller.undo();
  assert.deepEqual(heights(taller), [2 * y, 2 * y]);
  const before = after(taller, values[2]); // the graph's undo takes back the change of the clip, too
  before.undo();
  assert.equal(before.value, values[1]);
});

test('undo and redo go back to what was selected', () => {
  const { state } = drawn();
  const chosen = { tracks: ['t2'], points: [{ id: 't1', index: 1 }] };
  state.select(chosen);
  const { doc, ids } = paste(state.doc, state.doc);
  state.apply(doc, 'paste');
  state.select({ tracks: ids });
  state.undo();
  assert.deepEqual(state.selection, chosen);
  state.redo();
  assert.deepEqual(state.selection, { tracks: ids, points: [] });
});
