/** Which undo steps the page that comes after a reload gets back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeptHistories, bounded } from '../../web/comfyui/kept_histories.js';
import { addTrack, emptyDoc, write } from '../../web/core/document.js';
import { Session } from '../../web/editor/session.js';

const [A, B] = ['workflows/a.json/1/1/2', 'workflows/b.json/1/1/2'];

/** A session in which some drags were drawn. @param {number} count */
function drawn(count) {
  const session = new Session(() => {});
  session.load(write(emptyDoc()));
  for (let k = 0; k < count; k += 1) {
    session.apply(addTrack(session.doc, { points: [{ x: k / 10, y: 0.5 }, { x: 0.5, y: 0.5 }] }).doc, 'draw');
  }
  return session;
}

/** A page that begins where something stands in the tab's storage. @param {string | null} stored */
function begun(stored) {
  const { sessionStorage, window, document } = globalThis;
  const listener = { addEventListener: () => {} };
  Object.assign(globalThis, { sessionStorage: { getItem: () => stored, removeItem: () => {} } });
  Object.assign(globalThis, { window: listener, document: listener });
  const next = new KeptHistories(() => []);
  next.start();
  Object.assign(globalThis, { sessionStorage, window, document });
  return next;
}

/** The next page's session, opened with a text. @param {Session} before @param {unknown} text */
function after(before, text) {
  const { steps } = before;
  assert.ok(steps);
  const history = begun(JSON.stringify(bounded([{ place: A, ...steps }]))).of(A);
  const session = new Session(() => {});
  session.load(text);
  if (history) session.adopt(history);
  return session;
}

test('the last step is undone after a reload, and redone', () => {
  const before = drawn(3);
  const session = after(before, before.value);
  assert.equal(session.value, before.value);
  session.undo();
  assert.equal(session.doc.tracks.length, 2);
  session.undo();
  session.undo();
  assert.ok(session.doc.tracks.length === 0 && !session.canUndo);
  for (let k = 0; k < 3; k += 1) session.redo();
  assert.equal(session.value, before.value);
});

test('what was undone before can be redone', () => {
  const before = drawn(2);
  before.undo();
  const session = after(before, before.value);
  session.redo();
  assert.equal(session.doc.tracks.length, 2);
});

test('another drawing, node or workflow gets nothing', () => {
  const other = write(addTrack(emptyDoc(), { points: [{ x: 0.9, y: 0.9 }] }).doc);
  assert.ok(!after(drawn(2), other).canUndo);
  const { steps } = drawn(2);
  assert.ok(steps);
  assert.equal(begun(JSON.stringify([{ place: A, ...steps }])).of(B), null);
});

test('only the steps next to what is shown are kept where all would be too much', () => {
  const { steps } = drawn(200);
  assert.ok(steps);
  const [kept] = bounded([{ place: A, ...steps }]);
  assert.deepEqual([kept.steps.length, kept.at, kept.steps[kept.at]], [51, 50, steps.steps[200]]);
  const large = { steps: Array.from({ length: 5 }, () => ({ text: 'x'.repeat(400_000), label: '' })), at: 4 };
  assert.deepEqual(bounded([{ place: A, ...large }]).map((one) => [one.steps.length, one.at]), [[2, 1]]);
});

test('whatever else stands in the storage gives nothing', (t) => {
  t.mock.method(console, 'warn', () => {});
  const good = { place: A, steps: [{ text: write(emptyDoc()), label: 'a' }], at: 0 };
  assert.ok(begun(JSON.stringify([good])).of(A));
  for (const bad of [
    '', '{', 'null', '{}', '[1]', JSON.stringify([{ ...good, at: 1 }]), JSON.stringify([{ ...good, at: 0.5 }]),
    JSON.stringify([{ ...good, steps: [] }]), JSON.stringify([{ ...good, steps: [{ text: 1, label: '' }] }]),
    JSON.stringify([{ ...good, steps: Array(200).fill(good.steps[0]) }]),
    JSON.stringify([{ ...good, steps: [{ text: 'no drawing', label: '' }] }]),
    JSON.stringify([{ ...good, steps: [{ text: '[]', label: 'x'.repeat(1000) }] }]),
  ]) assert.equal(begun(bad).of(A), null, bad.slice(0, 60));
});
