/** The motion brush: tracks on a grid inside an outline. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addTracks, emptyDoc } from '../../web/core/document.js';
import { areaTracks, isInsideOutline, placesInOutline } from '../../web/core/area_tracks.js';
import { SIZE } from './drawing.js';

const SQUARE = [{ x: 100, y: 100 }, { x: 220, y: 100 }, { x: 220, y: 220 }, { x: 100, y: 220 }];
const pixel = fc.record({ x: fc.integer({ min: -50, max: 700 }), y: fc.integer({ min: -50, max: 400 }) });

test('a square holds a grid of its own shape', () => {
  const places = placesInOutline(SQUARE);
  assert.deepEqual(places.map(({ x, y }) => [x, y]), [120, 160, 200].flatMap((y) => [120, 160, 200].map((x) => [x, y])));
});

test('what is not inside gets no track', () => {
  const c = [...SQUARE, { x: 100, y: 190 }, { x: 190, y: 190 }, { x: 190, y: 130 }, { x: 100, y: 130 }]; // open at the left
  assert.equal(isInsideOutline(c, { x: 205, y: 160 }), true);
  assert.equal(isInsideOutline(c, { x: 140, y: 160 }), false);
  assert.equal(isInsideOutline(c, { x: 400, y: 160 }), false);
  assert.ok(placesInOutline(c).every((place) => isInsideOutline(c, place)));
});

test('any outline has some places, in its bounds, and not too many', () => {
  fc.assert(fc.property(fc.array(pixel, { minLength: 1, maxLength: 40 }), (outline) => {
    const places = placesInOutline(outline);
    const [xs, ys] = [outline.map(({ x }) => x), outline.map(({ y }) => y)];
    assert.ok(places.length >= 1 && places.length <= 150);
    for (const { x, y } of places) {
      assert.ok(x >= Math.min(...xs) && x <= Math.max(...xs) && y >= Math.min(...ys) && y <= Math.max(...ys));
    }
  }));
});

test('an outline that crosses itself is not covered with tracks', () => {
  const eight = [{ x: 0, y: 0 }, { x: 500, y: 300 }, { x: 500, y: 0 }, { x: 0, y: 300 }];
  assert.ok(placesInOutline(eight).length < 150);
});

test('the tracks all go the same way, and are tracks like others', () => {
  const { doc } = addTracks(emptyDoc(), areaTracks(SQUARE, { x: 57.6, y: -32 }, SIZE));
  assert.equal(doc.tracks.length, 9);
  for (const { points: [from, to], kind } of doc.tracks) {
    assert.equal(kind, 'path');
    assert.ok(Math.abs(to.x - from.x - 0.1) < 1e-9 && Math.abs(to.y - from.y + 0.1) < 1e-9);
  }
});
