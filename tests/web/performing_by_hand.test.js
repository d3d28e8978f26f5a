/** Performing as a gesture, without a page: frames and events are called by the tests. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { emptyDoc, findTrack, updateTracks, write } from '../../web/core/document.js';
import { Performing } from '../../web/editor/performing.js';
import { Session } from '../../web/editor/session.js';
import { translator } from '../../web/editor/strings/translator.js';
import { LINE, docOf } from './drawing.js';

/** @import {Doc} from '../../web/core/types.js' */
/** @import {Editor} from '../../web/editor/editor.js' */
/** @import {StageEvent} from '../../web/editor/stage.js' */

const CLIP = { width: 576, height: 320, frames: 15, fit: 'crop', rate: 7, between: 1 };
const SECONDS = 2;

/** What waits for the page's next frame. @type {((now: number) => void)[]} */
let waiting = [];
let clock = 1000; // ms

Object.assign(globalThis, {
  requestAnimationFrame: (/** @type {(now: number) => void} */ callback) => waiting.push(callback),
  cancelAnimationFrame: () => { waiting = []; },
  Path2D: class {
    moveTo() {}

    lineTo() {}

    closePath() {}
  },
});

beforeEach(() => { waiting = []; });

/** @param {Readonly<Doc>} doc @param {{known?: boolean}} [answers] whether the server has said where its things are */
function opened(doc, { known = true } = {}) {
  const session = new Session(() => {});
  session.load(write(doc));
  const frameAt = () => Math.round(session.now.time * (CLIP.frames - 1));
  const editor = {
    clip: CLIP, px: 1, locked: false, acting: null, hover: null, session, t: translator('en'), said: [],
    get tool() { return editor.acting ?? { unfinished: false, end: () => false }; },
    get time() { return session.now.time; },
    result: { hide: () => {} },
    player: {
      seconds: SECONDS, playing: false, get frame() { return frameAt(); },
      goTo: (/** @type {number} */ frame) => session.change({ time: frame / (CLIP.frames - 1) }),
    },
    picture: { image: {}, video: false }, around: { depthCamera: null },
    answers: { composed: null, isKnown: known, knows: () => editor.answers.isKnown },
    stage: { pointers: { last: null, down: new Map() } },
    regions: { under: () => undefined, objectAt: () => undefined, found: [], shown: [] },
    attempt: (/** @type {() => void} */ run) => run(),
    invalidate: () => {}, commit: () => session.finish(), say: () => {},
  };
  return { editor, session, performing: new Performing(/** @type {Editor} */ (/** @type {unknown} */ (editor))) };
}

/** @param {number} x pixels of the clip @param {number} y @returns {StageEvent} */
const at = (x, y) => ({
  p: { x, y }, stage: { x, y }, shift: false, alt: false, time: clock, mod: false, touch: false });

/** So many frames of the page. @param {number} count */
function pass(count) {
  for (let k = 0; k < count; k += 1) {
    clock += 1000 / 60;
    for (const callback of waiting.splice(0)) callback(clock);
  }
}

test('a hand that moves while the clip plays is a drag with its times, and one step', () => {
  const { session, performing } = opened(emptyDoc({ width: 576, height: 320 }));
  performing.toggle();
  performing.down(at(100, 100));
  pass(2);
  for (let k = 1; k <= 30; k += 1) {
    performing.move(at(100 + 5 * k, 100));
    pass(1);
  }
  assert.ok(session.now.playing && session.now.time > 0.2);
  performing.up(at(250, 100));
  const { tracks: [track], tracks: { length } } = session.doc;
  assert.deepEqual([length, track.timing, session.now.playing, session.now.time], [1, 'keys', false, 0]);
  assert.ok(track.points.length < 6 && Math.abs(track.end - 0.26) < 0.02, `${track.points.length} ${track.end}`);
  session.undo();
  assert.equal(session.doc.tracks.length, 0);
  assert.equal(session.canUndo, false);
});

test('it waits for the thing before it plays, but not for ever', () => {
  for (const answered of [true, false]) {
    const { editor, session, performing } = opened(emptyDoc({ width: 576, height: 320 }), { known: false });
    performing.toggle();
    performing.down(at(100, 100));
    pass(60);
    assert.ok(performing.waits && session.now.time === 0);
    assert.equal(session.doc.tracks[0].points.length, 2, 'it moves, so that it is looked for');
    editor.answers.isKnown = answered;
    pass(answered ? 2 : 300);
    assert.ok(!performing.waits && session.now.playing);
    performing.cancel();
    assert.equal(session.doc.tracks.length, 0, 'the hand has not moved');
  }
});

test('with a key, a second press of it, or of the pointer, begins nothing more', () => {
  const { editor, session, performing } = opened(docOf({ points: LINE }));
  const [{ id }] = session.doc.tracks;
  session.select({ tracks: [id] });
  const hand = /** @type {any} */ (at(50, 50));
  editor.stage.pointers.last = hand;
  performing.press();
  pass(3);
  const { take } = performing;
  performing.press();
  performing.down(at(80, 50));
  performing.move(at(90, 90));
  pass(10);
  performing.up(at(90, 90));
  assert.equal(performing.take, take);
  performing.release();
  assert.equal(performing.take, null);
  assert.equal(editor.acting, null);
  assert.equal(findTrack(session.doc, id)?.timing, 'keys');
});

test('a drawing that somebody else changes is not overwritten', () => {
  const { session, performing } = opened(docOf({ points: LINE }));
  const [{ id }] = session.doc.tracks;
  performing.down(at(...LINE.map(({ x, y }) => /** @type {const} */ ([x * 576, y * 320]))[0]));
  pass(3);
  performing.move(at(300, 200));
  pass(5);
  const theirs = updateTracks(docOf({ points: LINE }), [id], { name: 'theirs' });
  session.load(write(theirs));
  pass(2);
  assert.equal(performing.take, null);
  assert.equal(session.value, write(theirs));
  assert.equal(session.canUndo, false);
});

test('the playhead in other hands ends it, and what was performed stays', () => {
  const { editor, session, performing } = opened(docOf({ points: LINE }));
  const [{ x, y }] = LINE;
  performing.down(at(x * 576, y * 320));
  pass(3);
  for (let k = 1; k < 20; k += 1) {
    performing.move(at(x * 576 + 4 * k, y * 320));
    pass(1);
  }
  editor.player.goTo(9);
  pass(1);
  assert.equal(performing.take, null);
  assert.deepEqual([session.doc.tracks[0].timing, editor.player.frame], ['keys', 9]);
});
