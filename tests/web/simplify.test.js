/** A freehand stroke becomes a track of few points. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { simplify } from '../../web/core/simplify.js';
import { curveThrough, farthest, places } from './curves.js';

/** @import {XY} from '../../web/core/types.js' */

const coordinate = fc.double({ min: -500, max: 500, noNaN: true });
const place = fc.record({ x: coordinate, y: coordinate });

describe('a stroke becomes few points', () => {
  /** @param {number} count @param {(d: number) => XY} at */
  const stroke = (count, at) => Array.from({ length: count }, (_, k) => at(k / (count - 1)));
  const circle = stroke(400, (d) => ({ x: 300 + 100 * Math.cos(6 * d), y: 200 + 100 * Math.sin(6 * d) }));
  const wave = stroke(500, (d) => ({ x: 50 + 500 * d, y: 160 + 80 * Math.sin(9 * d) }));
  const zigzag = stroke(91, (d) => ({ x: 500 * d, y: 60 * Math.abs(((d * 9) % 2) - 1) }));
  const shaky = stroke(300, (d) => ({
    x: Math.round(50 + 400 * d),
    y: Math.round(160 + 70 * Math.sin(7 * d) + 0.6 * Math.sin(900 * d)),
  }));

  for (const [name, line, tolerance, most] of /** @type {const} */ ([
    ['circle', circle, 1.5, { pchip: 18, catmull_rom: 18 }],
    ['wave', wave, 1.5, { pchip: 16, catmull_rom: 16 }],
    ['zigzag', zigzag, 1.5, { pchip: 20, catmull_rom: 28 }],
    ['shaky hand', shaky, 2, { pchip: 16, catmull_rom: 16 }],
  ])) {
    for (const spline of /** @type {const} */ (['pchip', 'catmull_rom'])) {
      test(`${name}, ${spline}`, () => {
        const kept = simplify(line, tolerance, spline);
        assert.deepEqual([kept[0], kept[kept.length - 1]], [0, line.length - 1]);
        assert.ok(kept.length <= most[spline], `${kept.length} points`);
        const drawn = places(curveThrough(line.filter((_, k) => kept.includes(k)), spline, 50));
        const apart = Math.max(farthest(line, drawn), farthest(drawn, line));
        assert.ok(apart <= tolerance * 1.05, `${apart} px off`);
      });
    }
  }

  test('any stroke is kept within the tolerance', () => {
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 2, maxLength: 30 }),
        fc.constantFrom('pchip', 'linear', 'catmull_rom'),
        (line, spline) => {
          const way = /** @type {'pchip' | 'linear' | 'catmull_rom'} */ (spline);
          const kept = simplify(line, 4, way);
          assert.ok(kept.every((k, i) => i === 0 || k > kept[i - 1]));
          if (kept.length < 2) return;
          const drawn = places(
            curveThrough(
              kept.map((k) => line[k]),
              way,
              12,
            ),
          );
          assert.ok(farthest(line, drawn) <= 4 + 1e-6, `${farthest(line, drawn)} px off`);
        },
      ),
    );
  });

  test('a straight line becomes two, a dot one, nothing none', () => {
    assert.deepEqual(
      simplify(
        stroke(50, (d) => ({ x: 90 * d, y: 10 * d })),
        1,
      ),
      [0, 49],
    );
    assert.deepEqual(
      simplify(
        [
          { x: 1, y: 1 },
          { x: 1, y: 1 },
          { x: 1, y: 1 },
        ],
        1,
      ),
      [0],
    );
    assert.deepEqual(simplify([], 1), []);
  });
});
