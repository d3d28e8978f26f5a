/** The editor's session across the graph's undo, which makes a new editor with the text of an earlier step. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTrack, moveSelection, paste, write } from '../../web/core/document.js';
import { Session } from '../../web/editor/session.js';
import { LINE } from './drawing.js';

const COMPACT = '{"type":"dragnuwa.trajectories","version":1,"tracks":[]}';

/** Three steps on a value whose text is not as we write it; the page has read each. */
function drawn() {
  const session = new Session(() => {});
  session.load(COMPACT);
  const values = [session.value];
  for (let k = 0; k < 3; k += 1) {
    session.apply(addTrack(session.doc, { points: LINE }).doc, 'draw');
    values.push(session.value);
  }
  return { session, values };
}

/** @param {Session} before @param {unknown} value */
function after(before, value) {
  const session = new Session(() => {});
  session.load(write(session.doc)); // the node's default
  session.earlier = before.memory;
  session.load(value);
  return session;
}

test('each step is found again, with what comes before and after it', () => {
  const { session, values } = drawn();
  values.forEach((value, at) => {
    const next = after(session, value);
    assert.equal(next.value, value);
    for (let k = at; k > 0; k -= 1) next.undo();
    assert.deepEqual([next.value, next.canUndo], [COMPACT, false]);
    for (let k = 0; k < 3; k += 1) next.redo();
    assert.deepEqual([next.value, next.canRedo], [values[3], false]);
  });
});

test('from one editor to the next, and the next', () => {
  const { session, values } = drawn();
  const last = after(after(after(session, values[2]), values[0]), values[3]);
  assert.equal(last.value, values[3]);
  last.undo();
  assert.equal(last.value, values[2]);
});

test('a value that is none of the steps begins anew, and is never taken for one later', () => {
  const { session, values } = drawn();
  const other = '{"type":"dragnuwa.trajectories","version":1,"tracks":[{"points":[{"x":0.5,"y":0.5}]}]}';
  const next = after(session, other);
  assert.deepEqual([next.value, next.canUndo, next.canRedo], [other, false, false]);
  next.load(values[1]);
  assert.deepEqual([next.value, next.canUndo], [values[1], false]);
});

test('a value that is not ours has no steps to keep', () => {
  const session = new Session(() => {});
  session.load('not drags');
  assert.equal(session.memory, null);
  assert.equal(after(drawn().session, 'not drags').value, 'not drags');
});

/** What was seen in the upper half of the clip fills it now, and the other way round. */
const TALLER = { x: 0, y: 0, width: 1, height: 2 };
const LOWER = { x: 0, y: 0, width: 1, height: 0.5 };

/** @param {Session} session */
const heights = (session) => session.doc.tracks.map(({ points }) => points[0].y);

test('after a change of the clip, undo and redo leave every drag on its spot of the picture', () => {
  const { session, values } = drawn();
  const [{ y }] = LINE;
  session.follow(TALLER);
  assert.deepEqual(heights(session), [2 * y, 2 * y, 2 * y]);
  session.undo();
  assert.deepEqual(heights(session), [2 * y, 2 * y], 'the drag before, not the size before');
  session.apply(addTrack(session.doc, { points: LINE }).doc, 'draw');
  assert.deepEqual(heights(session), [2 * y, 2 * y, y]);
  session.undo();
  session.undo();
  assert.deepEqual(heights(session), [2 * y]);
  session.follow(LOWER);
  assert.equal(session.value, values[1], 'the same text as before, once the clip is the same again');
  session.redo();
  session.redo();
  assert.deepEqual(heights(session), [y, y, y / 2]);
});

test('a gesture after a change of the clip is one step, and can be cancelled', () => {
  const { session } = drawn();
  session.follow(TALLER);
  const { doc } = session;
  for (const dx of [0.1, 0.2, 0]) session.preview(moveSelection(doc, { tracks: ['t1'], points: [] }, dx, 0), 'move');
  assert.deepEqual([session.doc, session.finish()], [doc, false], 'moved there and back');
  session.preview(moveSelection(doc, { tracks: ['t1'], points: [] }, 0.1, 0), 'move');
  session.cancel();
  assert.equal(session.doc, doc);
});

test('the steps of a drawing whose clip was changed are found again after the undo of the graph', () => {
  const { session, values } = drawn();
  session.follow(TALLER);
  const [{ y }] = LINE;
  const taller = after(session, session.value);
  taller.undo();
  assert.deepEqual(heights(taller), [2 * y, 2 * y]);
  const before = after(taller, values[2]); // the graph's undo takes back the change of the clip, too
  before.undo();
  assert.equal(before.value, values[1]);
});

test('undo and redo go back to what was selected', () => {
  const { session } = drawn();
  const chosen = { tracks: ['t2'], points: [{ id: 't1', index: 1 }] };
  session.select(chosen);
  const { doc, ids } = paste(session.doc, session.doc);
  session.apply(doc, 'paste');
  session.select({ tracks: ids });
  session.undo();
  assert.deepEqual(session.selection, chosen);
  session.redo();
  assert.deepEqual(session.selection, { tracks: ids, points: [] });
});

test('steps go on in another session, if the drawing is still the same', () => {
  const session = new Session(() => {});
  for (let k = 0; k < 3; k += 1) session.apply(addTrack(session.doc, { points: [{ x: 0.1 * k, y: 0.5 }] }).doc, 'draw');
  session.undo();
  const steps = session.steps;
  assert.ok(steps);
  assert.deepEqual([steps.texts.length, steps.at], [4, 2]);
  const next = new Session(() => {});
  assert.equal(next.resumeSteps(steps), false, 'it has another drawing');
  next.load(session.value);
  assert.ok(next.resumeSteps(steps));
  assert.equal(next.value, session.value);
  for (const count of [1, 0]) {
    next.undo();
    assert.equal(next.doc.tracks.length, count);
  }
  for (let k = 0; k < 3; k += 1) next.redo();
  assert.equal(next.doc.tracks.length, 3);
  assert.equal(next.resumeSteps({ texts: ['{', next.value], at: 1 }), false, 'what is no drawing is left alone');
});
