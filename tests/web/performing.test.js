/** What a hand did while the clip played, as points and keys (web/core/performing.js). */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addTrack, emptyDoc, read, updateTracks, write } from '../../web/core/document.js';
import { addObjects, findObject, objectsOf } from '../../web/core/objects/edit.js';
import { setKey } from '../../web/core/objects/keys.js';
import { movedPivot, transformFunction } from '../../web/core/objects/sampling.js';
import { performObjects, performTracks } from '../../web/core/performing.js';
import { positionFunction } from '../../web/core/sampling.js';

const CLIP = Object.freeze({ width: 640, height: 400, seconds: 3 });
const TOLERANCE = 2; // px
const LATE = 0.03; // seconds

/** @import {Performance} from '../../web/core/performing.js' */
/** @import {MotionObject, Track, TrackDraft, XY} from '../../web/core/types.js' */

/**
 * A hand that draws an eight between two times, with a tremor.
 * @param {number} from
 * @param {number} to
 * @param {number} [shake] px
 */
function eight(from, to, shake = 0.5) {
  const count = Math.round((to - from) * CLIP.seconds * 60);
  return Array.from({ length: count + 1 }, (_, k) => {
    const s = k / count;
    const tremor = k === 0 || k === count ? 0 : shake * Math.sin(k * 2.4);
    const [x, y] = [90 * Math.sin(2 * Math.PI * s) + tremor, 50 * Math.sin(4 * Math.PI * s) - tremor];
    return { time: from + s * (to - from), x: x / CLIP.width, y: y / CLIP.height };
  });
}

/** @param {Readonly<Track>} track @param {readonly number[]} times */
const placesOf = (track, times) => times.map(positionFunction(track, CLIP.width, CLIP.height));
/** @param {number} from @param {number} to */
const between = (from, to, count = 50) => Array.from({ length: count + 1 }, (_, k) => from + (k / count) * (to - from));
/** @param {readonly XY[]} a @param {readonly XY[]} b px */
const apart = (a, b) => Math.max(...a.map(({ x, y }, k) => Math.hypot(x - b[k].x, y - b[k].y)));

/** @param {TrackDraft} draft @param {Performance['samples']} samples @param {number} [tolerance] */
function performedAlone(draft, samples, tolerance = TOLERANCE) {
  const { doc } = addTrack(emptyDoc(), draft);
  const [before] = doc.tracks;
  const done = performTracks(doc, [before.id], { samples, clip: CLIP, tolerance });
  return { before, track: done.tracks[0], doc: done };
}

test('a new drag follows the hand in its own time, with few points', () => {
  const { track, doc } = performedAlone({ points: [{ x: 0.5, y: 0.5 }], kind: /** @type {const} */ ('anchor') }, eight(0.25, 0.75));
  assert.equal(track.kind, 'path');
  assert.deepEqual([track.start, track.end], [0.25, 0.75]);
  assert.ok(track.points.length < 30, `${track.points.length} points`);
  const times = between(0.25, 0.75);
  const truth = (/** @type {number} */ time) => {
    const s = (time - 0.25) / 0.5;
    return { x: 320 + 90 * Math.sin(2 * Math.PI * s), y: 200 + 50 * Math.sin(4 * Math.PI * s) };
  };
  placesOf(track, times).forEach((place, k) => {
    const around = between(times[k] - LATE / CLIP.seconds, times[k] + LATE / CLIP.seconds).map(truth);
    const off = Math.min(...around.map((at) => apart([place], [at])));
    assert.ok(off < TOLERANCE + 1, `${off} px at ${times[k]}`);
  });
  assert.deepEqual(read(write(doc)), doc);
});

test('a hand that rests, rests', () => {
  const samples = [0, 0.3, 0.301, 0.6, 0.601, 1].map((time, k) => ({ time, x: [0, 0, 0, 0.2, 0.2, 0.2][k], y: 0 }));
  const { track } = performedAlone({ points: [{ x: 0.2, y: 0.5 }] }, samples);
  const [early, late] = [placesOf(track, between(0, 0.27)), placesOf(track, between(0.64, 1))];
  for (const { x } of early) assert.ok(Math.abs(x - 128) <= TOLERANCE, `${x}`);
  for (const { x } of late) assert.ok(Math.abs(x - 256) <= TOLERANCE, `${x}`);
});

test('only the performed part of a drag changes, and it goes on as it did', () => {
  const points = [{ x: 0.1, y: 0.5 }, { x: 0.5, y: 0.2 }, { x: 0.9, y: 0.5 }];
  for (const spline of /** @type {const} */ (['pchip', 'catmull_rom', 'linear'])) {
    for (const timing of /** @type {const} */ (['points', 'arc_length'])) {
      const draft = { points, spline, timing, ease: /** @type {const} */ ('ease_in_out') };
      const { before, track } = performedAlone(draft, eight(0.4, 0.6));
      assert.deepEqual([track.start, track.end], [0, 1]);
      for (const [from, to] of [[0, 0.4], [0.6 + 0.2 / CLIP.seconds + 0.02, 1]]) {
        const times = between(from, to);
        assert.ok(apart(placesOf(before, times), placesOf(track, times)) < 1, `${spline} ${timing} ${from}`);
      }
    }
  }
});

