/** Smoothing an outline. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smoothOutline } from '../../web/core/objects/smooth_outline.js';
import { SIZE } from './drawing.js';

const CENTRE = { x: 288, y: 160 };
const RADIUS = 80;

/** A circle whose corners lie off it by turns, in fractions of the picture. @param {number} off pixels */
function jagged(off) {
  return Array.from({ length: 120 }, (_, k) => {
    const radius = RADIUS + (k % 2 ? off : -off);
    const angle = (k / 120) * 2 * Math.PI;
    const [x, y] = [CENTRE.x + radius * Math.cos(angle), CENTRE.y + radius * Math.sin(angle)];
    return { x: x / SIZE.width, y: y / SIZE.height };
  });
}

/** Largest distance of the corners from the circle, in pixels. @param {readonly {x: number, y: number}[]} ring */
function away(ring) {
  return Math.max(...ring.map(({ x, y }) => {
    return Math.abs(Math.hypot(x * SIZE.width - CENTRE.x, y * SIZE.height - CENTRE.y) - RADIUS);
  }));
}

test('jags go, the shape stays, with few corners', () => {
  const [ring] = smoothOutline([jagged(3)], 6, SIZE);
  assert.ok(away(jagged(3)) > 2.9);
  assert.ok(away(ring) < 1, `${away(ring)} px off`);
  assert.ok(ring.length > 8 && ring.length < 110, `${ring.length} corners`);
});

test('again and again, it hardly shrinks', () => {
  let outline = [jagged(0)];
  for (let k = 0; k < 10; k += 1) outline = /** @type {typeof outline} */ (smoothOutline(outline, 6, SIZE));
  assert.ok(away(outline[0]) < 2.5, `${away(outline[0])} px off`);
});

test('what is smaller than the width stays', () => {
  const small = [{ x: 0.5, y: 0.5 }, { x: 0.51, y: 0.5 }, { x: 0.5, y: 0.52 }];
  assert.deepEqual(smoothOutline([jagged(1), small], 6, SIZE)[1], small);
});
