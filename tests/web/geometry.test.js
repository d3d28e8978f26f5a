/** Distances, hits and selection rectangles. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  bounds,
  hitTest,
  marquee,
  nearestOnCurve,
  rectBetween,
} from '../../web/core/geometry.js';
import { curveThrough, distanceToSegment, places } from './curves.js';

/** @import {Shape, XY} from '../../web/core/types.js' */

const coordinate = fc.double({ min: -500, max: 500, noNaN: true });
const place = fc.record({ x: coordinate, y: coordinate });
const RADIUS = { point: 8, curve: 5 };

/**
 * @param {string} id
 * @param {readonly XY[]} points
 * @returns {Shape}
 */
const shape = (id, points) => ({ id, points, curve: curveThrough(points, 'linear') });

test('the nearest place of a curve is the nearest of many places on it', () => {
  fc.assert(
    fc.property(fc.array(place, { minLength: 2, maxLength: 6 }), place, (points, p) => {
      const drawn = curveThrough(points, 'pchip');
      const found = nearestOnCurve(drawn, p);
      const line = places(drawn);
      const least = Math.min(...line.slice(1).map((b, k) => distanceToSegment(p, line[k], b)));
      assert.ok(Math.abs(found.distance - least) < 1e-9);
      assert.ok(Math.abs(Math.hypot(found.x - p.x, found.y - p.y) - found.distance) < 1e-9);
      assert.ok(found.segment >= 0 && found.segment <= points.length - 2);
      assert.ok(found.segment <= found.u && found.u <= found.segment + 1);
    }),
  );
});

test('the nearest place of a single point', () => {
  const found = nearestOnCurve(curveThrough([{ x: 3, y: 4 }], 'linear'), { x: 0, y: 0 });
  assert.deepEqual(
    { ...found, distance: Math.round(found.distance * 1e6) },
    { x: 3, y: 4, u: 0, segment: 0, distance: 5e6 },
  );
});

describe('hits', () => {
  const low = shape('low', [
    { x: 0, y: 50 },
    { x: 100, y: 50 },
  ]);
  const high = shape('high', [
    { x: 50, y: 0 },
    { x: 50, y: 100 },
  ]);

  test('of crossing curves: the topmost first', () => {
    const hits = hitTest([low, high], { x: 50, y: 50 }, RADIUS);
    assert.deepEqual(
      hits.map((hit) => [hit.kind, hit.id, hit.index, hit.u]),
      [
        ['curve', 'high', 0, 0.5],
        ['curve', 'low', 0, 0.5],
      ],
    );
  });

  test('the nearest curve before a higher one', () => {
    assert.deepEqual(
      hitTest([low, high], { x: 53, y: 51 }, RADIUS).map((hit) => hit.id),
      ['low', 'high'],
    );
    assert.deepEqual(
      hitTest([low, high], { x: 56, y: 51 }, RADIUS).map((hit) => hit.id),
      ['low'],
    );
    assert.deepEqual(hitTest([low, high], { x: 90, y: 90 }, RADIUS), []);
  });

  test('handles before points before curves', () => {
    const handled = { ...low, handlesOut: [{ x: 5, y: 50 }, undefined], handlesIn: [undefined, { x: 95, y: 50 }] };
    const found = hitTest([handled], { x: 2, y: 50 }, RADIUS);
    assert.deepEqual(
      found.map((hit) => [hit.kind, hit.side, hit.index]),
      [
        ['handle', 'out', 0],
        ['point', undefined, 0],
        ['curve', undefined, 0],
      ],
    );
    assert.equal(hitTest([handled], { x: 97, y: 51 }, RADIUS)[0].side, 'in');
  });

  test('of points that lie on each other, all can be reached', () => {
    const hits = hitTest([low, { ...low, id: 'same' }], { x: 100, y: 52 }, RADIUS).filter(
      (hit) => hit.kind === 'point',
    );
    assert.deepEqual(
      hits.map((hit) => [hit.id, hit.distance]),
      [
        ['same', 2],
        ['low', 2],
      ],
    );
  });
});

test('rectangles', () => {
  assert.equal(bounds([]), undefined);
  assert.deepEqual(
    bounds([
      { x: 3, y: 5 },
      { x: -1, y: 9 },
    ]),
    { x: -1, y: 5, width: 4, height: 4 },
  );
  const rect = rectBetween({ x: 5, y: 1 }, { x: 2, y: 4 });
  assert.deepEqual(rect, { x: 2, y: 1, width: 3, height: 3 });
  const spots = shape('a', [{ x: 2, y: 4 }, { x: 5.1, y: 2 }]);
  assert.deepEqual(marquee([spots], rect), { points: [{ id: 'a', index: 0 }], tracks: [] });
});

test('a selection rectangle holds points, and tracks that are wholly in it', () => {
  const shapes = [
    shape('a', [
      { x: 0, y: 0 },
      { x: 10, y: 10 },
    ]),
    shape('b', [
      { x: 5, y: 5 },
      { x: 50, y: 50 },
    ]),
  ];
  assert.deepEqual(marquee(shapes, { x: 0, y: 0, width: 20, height: 20 }), {
    points: [
      { id: 'a', index: 0 },
      { id: 'a', index: 1 },
      { id: 'b', index: 0 },
    ],
    tracks: ['a'],
  });
});
