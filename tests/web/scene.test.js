/** Which overlays are seen in which state of the editor. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { OVERLAYS, sceneOf, viewOf } from '../../web/editor/scene.js';

/** @param {Record<string, any>} changes */
function editorWith({ time = 0, playing = false, held = null, answered = true, ...changes }) {
  const source = (/** @type {string} */ name) => ({ name, look: (/** @type {number} */ at) => (answered ? [name, at] : []) });
  return /** @type {any} */ ({
    player: { time, playing }, result: { shown: false }, picture: { video: false }, state: { problem: null },
    depthCamera: null, tool: { heldTime: held },
    stage: { composed: source('composed'), cameraFilm: source('film'), pointers: { mode: held === null ? null : 'tool' } },
    ...changes,
  });
}

/** @param {Record<string, any>} changes */
function seen(changes) {
  const { view, time, moving } = sceneOf(editorWith(changes));
  return [view, time, /** @type {any} */ (moving)?.name ?? null];
}

describe('the scene', () => {
  it('is the picture at the beginning, and the moved picture later', () => {
    assert.deepEqual(seen({}), ['idle', 0, null]);
    assert.deepEqual(seen({ time: 0.5 }), ['posed', 0.5, 'composed']);
    assert.deepEqual(seen({ time: 0.5, playing: true }), ['playing', 0.5, 'composed']);
    assert.deepEqual(seen({ time: 0.5, depthCamera: { inputs: {} } }), ['posed', 0.5, 'film']);
    assert.deepEqual(seen({ time: 0.5, depthCamera: { inputs: null } }), ['posed', 0.5, 'composed']);
  });

  it('is at the instant that is held, if that can be shown', () => {
    assert.deepEqual(seen({ held: 1 }), ['held', 1, 'composed']);
    assert.deepEqual(seen({ time: 0.5, held: 0.75 }), ['held', 0.75, 'composed']);
    assert.deepEqual(seen({ held: 1, answered: false }), ['idle', 0, null]);
    assert.deepEqual(seen({ held: 1, picture: { video: true } }), ['idle', 0, null]);
    assert.deepEqual(seen({ held: 1, stage: { ...editorWith({}).stage, pointers: { mode: null } } }), ['idle', 0, null]);
  });

  it('is left to a result and to a video, which move by themselves', () => {
    assert.deepEqual(seen({ time: 0.5, result: { shown: true } }), ['result', 0.5, null]);
    assert.deepEqual(seen({ time: 0.5, result: { shown: true }, playing: true }), ['bare', 0.5, null]);
    assert.deepEqual(seen({ time: 0.5, picture: { video: true } }), ['idle', 0.5, null]);
    assert.deepEqual(seen({ time: 0.5, playing: true, answered: false }), ['bare', 0.5, null]);
  });

  it('has nothing over what plays, and only what is held where that is moved', () => {
    assert.equal(OVERLAYS[viewOf(true, false, true, false)].size, 0);
    assert.ok(OVERLAYS.bare.has('markers'), 'with nothing else that shows how it moves');
    for (const overlay of /** @type {const} */ (['others', 'regions', 'areas', 'pins', 'hover'])) {
      assert.ok(OVERLAYS.idle.has(overlay) && !OVERLAYS.held.has(overlay), overlay);
    }
    for (const view of /** @type {const} */ (['held', 'posed', 'idle'])) {
      assert.ok(OVERLAYS[view].has('pose') && OVERLAYS[view].has('handles') && OVERLAYS[view].has('selected'), view);
    }
  });
});
