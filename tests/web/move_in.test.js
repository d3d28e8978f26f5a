/** Drags that start outside the picture. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedInside, startingOutside } from '../../web/core/placement.js';
import { LINE, SIZE, docOf } from './drawing.js';

const AWAY = [{ x: -0.5, y: 1.25, out: { x: 0.1, y: 0 } }, { x: 0.25, y: 0.5 }];

test('a drag from outside is moved as a whole, others stay', () => {
  const doc = docOf({ points: LINE }, { points: AWAY }, { points: AWAY, enabled: false });
  assert.deepEqual(startingOutside(doc).map(({ id }) => id), [doc.tracks[1].id]);
  const moved = movedInside(doc, SIZE);
  assert.equal(moved.tracks[0], doc.tracks[0]);
  assert.equal(moved.tracks[2], doc.tracks[2]);
  const [first, last] = moved.tracks[1].points;
  assert.ok(first.x > 0 && first.x < 0.01 && first.y < 1 && first.y > 0.99);
  assert.ok(Math.abs(last.x - first.x - 0.75) < 1e-9 && Math.abs(last.y - first.y + 0.75) < 1e-9);
  assert.deepEqual(first.out, AWAY[0].out);
  assert.deepEqual(startingOutside(moved), []);
});

test('where all start inside, nothing changes', () => {
  const doc = docOf({ points: LINE });
  assert.equal(movedInside(doc, SIZE), doc);
});
