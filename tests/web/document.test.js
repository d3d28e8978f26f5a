/** Operations on documents: what holds for all of them, and what those on whole tracks are for. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import * as editing from '../../web/core/document.js';
import * as histories from '../../web/core/history.js';
import { PALETTE } from '../../web/core/limits.js';
import { sampleTrack } from '../../web/core/sampling.js';
import { documents, draft, operations, selectionOf } from './arbitraries.js';
import { LINE, SIZE, assertSameMotion, docOf, times } from './drawing.js';

/** @import {Doc} from '../../web/core/types.js' */

describe('any sequence of operations', () => {
  test('gives documents that are written and read back unchanged, and frozen throughout', () => {
    fc.assert(
      fc.property(operations, (sequence) => {
        for (const doc of documents(sequence)) {
          assert.deepEqual(editing.read(editing.write(doc)), doc);
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

  test('of number', () => {
    const doc = docOf(...Array(4).fill({ points: LINE }));
    /** @param {Readonly<Doc>} changed */
    const ids = (changed) => changed.tracks.map((track) => track.id).join(' ');
    const copied = editing.duplicateTracks(doc, ['t1', 't3'], { x: 0.25, y: 0 });
    assert.equal(ids(copied.doc), 't1 t5 t2 t3 t6 t4');
    assert.deepEqual(copied.ids, ['t5', 't6']);
    assert.equal(copied.doc.tracks[1].points[0].x, 0.35);
    const colors = copied.doc.tracks.map(({ color }) => color);
    assert.equal(new Set(colors).size, 6, 'a copy can be told from its original');
    const pasted = editing.paste(docOf({ points: LINE }), editing.copyTracks(doc, ['t1', 't3']));
    assert.deepEqual(pasted.ids, ['t2', 't3']);
  });
});
