/** Snapping of a dragged position. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lockAngle, snap } from '../../web/core/snap_position.js';

const coordinate = fc.double({ min: -500, max: 500, noNaN: true });
const place = fc.record({ x: coordinate, y: coordinate });

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
      y: 10,
      guides: [
        { axis: 'x', at: 20, kind: 'grid' },
        { axis: 'y', at: 10, kind: 'grid' },
      ],
    });
    fc.assert(
      fc.property(place, (p) => {
        const { x, y } = snap(p, { grid: 10, distance: 3 });
        assert.ok(x % 10 === 0 && y % 10 === 0 && Math.abs(x - p.x) <= 5 && Math.abs(y - p.y) <= 5);
      }),
    );
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
