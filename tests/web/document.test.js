/** Operations on documents: what holds for all of them, and what each is for. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import * as editing from '../../web/core/document.js';
import * as histories from '../../web/core/history.js';
import { PALETTE } from '../../web/core/limits.js';
import { curve, keyTimeAt, pointTimes, sampleTrack } from '../../web/core/sampling.js';
import { documents, draft, operations, selectionOf } from './arbitraries.js';

/** @import {Doc, Track, TrackDraft} from '../../web/core/types.js' */

const SIZE = { width: 576, height: 320 };
const LINE = [
  { x: 0.1, y: 0.2 },
  { x: 0.5, y: 0.8 },
  { x: 0.9, y: 0.3 },
];

/** @param {TrackDraft[]} drafts */
const docOf = (...drafts) => editing.addTracks(editing.emptyDoc(SIZE), drafts).doc;

/** @param {Readonly<Doc>} doc */
const times = (doc) => doc.tracks[0].points.map((point) => point.t);

/** @param {Readonly<Track>} track */
const sampled = (track) => sampleTrack(track, 29, SIZE.width, SIZE.height);

/**
 * @param {Readonly<Track>} a
 * @param {Readonly<Track>} b
 */
function assertSameMotion(a, b) {
  const [before, after] = [sampled(a), sampled(b)];
  for (let i = 0; i < before.x.length; i += 1) {
    const away = Math.hypot(after.x[i] - before.x[i], after.y[i] - before.y[i]);
    assert.ok(away < 1e-5, `frame ${i}: ${away} px off`);
  }
}

describe('any sequence of operations', () => {
  test('gives documents that are written and read back unchanged, and frozen throughout', () => {
    fc.assert(
      fc.property(operations, (sequence) => {
        for (const doc of documents(sequence)) {
          const result = editing.read(editing.write(doc));
          assert.ok('doc' in result, 'problem' in result ? result.problem : '');
          assert.deepEqual(result.doc, doc);
          for (const track of doc.tracks) {
            const parts = [doc, doc.tracks, track, track.points, track.visible, ...track.points, ...track.visible];
            assert.ok(parts.every(Object.isFrozen));
          }
        }
      }),
    );
  });

  test('is undone to the very values, and done again', () => {
    fc.assert(
      fc.property(operations, (sequence) => {
        const docs = documents(sequence).filter((doc, k, all) => doc !== all[k - 1]);
        const texts = docs.map(editing.write);
        let history = histories.create(docs[0]);
        for (const doc of docs.slice(1)) history = histories.push(history, doc, 'step');
        for (const doc of [...docs].reverse()) {
          assert.equal(history.present.doc, doc);
          history = histories.undo(history);
        }
        assert.equal(histories.canUndo(history), false);
        for (const doc of docs) {
          assert.equal(history.present.doc, doc);
          history = histories.redo(history);
        }
        assert.deepEqual(docs.map(editing.write), texts, 'a later operation changed an earlier document');
      }),
    );
  });

  test('leaves a selection that can be made valid', () => {
    fc.assert(
      fc.property(operations, fc.array(fc.nat(999), { maxLength: 6 }), (sequence, picks) => {
        const docs = documents(sequence);
        const last = docs[docs.length - 1];
        const valid = editing.validSelection(last, selectionOf(docs[docs.length >> 1], picks));
        for (const { id, index } of editing.selectedPoints(last, valid))
          {assert.ok(editing.findTrack(last, id)?.points[index]);}
      }),
    );
  });
});

describe('new tracks', () => {
  test('get free ids and the colours of the palette in turn', () => {
    const doc = docOf(...Array(12).fill({ points: LINE }));
    assert.deepEqual(
      doc.tracks.map((track) => track.id),
      Array.from({ length: 12 }, (_, k) => `t${k + 1}`),
    );
    assert.deepEqual(
      doc.tracks.map((track) => track.color),
      [...PALETTE, PALETTE[0], PALETTE[1]],
    );
    const fewer = editing.removeTracks(doc, ['t3', 't11', 't12']);
    assert.deepEqual(editing.addTrack(fewer, { points: LINE }), {
      id: 't11',
      doc: {
        ...doc,
        tracks: [...fewer.tracks, { ...doc.tracks[2], id: 't11', color: PALETTE[2] }].map((track) => ({ ...track })),
      },
    });
  });

  test('keep what a draft gives', () => {
    const doc = docOf({
      points: LINE,
      id: 'wing',
      name: 'left',
      color: '#abcdef',
      timing: 'keys',
      visible: [[0, 0.5]],
    });
    assert.deepEqual(
      { ...doc.tracks[0], points: 0 },
      {
        id: 'wing',
        name: 'left',
        color: '#abcdef',
        enabled: true,
        kind: 'path',
        spline: 'pchip',
        points: 0,
        timing: 'keys',
        start: 0,
        end: 1,
        ease: 'linear',
        visible: [[0, 0.5]],
      },
    );
  });

  test('that cannot be are refused', () => {
    for (const bad of [
      { points: [] },
      { points: LINE, kind: 'anchor' },
      { points: [{ x: NaN, y: 0 }] },
      { points: LINE, start: 1 },
      { points: LINE, size: 3 },
    ]) {
      assert.throws(() => docOf(/** @type {any} */ (bad)), editing.TrajectoryError);
    }
  });

  test('whole pixels come back as whole pixels', () => {
    for (const [width, height] of [
      [576, 320],
      [1920, 1080],
      [16384, 65536],
    ]) {
      for (let k = 0; k < 300; k += 1) {
        const [x, y] = [(k * 7919) % width, (k * 104729) % height];
        const [track] = docOf({ points: [{ x: x / width, y: y / height }] }).tracks;
        const found = sampleTrack(track, 2, width, height);
        assert.deepEqual([found.x[0], found.y[0]], [x, y]);
      }
    }
  });
});

