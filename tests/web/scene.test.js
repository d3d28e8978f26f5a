/** Which overlays are seen in which session of the editor. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { addTrack, emptyDoc } from '../../web/core/document.js';
import { OVERLAYS, bendsIn, sceneOf, viewOf } from '../../web/editor/scene.js';
import { Session } from '../../web/editor/session.js';

const { doc, id } = addTrack(emptyDoc(), {
  points: [{ x: 0, y: 0 }, { x: 0.5, y: 0 }, { x: 1, y: 0 }], end: 0.8,
});
const CLIP = /** @type {any} */ ({ width: 100, height: 50, frames: 11, fit: 'crop' });
const COMPOSED = /** @type {any} */ ({ composition: { frames: 11 }, doc, url: 'a', clip: { ...CLIP, rate: 7 } });

/** What is shown: the view, its instant, and what the picture is drawn from. @param {Record<string, any>} changes */
function seen({ hold = null, answered = true, clip = CLIP, edited = null, ...changes }) {
  const session = new Session(() => {});
  session.apply(doc, 'draw');
  session.select({ tracks: [id] });
  const { time = 0, playing = false, ...around } = changes;
  session.update({ time, playing, hold });
  const known = answered ? { composed: COMPOSED, film: [/** @type {any} */ ('first'), 'last'] } : { composed: null, film: [] };
  const answers = { ...known, depth: null, edited };
  const all = { clip, picture: { url: 'a', video: false }, result: { shown: false }, depthCamera: null, ...around };
  const { view, time: at, composition, film } = sceneOf(session.now, all, answers);
  return [view, at, composition ? 'composed' : film];
}

describe('the scene', () => {
  it('is the picture at the beginning, and the moved picture later', () => {
    assert.deepEqual(seen({}), ['idle', 0, null]);
    assert.deepEqual(seen({ time: 0.5 }), ['posed', 0.5, 'composed']);
    assert.deepEqual(seen({ time: 0.5, playing: true }), ['playing', 0.5, 'composed']);
    assert.deepEqual(seen({ time: 0.5, depthCamera: { inputs: {} } }), ['posed', 0.5, 'last']);
    assert.deepEqual(seen({ time: 0.5, depthCamera: { inputs: null } }), ['posed', 0.5, 'composed']);
  });

  it('is at the instant that is held, if that can be shown', () => {
    assert.deepEqual(seen({ hold: { time: 1 } }), ['held', 1, 'composed']);
    assert.deepEqual(seen({ time: 0.5, hold: { time: 0.75 } }), ['held', 0.75, 'composed']);
    assert.deepEqual(seen({ hold: { point: { id, index: 1 } } }), ['held', 0.4, 'composed'], 'when a point is reached');
    assert.deepEqual(seen({ hold: { point: { id, index: 2 } } }), ['held', 0.8, 'composed']);
    assert.deepEqual(seen({ hold: {} }), ['idle', 0, null], 'nothing has moved yet');
    assert.deepEqual(seen({ hold: { time: 1 }, answered: false }), ['idle', 0, null]);
    assert.deepEqual(seen({ hold: { time: 1 }, picture: { url: 'a', video: true } }), ['idle', 0, null]);
  });

  it('is not an answer about another picture or another clip', () => {
    assert.deepEqual(seen({ time: 0.5, picture: { url: 'b', video: false } }), ['idle', 0.5, null]);
    assert.deepEqual(seen({ time: 0.5, clip: { ...CLIP, fit: 'pad' } }), ['idle', 0.5, null]);
  });

  it('is left to a result and to a video, which move by themselves', () => {
    assert.deepEqual(seen({ time: 0.5, result: { shown: true } }), ['result', 0.5, null]);
    assert.deepEqual(seen({ time: 0.5, result: { shown: true }, playing: true }), ['bare', 0.5, null]);
    assert.deepEqual(seen({ time: 0.5, picture: { url: 'a', video: true } }), ['idle', 0.5, null]);
    assert.deepEqual(seen({ time: 0.5, playing: true, answered: false }), ['bare', 0.5, null]);
  });

  it('is a video as the drawing edits it, under all that lies over the video, and alone while it plays', () => {
    const [video, edited] = [{ url: 'a', video: true }, /** @type {any} */ ({ parts: [] })];
    assert.deepEqual(seen({ time: 0.5, picture: video, edited }), ['idle', 0.5, null]);
    assert.deepEqual(seen({ time: 0.5, picture: video, edited, hold: { time: 1 } }), ['idle', 0.5, null]);
    assert.deepEqual(seen({ time: 0.5, picture: video, edited, playing: true }), ['playing', 0.5, null]);
    const result = { shown: true };
    assert.deepEqual(seen({ time: 0.5, picture: video, edited, playing: true, result }), ['bare', 0.5, null]);
  });

  it('has nothing over what plays, and only what is held where that is moved', () => {
    assert.deepEqual([...OVERLAYS[viewOf(true, false, true, false)]], ['tool'], 'but what is being drawn');
    assert.ok(OVERLAYS.bare.has('markers'), 'with nothing else that shows how it moves');
    for (const overlay of /** @type {const} */ (['others', 'regions', 'areas', 'pins', 'hover'])) {
      assert.ok(OVERLAYS.idle.has(overlay) && !OVERLAYS.held.has(overlay), overlay);
    }
    for (const view of /** @type {const} */ (['held', 'posed', 'idle'])) {
      assert.ok(OVERLAYS[view].has('pose') && OVERLAYS[view].has('handles') && OVERLAYS[view].has('selected'), view);
    }
  });
});

describe('whether selected drags bend', () => {
  /** @param {import('../../web/core/types.js').Bend | undefined} bend @param {boolean[]} told of the answer's regions */
  function bending(bend, ...told) {
    const tracks = [{ ...doc.tracks[0], bend }];
    const regions = told.map((bends) => ({ tracks: [id], at: 0, seen: [], moved: [], bends }));
    return bendsIn(/** @type {any} */ ({ tracks }), regions);
  }

  it('is as they are set, also while the answer is still that of before', () => {
    assert.deepEqual([bending('on', false), bending('off', true)], [true, false]);
  });

  it('is as the server says where that depends on the thing', () => {
    assert.deepEqual([bending('auto', false), bending('auto', true), bending(undefined, true)], [false, true, true]);
    assert.deepEqual([bending('auto'), bending(undefined)], [true, false]);
  });
});
