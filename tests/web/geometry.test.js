/** Distances, hits, simplification and snapping. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addTracks, emptyDoc } from '../../web/core/document.js';
import {
  bounds,
  contains,
  hitTest,
  marquee,
  nearestOnCurve,
  nextHit,
  rectBetween,
} from '../../web/core/geometry.js';
import { simplify } from '../../web/core/simplify.js';
import { lockAngle, snap } from '../../web/core/snap_position.js';
import { curve } from '../../web/core/sampling.js';

/** @import {Polyline, Shape, XY} from '../../web/core/types.js' */

const coordinate = fc.double({ min: -500, max: 500, noNaN: true });
const place = fc.record({ x: coordinate, y: coordinate });
const RADIUS = { point: 8, curve: 5 };

/**
 * @param {readonly XY[]} points in pixels
 * @param {'pchip' | 'linear' | 'catmull_rom'} spline
 * @param {number} [perSegment]
 */
function curveThrough(points, spline, perSegment) {
  const fractions = points.map(({ x, y }) => ({ x: x / 1000, y: y / 1000 }));
  return curve(addTracks(emptyDoc(), [{ points: fractions, spline }]).doc.tracks[0], 1000, 1000, perSegment);
}

/**
 * @param {string} id
 * @param {readonly XY[]} points
 * @returns {Shape}
 */
const shape = (id, points) => ({ id, points, curve: curveThrough(points, 'linear') });

/**
 * @param {XY} p
 * @param {XY} a
 * @param {XY} b the segment's other end
 */
function distanceToSegment(p, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const squared = dx * dx + dy * dy;
  const d = squared === 0 ? 0 : Math.min(Math.max(((p.x - a.x) * dx + (p.y - a.y) * dy) / squared, 0), 1);
  return Math.hypot(a.x + dx * d - p.x, a.y + dy * d - p.y);
}

/**
 * Largest distance of the places of `points` from `line`, by brute force.
 * @param {readonly XY[]} points
 * @param {readonly XY[]} line
 */
function farthest(points, line) {
  return Math.max(...points.map((p) => Math.min(...line.slice(1).map((b, k) => distanceToSegment(p, line[k], b)))));
}

/** @param {Polyline} polyline @returns {XY[]} */
const places = ({ x, y }) => Array.from(x, (_, i) => ({ x: x[i], y: y[i] }));

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

  test('of crossing curves: the topmost first, and Tab reaches both', () => {
    const hits = hitTest([low, high], { x: 50, y: 50 }, RADIUS);
    assert.deepEqual(
      hits.map((hit) => [hit.kind, hit.id, hit.index, hit.u]),
      [
        ['curve', 'high', 0, 0.5],
        ['curve', 'low', 0, 0.5],
      ],
    );
    assert.equal(nextHit(hits, undefined), hits[0]);
    assert.equal(nextHit(hits, { ...hits[0] }), hits[1]);
    assert.equal(nextHit(hits, hits[1]), hits[0]);
    assert.equal(nextHit([], hits[0]), undefined);
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

describe('snapping', () => {
  const size = { width: 100, height: 60 };

  test('a near point wins over a nearer line', () => {
    const found = snap({ x: 51, y: 20 }, { points: [{ x: 54, y: 22 }], size, grid: 10, distance: 5 });
    assert.deepEqual(found, {
      x: 54,
      y: 22,
      guides: [
        { axis: 'x', at: 54, kind: 'point' },
        { axis: 'y', at: 22, kind: 'point' },
      ],
    });
  });

  test('edges, centre and other points, each axis for itself', () => {
    assert.deepEqual(snap({ x: 2, y: 31 }, { size, distance: 3 }), {
      x: 0,
      y: 30,
      guides: [
        { axis: 'x', at: 0, kind: 'edge' },
        { axis: 'y', at: 30, kind: 'centre' },
      ],
    });
    assert.deepEqual(snap({ x: 20, y: 58 }, { points: [{ x: 21, y: 5 }], size, distance: 3 }), {
      x: 21,
      y: 60,
      guides: [
        { axis: 'x', at: 21, kind: 'point' },
        { axis: 'y', at: 60, kind: 'edge' },
      ],
    });
  });

  test('the grid where nothing else is near', () => {
    assert.deepEqual(snap({ x: 22, y: 14 }, { size, grid: 10, distance: 3 }), {
      x: 20,
      y: 14,
      guides: [{ axis: 'x', at: 20, kind: 'grid' }],
    });
  });

  test('nothing near leaves it where it is', () => {
    assert.deepEqual(snap({ x: 22.5, y: 14.5 }, { points: [{ x: 90, y: 50 }], size, distance: 3 }), {
      x: 22.5,
      y: 14.5,
      guides: [],
    });
  });

  test('to eight directions', () => {
    /** @param {number} x @param {number} y */
    const locked = (x, y) => lockAngle({ x: 10, y: 10 }, { x: 10 + x, y: 10 + y });
    assert.deepEqual(locked(20, 3), { x: 30, y: 10 });
    assert.deepEqual(locked(-3, -20), { x: 10, y: -10 });
    assert.deepEqual(locked(20, 16), { x: 28, y: 28 });
    assert.deepEqual(locked(20, 8), { x: 30, y: 10 });
    assert.deepEqual(locked(20, 9), { x: 24.5, y: 24.5 });
    assert.deepEqual(locked(-16, 20), { x: -8, y: 28 });
    assert.deepEqual(locked(0, 0), { x: 10, y: 10 });
    fc.assert(
      fc.property(place, (p) => {
        const { x, y } = lockAngle({ x: 0, y: 0 }, p);
        const turn = Math.atan2(y, x) / (Math.PI / 4);
        assert.ok(Math.abs(turn - Math.round(turn)) < 1e-9);
      }),
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
  assert.deepEqual(
    [
      { x: 2, y: 4 },
      { x: 5.1, y: 2 },
    ].map((p) => contains(rect, p)),
    [true, false],
  );
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
