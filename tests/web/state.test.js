/** The editor's state across the graph's undo, which makes a new editor with the text of an earlier step. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTrack, write } from '../../web/core/document.js';
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
