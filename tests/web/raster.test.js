/** What a brush needs: outlines as pixels, and back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { combined, outlineOf, paintStroke, rasterOf } from '../../web/core/objects/raster.js';
import { SIZE } from './drawing.js';

/** @import {Raster} from '../../web/core/objects/raster.js' */
/** @import {Ring} from '../../web/core/types.js' */

const SQUARE = [{ x: 0.2, y: 0.2 }, { x: 0.7, y: 0.2 }, { x: 0.7, y: 0.8 }, { x: 0.2, y: 0.8 }];
const HOLE = [{ x: 0.4, y: 0.4 }, { x: 0.5, y: 0.4 }, { x: 0.5, y: 0.6 }, { x: 0.4, y: 0.6 }];
const fraction = fc.double({ min: 0.05, max: 0.95, noNaN: true });
const place = fc.record({ x: fraction, y: fraction });

/** Pixels inside of both, over pixels inside of one. @param {Raster} a @param {Raster} b */
function overlap(a, b) {
  let [both, either] = [0, 0];
  a.data.forEach((value, k) => {
    both += value & b.data[k];
    either += value | b.data[k];
  });
  return both / either;
}

/** @param {Raster} raster */
const count = ({ data }) => data.reduce((sum, value) => sum + value, 0);

test('an outline with a hole comes back with few corners', () => {
  const outline = outlineOf(rasterOf([SQUARE, HOLE], SIZE));
  assert.deepEqual(outline.map((ring) => ring.length), [4, 4]);
  outline.flat().forEach(({ x, y }) => {
    const near = [...SQUARE, ...HOLE].some((corner) => Math.hypot(corner.x - x, corner.y - y) < 0.004);
    assert.ok(near, `${x}, ${y}`);
  });
});

test('what is painted comes back as it was painted', () => {
  fc.assert(fc.property(fc.array(fc.tuple(place, place), { minLength: 1, maxLength: 5 }), (strokes) => {
    const raster = rasterOf([], SIZE);
    for (const [from, to] of strokes) paintStroke(raster, from, to, 0.04, 1);
    assert.ok(overlap(raster, rasterOf(outlineOf(raster), SIZE)) > 0.96);
  }), { numRuns: 40 });
});

test('what is taken away is gone, and nothing else', () => {
  const raster = rasterOf([SQUARE], SIZE);
  const before = count(raster);
  paintStroke(raster, { x: 0.9, y: 0.9 }, { x: 0.95, y: 0.95 }, 0.02, 0);
  assert.equal(count(raster), before);
  paintStroke(raster, { x: 0.2, y: 0.5 }, { x: 0.7, y: 0.5 }, 0.05, 0);
  assert.equal(outlineOf(raster).length, 2);
  paintStroke(raster, { x: 0, y: 0.5 }, { x: 1, y: 0.5 }, 1, 0);
  assert.deepEqual(outlineOf(raster), []);
});

test('one outline is added to another one, or taken away from it, and nothing else changes', () => {
  const [left, right] = [[0.1, 0.5], [0.4, 0.8]].map(([from, to]) => [
    { x: from, y: 0.2 }, { x: to, y: 0.2 }, { x: to, y: 0.8 }, { x: from, y: 0.8 },
  ]);
  const both = combined([left], [right], true, SIZE);
  const rest = combined([left], [right], false, SIZE);
  const area = (/** @type {Ring[]} */ outline) => count(rasterOf(outline, SIZE)) / count(rasterOf([left], SIZE));
  assert.ok(Math.abs(area(outlineOf(both.raster)) - 1.75) < 0.03 && Math.abs(both.size - 1.75) < 0.03);
  assert.ok(Math.abs(area(outlineOf(rest.raster)) - 0.75) < 0.03 && Math.abs(rest.size - 0.75) < 0.03);
  assert.ok(Math.abs(both.changed - 0.75) < 0.03 && Math.abs(rest.changed - 0.25) < 0.03);
  assert.deepEqual(outlineOf(combined([left], [left], false, SIZE).raster), []);
  assert.equal(combined([left], [left], true, SIZE).changed, 0);
});

test('specks are dropped, and what reaches over the edges is cut there', () => {
  const raster = rasterOf([], SIZE);
  paintStroke(raster, { x: 0.5, y: 0.5 }, { x: 0.5, y: 0.5 }, 0.002, 1);
  assert.deepEqual(outlineOf(raster), []);
  paintStroke(raster, { x: -0.1, y: 0.5 }, { x: 0.1, y: 0.5 }, 0.1, 1);
  /** @type {Ring} */
  const ring = outlineOf(raster)[0];
  assert.ok(ring.every(({ x, y }) => x >= 0 && x <= 1 && y >= 0 && y <= 1));
});
