/** Paths become anchors and back, and nothing is lost on the way. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveSelection, removeTracks, updateTracks } from '../../web/core/document.js';
import { create, push } from '../../web/core/history.js';
import { withKind } from '../../web/core/kinds.js';
import { LINE, docOf } from './drawing.js';

/** @import {Doc, History} from '../../web/core/types.js' */

const STEP = { x: 0.25, y: 0 };

/** @param {(Readonly<Doc> | ((history: Readonly<History>) => Readonly<Doc>))[]} steps */
function historyOf(...steps) {
  const [first, ...rest] = steps;
  let history = create(/** @type {Readonly<Doc>} */ (first));
  for (const step of rest) history = push(history, typeof step === 'function' ? step(history) : step, 'step');
  return history;
}

/** @param {Readonly<History>} history the documents before the present one, the latest first */
const earlier = ({ past }) => past.map(({ doc }) => doc).reverse();
const never = () => [];

test('an anchor holds the first point, and keeps all else of the path', () => {
  const path = docOf({ points: LINE, name: 'wing', spline: 'catmull_rom', timing: 'arc_length', start: 0.2, ease: 'ease_in' }, { points: LINE });
  const [anchor, other] = withKind(path, ['t1'], 'anchor', STEP, never).tracks;
  assert.deepEqual(anchor, { ...path.tracks[0], kind: 'anchor', points: LINE.slice(0, 1) });
  assert.equal(other, path.tracks[1]);
});

test('an anchor that was a path has its points again, where it is now', () => {
  const history = historyOf(
    docOf({ points: LINE }),
    ({ present }) => withKind(present.doc, ['t1'], 'anchor', STEP, never),
    ({ present }) => moveSelection(present.doc, { tracks: ['t1'], points: [] }, 0.125, -0.1),
    ({ present }) => updateTracks(present.doc, ['t1'], { name: 'later', color: '#123456' }),
  );
  const [track] = withKind(history.present.doc, ['t1'], 'path', STEP, () => earlier(history)).tracks;
  assert.deepEqual(track.points, LINE.map(({ x, y }) => ({ x: x + 0.125, y: Number((y - 0.1).toFixed(11)) })));
  assert.deepEqual([track.kind, track.name, track.color], ['path', 'later', '#123456']);
});

test('an anchor that never was a path gets a point to pull at, in any timing', () => {
  for (const timing of /** @type {const} */ (['points', 'keys'])) {
    const doc = docOf({ points: [{ x: 0.5, y: 0.5, t: 1 }], kind: 'anchor', timing });
    const [track] = withKind(doc, ['t1', 'gone'], 'path', STEP, never).tracks;
    assert.deepEqual(track.points.map(({ x, y }) => [x, y]), [[0.5, 0.5], [0.75, 0.5]]);
  }
});

test('the points of another track that had the id before are not taken', () => {
  const history = historyOf(
    docOf({ points: LINE }),
    ({ present }) => removeTracks(present.doc, ['t1']),
    docOf({ points: [{ x: 0, y: 0 }], kind: 'anchor' }),
  );
  assert.deepEqual(withKind(history.present.doc, ['t1'], 'path', STEP, () => earlier(history)).tracks[0].points, [{ x: 0, y: 0 }, { x: 0.25, y: 0 }]);
});

test('what is of that kind already stays the same', () => {
  const doc = docOf({ points: LINE }, { points: LINE.slice(0, 1), kind: 'anchor' });
  assert.equal(withKind(doc, ['t1'], 'path', STEP, never), doc);
  assert.equal(withKind(doc, ['t2'], 'anchor', STEP, never), doc);
});