test('a drag performed from its beginning is new, and where it was left at its end', () => {
  const { track } = performedAlone({ points: [{ x: 0.1, y: 0.5 }, { x: 0.3, y: 0.5 }], start: 0.1 }, eight(0.1, 0.4));
  assert.deepEqual([track.start, track.end], [0.1, 0.4]);
});

test('a drag performed to the end of its time, or past it, ends there', () => {
  const points = [{ x: 0.1, y: 0.5 }, { x: 0.3, y: 0.5 }];
  const { track } = performedAlone({ points, start: 0.1, end: 0.5 }, eight(0.3, 0.8));
  assert.deepEqual([track.start, track.end], [0.1, 0.8]);
});

test('a drag that ran to and fro runs once, as it was seen; its swing stays', () => {
  const sway = { amount: 0.05, times: 2, phase: 0, direction: 90 };
  const loop = { mode: /** @type {const} */ ('ping_pong'), times: 2 };
  const draft = { points: [{ x: 0.1, y: 0.5 }, { x: 0.5, y: 0.5 }], loop, sway };
  const { before, track } = performedAlone(draft, eight(0.8, 1));
  assert.equal(track.loop, undefined);
  assert.deepEqual(track.sway, sway);
  assert.ok(apart(placesOf(before, between(0, 0.8)), placesOf(track, between(0, 0.8))) < 1.5);
});

test('a pin turns when it did, though its drag has another span', () => {
  const pin = [{ at: 0.5, turn: 10, scale: 1 }, { at: 1, turn: 30, scale: 1.2 }];
  const { track } = performedAlone({ points: [{ x: 0.1, y: 0.5 }, { x: 0.5, y: 0.5 }], end: 0.5, pin }, eight(0.4, 1));
  assert.deepEqual(track.pin, [{ at: 0.25, turn: 10, scale: 1 }, { at: 0.5, turn: 30, scale: 1.2 }]);
});

const SQUARE = [[{ x: 0.4, y: 0.4 }, { x: 0.6, y: 0.4 }, { x: 0.6, y: 0.6 }, { x: 0.4, y: 0.6 }]];

function withObject() {
  const { doc, ids: [id] } = addObjects(emptyDoc(), [{ outline: SQUARE }]);
  return { doc, id };
}

test('an object follows the hand along a path', () => {
  const { doc, id } = withObject();
  const done = performObjects(doc, [id], { samples: eight(0, 0.5), clip: CLIP, tolerance: TOLERANCE });
  const object = /** @type {MotionObject} */ (findObject(done, id));
  assert.ok('points' in object.motion && object.motion.timing === 'keys');
  assert.deepEqual([object.start, object.end], [0, 0.5]);
  const transform = transformFunction(object, CLIP.width, CLIP.height);
  const { x, y } = movedPivot(object, transform(0.125), CLIP.width, CLIP.height);
  assert.ok(Math.hypot(x - 410, y - 200) < TOLERANCE + 1.5, `${x} ${y}`);
  assert.deepEqual(read(write(done)), done);
});

test('an object that turns and grows does so as before, along the performed path', () => {
  const { doc, id } = withObject();
  const turned = setKey(doc, id, 0.5, { rotation: 40, scale: 1.5 }, CLIP);
  const done = performObjects(turned, [id], { samples: eight(0.2, 0.9), clip: CLIP, tolerance: TOLERANCE });
  const [was, is] = [turned, done].map((each) => /** @type {MotionObject} */ (findObject(each, id)));
  const [before, after] = [was, is].map((object) => transformFunction(object, CLIP.width, CLIP.height));
  for (const time of between(0, 1)) {
    assert.ok(Math.abs(before(time).re - after(time).re) < 0.02, `${time}`);
    assert.ok(Math.abs(before(time).im - after(time).im) < 0.02, `${time}`);
  }
  const { x } = movedPivot(is, after(0.2 + 0.7 / 4), CLIP.width, CLIP.height);
  assert.ok(Math.abs(x - 410) < TOLERANCE + 1.5, `${x}`);
  assert.equal(objectsOf(done).length, 1);
  assert.deepEqual(read(write(done)), done);
});

test('while it is performed, every place is kept', () => {
  const samples = eight(0, 0.5);
  const { track } = performedAlone({ points: [{ x: 0.5, y: 0.5 }] }, samples, 0);
  const { x, y } = samples[37];
  const [at] = placesOf(track, [samples[37].time]);
  assert.ok(Math.hypot(at.x - (0.5 + x) * CLIP.width, at.y - (0.5 + y) * CLIP.height) < 0.2);
});

test('a drag that is off, hidden or named stays so', () => {
  const { doc, id } = addTrack(emptyDoc(), { points: [{ x: 0.5, y: 0.5 }], name: 'hand', bend: 'on', over: 'front' });
  const off = updateTracks(doc, [id], { enabled: false, visible: [[0, 0.5]] });
  const { tracks: [track] } = performTracks(off, [id], { samples: eight(0, 1), clip: CLIP, tolerance: 1 });
  const { name, bend, over, enabled, visible } = track;
  assert.deepEqual([name, bend, over, enabled, visible], ['hand', 'on', 'front', false, [[0, 0.5]]]);
});
