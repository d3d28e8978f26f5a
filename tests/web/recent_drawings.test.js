/** Which drawings the page that comes after a reload gets back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentDrawings } from '../../web/comfyui/kept_drawings.js';

const [A, B] = ['workflows/a.json/1/1/2', 'workflows/b.json/1/1/2'];

/** A page that begins where something stands in the tab's storage. @param {string | null} stored */
function begun(stored) {
  const { sessionStorage, window, document } = globalThis;
  const listener = { addEventListener: () => {} };
  Object.assign(globalThis, { sessionStorage: { getItem: () => stored, removeItem: () => {} } });
  Object.assign(globalThis, { window: listener, document: listener });
  const next = new RecentDrawings();
  next.start();
  Object.assign(globalThis, { sessionStorage, window, document });
  return next;
}

/** What the next page has of it. @param {RecentDrawings} recent */
const after = (recent) => begun(JSON.stringify(recent.unstored()));

test('a node that comes back with a drawing from before gets the last one', () => {
  const recent = new RecentDrawings();
  for (const text of ['one', 'two', 'three']) recent.note(A, text, 'opened');
  for (const text of ['opened', 'one', 'two']) assert.equal(after(recent).newer(A, text), 'three');
});

test('so does one whose last drawing is an earlier one again, by an undo', () => {
  const recent = new RecentDrawings();
  for (const text of ['one', 'two', 'one']) recent.note(A, text, 'opened');
  assert.equal(after(recent).newer(A, 'two'), 'one');
  assert.equal(after(recent).newer(A, 'one'), undefined);
});

test('another drawing, another node and another workflow get nothing', () => {
  const recent = new RecentDrawings();
  recent.note(A, 'one', 'opened');
  const next = after(recent);
  assert.deepEqual([next.newer(A, 'other'), next.newer(A, 'one'), next.newer(B, 'opened')], Array(3).fill(undefined));
});

test('what the page has not heard of yet is kept as long as that lasts', (t) => {
  t.mock.timers.enable({ apis: ['Date'] });
  const recent = new RecentDrawings();
  for (const text of ['one point', 'two points']) {
    recent.note(A, text, 'opened', true);
    t.mock.timers.tick(60_000);
  }
  assert.equal(after(recent).newer(A, 'opened'), 'two points');
  recent.note(A, 'opened', 'opened'); // cancelled
  assert.equal(after(recent).newer(A, 'opened'), undefined);
  recent.note(A, 'two points', 'opened');
  assert.equal(after(recent).newer(A, 'opened'), 'two points');
  t.mock.timers.tick(6000);
  assert.equal(after(recent).newer(A, 'opened'), undefined, 'the page has stored it');
});

test('what the page had the time to store is not kept', (t) => {
  t.mock.timers.enable({ apis: ['Date'] });
  const recent = new RecentDrawings();
  recent.note(A, 'one', 'opened');
  t.mock.timers.tick(6000);
  assert.deepEqual(recent.unstored(), []);
  recent.note(A, 'two', 'opened later');
  assert.equal(after(recent).newer(A, 'one'), 'two');
  assert.equal(after(recent).newer(A, 'opened'), undefined, 'the page has stored a newer one');
});

test('what was not given back yet is kept for the page after', () => {
  const recent = new RecentDrawings();
  recent.note(A, 'one', 'opened');
  assert.equal(after(after(recent)).newer(A, 'opened'), 'one');
});

test('whatever else stands in the storage is no drawing', (t) => {
  const warned = t.mock.method(console, 'warn', () => {});
  const hostile = ['', '{', 'null', '1', '{}', '[null]', '[[]]', '[{"place": 1, "text": "", "replaced": []}]'];
  for (const stored of hostile) assert.deepEqual(begun(stored).kept, []);
  assert.equal(warned.mock.callCount(), hostile.length);
});
