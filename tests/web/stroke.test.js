/** Freehand strokes of a shaking hand become tracks of few points. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pointsOf } from '../../web/core/simplify.js';
import { curveThrough, farthest, places } from './curves.js';

/** @import {XY} from '../../web/core/types.js' */

/** @typedef {{at: (d: number) => XY, corners?: XY[], usual?: number, most?: number}} Shape */

const EVENTS = 160; // of the pointer, in one stroke
const SEEDS = [1, 2, 3, 4, 5, 6];

/** `usual` is how many points they have in the mean. @type {Record<string, Shape>} */
const SHAPES = {
  straight: { at: (d) => ({ x: 60 + 420 * d, y: 250 - 160 * d }) },
  arc: { at: (d) => ({ x: 300 - 200 * Math.cos(Math.PI * d), y: 260 - 180 * Math.sin(Math.PI * d) }) },
  wave: { at: (d) => ({ x: 60 + 450 * d, y: 160 + 70 * Math.sin(2 * Math.PI * d) }) },
  loop: { at: (d) => ({ x: 300 + 110 * Math.sin(6.8 * d), y: 160 - 110 * Math.cos(6.8 * d) }), usual: 24, most: 28 },
  corner: { corners: [{ x: 330, y: 80 }], at: (d) => along([{ x: 80, y: 80 }, { x: 330, y: 80 }, { x: 330, y: 270 }], d) },
  sharp: { corners: [{ x: 260, y: 90 }], at: (d) => along([{ x: 80, y: 60 }, { x: 260, y: 90 }, { x: 120, y: 280 }], d) },
};

/** A place on straight pieces, which take the same time each. @param {XY[]} line @param {number} d 0..1 */
function along(line, d) {
  const u = d * (line.length - 1);
  const [a, b] = line.slice(Math.min(Math.floor(u), line.length - 2));
  const part = u - line.indexOf(a);
  return { x: a.x + part * (b.x - a.x), y: a.y + part * (b.y - a.y) };
}

/** Numbers of a normal distribution, the same for a seed. @param {number} seed */
function normal(seed) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
}

/** The events of a pointer, in whole pixels. @param {(d: number) => XY} at @param {number} seed @param {number} shake */
function strokeOf(at, seed, shake) {
  const draw = normal(seed);
  let [dx, dy] = [0, 0];
  return Array.from({ length: EVENTS }, (_, k) => {
    const { x, y } = at(k / (EVENTS - 1));
    [dx, dy] = [0.6 * dx + 0.8 * shake * draw(), 0.6 * dy + 0.8 * shake * draw()]; // of that standard deviation
    return { x: Math.round(x + dx), y: Math.round(y + dy) };
  });
}

for (const [name, { at, corners = [], usual = 13, most = 15 }] of Object.entries(SHAPES)) {
  describe(name, () => {
    const drawn = Array.from({ length: 400 }, (_, k) => at(k / 399));
    for (const [shake, off] of [[0, 1.5], [1, 3.5], [1.5, 5]]) {
      test(`by a hand that shakes by ${shake} pixels`, () => {
        const counts = SEEDS.map((seed) => {
          const stroke = strokeOf(at, seed, shake);
          const points = pointsOf(stroke, 1);
          assert.deepEqual([points[0], points.at(-1)], [stroke[0], stroke.at(-1)]);
          const curve = places(curveThrough(points, 'pchip', 12));
          assert.ok(farthest(curve, drawn) <= off, `seed ${seed}: ${farthest(curve, drawn)} px off what was meant`);
          for (const corner of corners) {
            const away = Math.min(...points.map(({ x, y }) => Math.hypot(x - corner.x, y - corner.y)));
            assert.ok(away <= 1.5 + 3 * shake, `seed ${seed}: the corner is ${away} px off`);
          }
          return points.length;
        });
        assert.ok(Math.max(...counts) <= most, `points: ${counts}`);
        assert.ok(counts.reduce((sum, count) => sum + count, 0) / counts.length <= usual, `points: ${counts}`);
      });
    }
  });
}

test('it does not depend on the zoom', () => {
  const stroke = strokeOf(SHAPES.wave.at, 1, 1);
  const near = pointsOf(stroke.map(({ x, y }) => ({ x: x / 8, y: y / 8 })), 1 / 8);
  pointsOf(stroke, 1).forEach(({ x, y }, k) => assert.deepEqual(near[k], { x: x / 8, y: y / 8 }));
});

test('what is drawn with many turns keeps them', () => {
  const zigzag = Array.from({ length: 600 }, (_, k) => ({ x: 20 + 0.9 * k, y: 160 + 40 * Math.asin(Math.sin(k / 12)) }));
  const curve = places(curveThrough(pointsOf(zigzag, 1), 'pchip', 12));
  assert.ok(farthest(zigzag, curve) < 3, `${farthest(zigzag, curve)} px off`);
});

test('a stroke of one or two places, or there and back, stays', () => {
  const [a, b] = [{ x: 10, y: 20 }, { x: 90, y: 20 }];
  assert.deepEqual(pointsOf([a], 1), [a]);
  assert.deepEqual(pointsOf([a, a, b, b], 1), [a, b]);
  const back = pointsOf([...strokeOf((d) => along([a, b, a], d), 1, 0)], 1);
  assert.ok(back.some(({ x }) => x >= 88), JSON.stringify(back));
});
