/** Operations on single control points. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as editing from '../../web/core/document.js';
import { removePoints } from '../../web/core/points.js';
import { keyTimeAt, pointTimes } from '../../web/core/sampling.js';
import { curve } from '../../web/editor/paint.js';
import { scaleSelection } from '../../web/core/selection.js';
import { LINE, assertSameMotion, docOf, times } from './drawing.js';

describe('points', () => {
  test('put in and taken out keep the times of keys rising', () => {
    const doc = docOf({ points: LINE.map((point, k) => ({ ...point, t: [0.2, 0.5, 0.8][k] })), timing: 'keys' });
    const at = { x: 0, y: 0 };
    assert.deepEqual(times(editing.insertPoint(doc, 't1', 1, at)), [0.2, 0.35, 0.5, 0.8]);
    assert.deepEqual(times(editing.insertPoint(doc, 't1', 1, { ...at, t: 0.3 })), [0.2, 0.3, 0.5, 0.8]);
    assert.deepEqual(times(editing.insertPoint(doc, 't1', 1, { ...at, t: 0.9 })), [0.2, 0.35, 0.5, 0.8]);
    assert.deepEqual(times(editing.insertPoint(doc, 't1', 3, at)), [0.2, 0.4, 0.6, 0.8]);
    assert.deepEqual(times(editing.insertPoint(doc, 't1', 3, { ...at, t: 0.9 })), [0.2, 0.5, 0.8, 0.9]);
    assert.deepEqual(times(editing.insertPoint(doc, 't1', 0, at)), [0.2, 0.4, 0.6, 0.8]);
    assert.deepEqual(times(editing.insertPoint(docOf({ points: [at], timing: 'keys' }), 't1', 1, at)), [0, 1]);
    assert.deepEqual(times(removePoints(doc, [{ id: 't1', index: 1 }])), [0.2, 0.8]);
    assert.throws(() => editing.insertPoint(doc, 't1', 4, at), editing.TrajectoryError);
  });

  test('an anchor that gets a second point is a path', () => {
    const doc = editing.insertPoint(docOf({ points: [{ x: 0, y: 0 }], kind: 'anchor' }), 't1', 1, { x: 1, y: 1 });
    assert.equal(doc.tracks[0].kind, 'path');
    assert.equal(doc.tracks[0].points.length, 2);
  });

  test('the last one takes its track along', () => {
    const doc = docOf({ points: LINE }, { points: LINE.slice(0, 1) });
    const rest = removePoints(doc, [
      { id: 't2', index: 0 },
      { id: 't1', index: 7 },
    ]);
    assert.deepEqual(
      rest.tracks.map((track) => track.id),
      ['t1'],
    );
    assert.equal(rest.tracks[0], doc.tracks[0]);
    assert.deepEqual(editing.removeSelection(doc, { tracks: ['t1'], points: [{ id: 't2', index: 0 }] }).tracks, []);
  });

  test('put on the curve lie on it', () => {
    for (const spline of /** @type {const} */ (['pchip', 'linear', 'catmull_rom', 'bezier'])) {
      const doc = docOf({ points: LINE.map((point) => ({ ...point, out: { x: 0.1, y: 0.1 } })), spline });
      const drawn = curve(doc.tracks[0], 1, 1, 8);
      drawn.u.forEach((u, i) => {
        const index = Math.min(Math.floor(u), LINE.length - 2) + 1;
        const { points } = editing.splitSegment(doc, 't1', u).tracks[0];
        assert.equal(points.length, LINE.length + 1);
        assert.ok(Math.hypot(points[index].x - drawn.x[i], points[index].y - drawn.y[i]) < 1e-9, `${spline} at ${u}`);
      });
      for (const u of [-0.1, 2.1, NaN])
        {assert.throws(() => editing.splitSegment(doc, 't1', u), editing.TrajectoryError);}
    }
  });

  test('put on the curve keep the motion: linear and bezier, with keys', () => {
    const handles = { in: { x: -0.1, y: 0.05 }, out: { x: 0.08, y: 0.1 } };
    for (const spline of /** @type {const} */ (['linear', 'bezier'])) {
      const doc = docOf({ points: LINE.map((point) => ({ ...point, ...handles })), spline, timing: 'keys' });
      for (const u of [0.3, 1.75, 0.5]) assertSameMotion(doc.tracks[0], editing.splitSegment(doc, 't1', u).tracks[0]);
    }
  });

  test('times that are dragged stop at their neighbours', () => {
    const doc = docOf({ points: LINE.map((point, k) => ({ ...point, t: [0, 0.5, 1][k] })), timing: 'keys' });
    /** @param {number} index @param {number} t */
    const dragged = (index, t) => times(editing.updatePoints(doc, [{ id: 't1', index, changes: { t } }]));
    assert.deepEqual(dragged(1, 0.7), [0, 0.7, 1]);
    assert.deepEqual(dragged(1, 3), [0, 0.9999, 1]);
    assert.deepEqual(dragged(1, -3), [0, 0.0001, 1]);
    assert.deepEqual(dragged(0, 0.7), [0.4999, 0.5, 1]);
    assert.deepEqual(dragged(2, 0.1), [0, 0.5, 0.5001]);
    const two = editing.updatePoints(
      doc,
      [1, 2].map((index) => ({ id: 't1', index, changes: { t: 0.25 * index - 0.2 } })),
    );
    assert.deepEqual(times(two), [0, 0.05, 0.3]);
  });

  test('a time of the clip becomes the time of a key, and back', () => {
    for (const ease of /** @type {const} */ (['linear', 'ease_in', 'ease_out', 'ease_in_out', 'constant'])) {
      const doc = docOf({ points: LINE, timing: 'keys', ease, start: 0.2, end: 0.9 });
      const moved = editing.updatePoints(doc, [{ id: 't1', index: 1, changes: { t: keyTimeAt(doc.tracks[0], 0.4) } }]);
      assert.ok(Math.abs(pointTimes(moved.tracks[0], 1, 1)[1] - 0.4) < 1e-9, ease);
    }
  });

  test('selected are only those that are there', () => {
    const points = [
      { id: 't1', index: 2 },
      { id: 't1', index: 3 },
      { id: 't2', index: 0 },
    ];
    assert.deepEqual(editing.validSelection(docOf({ points: LINE }), { tracks: ['t2', 't1'], points }), {
      tracks: ['t1'],
      points: [{ id: 't1', index: 2 }],
    });
  });

  test('moved and scaled: those of whole tracks and single ones, once each', () => {
    const doc = docOf({ points: LINE }, { points: LINE });
    const selection = {
      tracks: ['t1'],
      points: [
        { id: 't1', index: 0 },
        { id: 't2', index: 1 },
      ],
    };
    const moved = editing.moveSelection(doc, selection, 0.05, -0.1);
    assert.deepEqual(moved.tracks[0].points, [
      { x: 0.15, y: 0.1 },
      { x: 0.55, y: 0.7 },
      { x: 0.95, y: 0.2 },
    ]);
    assert.deepEqual(moved.tracks[1].points, [LINE[0], { x: 0.55, y: 0.7 }, LINE[2]]);
    assert.equal(editing.moveSelection(doc, selection, 0, 0), doc);
    assert.throws(() => editing.moveSelection(doc, selection, NaN, 0), editing.TrajectoryError);
    const box = { x: 0.1, y: 0.2, width: 0.8, height: 0.6 };
    const scaled = scaleSelection(doc, { tracks: ['t1'], points: [] }, box, {
      x: 0,
      y: 0,
      width: 0.4,
      height: 1.2,
    });
    assert.deepEqual(scaled.tracks[0].points, [
      { x: 0, y: 0 },
      { x: 0.2, y: 1.2 },
      { x: 0.4, y: 0.2 },
    ]);
  });

  test('handles and times are taken away by undefined', () => {
    const doc = docOf({ points: [{ x: 0, y: 0, t: 0.5, in: { x: 1, y: 1 } }] });
    const bare = editing.updatePoints(doc, [{ id: 't1', index: 0, changes: { t: undefined, in: undefined } }]);
    assert.deepEqual(bare.tracks[0].points, [{ x: 0, y: 0 }]);
  });
});