describe('changes of tracks', () => {
  test('touch the chosen ones alone, and share the rest', () => {
    const doc = docOf({ points: LINE }, { points: LINE }, { points: LINE });
    const changed = editing.updateTracks(doc, ['t1', 't3', 'gone'], { name: 'a', ease: 'ease_in', start: 0.25 });
    assert.deepEqual(
      changed.tracks.map((track) => [track.name, track.ease, track.start]),
      [
        ['a', 'ease_in', 0.25],
        ['', 'linear', 0],
        ['a', 'ease_in', 0.25],
      ],
    );
    assert.equal(changed.tracks[1], doc.tracks[1]);
    assert.equal(changed.tracks[0].points, doc.tracks[0].points);
    assert.equal(editing.updateTracks(changed, ['t1'], { name: 'a', kind: undefined }), changed);
  });

  test('that cannot be are refused and change nothing', () => {
    const doc = docOf({ points: LINE, end: 0.5 });
    for (const bad of [
      { start: 0.5 },
      { start: -1 },
      { end: NaN },
      { color: 'red' },
      { name: 'a'.repeat(257) },
      { spline: 'x' },
      { id: 'a' },
      { visible: [[1, 0]] },
    ]) {
      assert.throws(
        () => editing.updateTracks(doc, ['t1'], /** @type {any} */ (bad)),
        editing.TrajectoryError,
        JSON.stringify(bad),
      );
    }
  });

  test('to an anchor keep the first point', () => {
    const doc = editing.updateTracks(docOf({ points: LINE }), ['t1'], { kind: 'anchor' });
    assert.deepEqual(doc.tracks[0].points, LINE.slice(0, 1));
  });

  test('to bezier keep the curve', () => {
    for (const spline of /** @type {const} */ (['pchip', 'linear', 'catmull_rom'])) {
      const before = docOf({ points: LINE, spline });
      assertSameMotion(before.tracks[0], editing.updateTracks(before, ['t1'], { spline: 'bezier' }).tracks[0]);
    }
    const drawn = docOf({ points: LINE.map((point) => ({ ...point, out: { x: 0.1, y: 0 } })) });
    assert.equal(editing.updateTracks(drawn, ['t1'], { spline: 'bezier' }).tracks[0].points, drawn.tracks[0].points);
  });

  test('to keys keep the motion', () => {
    for (const timing of /** @type {const} */ (['points', 'arc_length'])) {
      const before = docOf({ points: LINE, spline: 'linear', timing, ease: 'ease_in', start: 0.1, end: 0.8 });
      const after = editing.updateTracks(before, ['t1'], { timing: 'keys' }, SIZE);
      assertSameMotion(before.tracks[0], after.tracks[0]);
      assert.ok(times(after).every((t) => t !== undefined));
    }
    const kept = docOf({ points: LINE.map((point, k) => ({ ...point, t: [0.1, 0.2, 0.7][k] })) });
    assert.deepEqual(times(editing.updateTracks(kept, ['t1'], { timing: 'keys' })), [0.1, 0.2, 0.7]);
    const falling = docOf({ points: LINE.map((point, k) => ({ ...point, t: [0.1, 0.8, 0.7][k] })) });
    assert.deepEqual(times(editing.updateTracks(falling, ['t1'], { timing: 'keys' })), [0, 0.5, 1]);
  });

  test('of start and end keep a gap, and the clip', () => {
    const doc = docOf({ points: LINE, start: 0.25, end: 0.5 });
    /** @param {Readonly<Doc>} changed */
    const span = (changed) => [changed.tracks[0].start, changed.tracks[0].end];
    assert.deepEqual(span(editing.setSpan(doc, ['t1'], { start: 0.9 }, 0.125)), [0.375, 0.5]);
    assert.deepEqual(span(editing.setSpan(doc, ['t1'], { end: -3 }, 0.125)), [0.25, 0.375]);
    assert.deepEqual(span(editing.setSpan(doc, ['t1'], { start: 2, end: 2 }, 0.125)), [0.875, 1]);
    assert.deepEqual(span(editing.shiftSpan(doc, ['t1'], 9)), [0.75, 1]);
    assert.deepEqual(span(editing.shiftSpan(doc, ['t1'], -9)), [0, 0.25]);
    const two = docOf({ points: LINE, start: 0.25, end: 0.5 }, { points: LINE, start: 0.5, end: 0.75 });
    assert.deepEqual(
      editing.shiftSpan(two, ['t1', 't2'], 1).tracks.map(({ start, end }) => [start, end]),
      [
        [0.5, 0.75],
        [0.75, 1],
      ],
    );
    assert.equal(editing.shiftSpan(two, [], 1), two);
    assert.throws(() => editing.setSpan(doc, ['t1'], { start: NaN }), editing.TrajectoryError);
  });

  test('mirrored twice and reversed twice are as before', () => {
    fc.assert(
      fc.property(fc.array(draft, { minLength: 1, maxLength: 3 }), (drafts) => {
        const doc = docOf(...drafts);
        const ids = doc.tracks.map((track) => track.id);
        for (const change of [
          (/** @type {Readonly<Doc>} */ d) => editing.mirrorTracks(d, ids, 'h'),
          (/** @type {Readonly<Doc>} */ d) => editing.mirrorTracks(d, ids, 'v'),
          (/** @type {Readonly<Doc>} */ d) => editing.reverseTracks(d, ids),
        ]) {
          const again = change(change(doc));
          doc.tracks.forEach((track, k) =>
            track.points.forEach((point, i) => {
              const { x, y, t } = again.tracks[k].points[i];
              assert.ok(Math.abs(x - point.x) < 1e-9 && Math.abs(y - point.y) < 1e-9);
              if (point.t !== undefined) assert.ok(track.timing === 'keys' || Math.abs((t ?? -1) - point.t) < 1e-9);
            }),
          );
        }
      }),
    );
  });

  test('mirror and reverse', () => {
    const doc = docOf({
      points: [
        { x: 0.1, y: 0.2, t: 0.2, out: { x: 0.1, y: 0.2 } },
        { x: 0.5, y: 0.4, t: 1 },
      ],
    });
    assert.deepEqual(editing.mirrorTracks(doc, ['t1'], 'h').tracks[0].points, [
      { x: 0.5, y: 0.2, t: 0.2, out: { x: -0.1, y: 0.2 } },
      { x: 0.1, y: 0.4, t: 1 },
    ]);
    assert.deepEqual(editing.reverseTracks(doc, ['t1']).tracks[0].points, [
      { x: 0.5, y: 0.4, t: 0 },
      { x: 0.1, y: 0.2, t: 0.8, in: { x: 0.1, y: 0.2 } },
    ]);
  });

  test('of order and number', () => {
    const doc = docOf(...Array(4).fill({ points: LINE }));
    /** @param {Readonly<Doc>} changed */
    const ids = (changed) => changed.tracks.map((track) => track.id).join(' ');
    assert.equal(ids(editing.reorderTracks(doc, ['t4', 't2'], 1)), 't1 t2 t4 t3');
    assert.equal(ids(editing.reorderTracks(doc, ['t1'], 99)), 't2 t3 t4 t1');
    assert.equal(editing.reorderTracks(doc, ['t2'], 1), doc);
    const copied = editing.duplicateTracks(doc, ['t1', 't3'], { x: 0.25, y: 0 });
    assert.equal(ids(copied.doc), 't1 t5 t2 t3 t6 t4');
    assert.deepEqual(copied.ids, ['t5', 't6']);
    assert.equal(copied.doc.tracks[1].points[0].x, 0.35);
    assert.equal(copied.doc.tracks[1].color, doc.tracks[0].color);
    const pasted = editing.paste(docOf({ points: LINE }), editing.copyTracks(doc, ['t1', 't3']));
    assert.deepEqual(pasted.ids, ['t2', 't3']);
  });
});

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
    assert.deepEqual(times(editing.removePoints(doc, [{ id: 't1', index: 1 }])), [0.2, 0.8]);
    assert.throws(() => editing.insertPoint(doc, 't1', 4, at), editing.TrajectoryError);
  });

  test('an anchor that gets a second point is a path', () => {
    const doc = editing.insertPoint(docOf({ points: [{ x: 0, y: 0 }], kind: 'anchor' }), 't1', 1, { x: 1, y: 1 });
    assert.equal(doc.tracks[0].kind, 'path');
    assert.equal(doc.tracks[0].points.length, 2);
  });

  test('the last one takes its track along', () => {
    const doc = docOf({ points: LINE }, { points: LINE.slice(0, 1) });
    const rest = editing.removePoints(doc, [
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
    const scaled = editing.scaleSelection(doc, { tracks: ['t1'], points: [] }, box, {
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
