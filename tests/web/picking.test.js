/** What clicks pick, with a server that answers what the test says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsOf } from '../../web/core/objects/edit.js';
import { Picking } from '../../web/editor/objects/picking.js';
import { Session } from '../../web/editor/session.js';

/** @import {Ring} from '../../web/core/types.js' */
/** @import {Editor} from '../../web/editor/editor.js' */
/** @import {PickRequest, PickedThing} from '../../web/editor/host.js' */

/** @type {Ring[]} */
const OUTLINE = [[{ x: 0.1, y: 0.1 }, { x: 0.9, y: 0.1 }, { x: 0.5, y: 0.9 }]];
const WORDS = { noSmaller: 'none smaller', noLarger: 'none larger', ground: 'ground: click again', nothing: 'nothing' };

/** @param {(request: PickRequest) => PickedThing} answer */
function pickingWith(answer) {
  const session = new Session(() => {});
  /** @type {string[]} */
  const warned = [];
  const editor = {
    session, clip: { width: 100, height: 100 }, picture: {}, player: { frame: 0, at: 0 }, stage: {},
    host: { pick: async (/** @type {PickRequest} */ request) => answer(request) },
    notices: { warn: (/** @type {string} */ text) => warned.push(text) },
    invalidate: () => {}, warn: () => {}, reason: String, attempt: (/** @type {() => void} */ run) => run(),
    change: (/** @type {Session['doc']} */ changed, /** @type {string} */ label) => session.apply(changed, label),
  };
  const picking = new Picking(/** @type {Editor} */ (/** @type {unknown} */ (editor)), () => WORDS);
  return { picking, session, warned };
}

/** @param {number} x @param {number} y @returns {PickRequest} */
const clickAt = (x, y) => ({ points: [{ x, y }], minus: [] });

test('ground is taken by a second click on the same place, or by a step to it', async () => {
  const { picking, session, warned } = pickingWith(() => ({ outline: OUTLINE, ground: true }));
  await picking.pick(clickAt(0.5, 0.5));
  await picking.pick(clickAt(0.2, 0.2));
  assert.deepEqual([warned, objectsOf(session.doc).length], [[WORDS.ground, WORDS.ground], 0]);
  picking.keepQuestionAt({ x: 0.21, y: 0.2 });
  assert.deepEqual(picking.asked, { x: 0.2, y: 0.2 });
  await picking.pick(clickAt(0.205, 0.2));
  assert.equal(objectsOf(session.doc).length, 1);
  await picking.pick({ ...clickAt(0.5, 0.5), step: 2 });
  assert.deepEqual([warned.length, objectsOf(session.doc).length], [2, 2]);
});

test('where a box finds nothing, the box itself is the outline', async () => {
  const { picking, session } = pickingWith(() => { throw new Error('nothing'); });
  await picking.pick({ points: [], minus: [], box: [{ x: 0.1, y: 0.1 }, { x: 0.9, y: 0.9 }] }, OUTLINE);
  assert.deepEqual(objectsOf(session.doc).map(({ outline }) => outline), [OUTLINE]);
});

test('an object that cannot be added leaves what is known of the selected one', async () => {
  const { picking, session } = pickingWith(() => ({ outline: OUTLINE, ground: false }));
  await picking.pick(clickAt(0.5, 0.5));
  const known = [...picking.known];
  picking.editor.attempt = (run) => assert.throws(run, /no more/);
  picking.editor.change = () => { throw new Error('no more'); };
  await picking.pick(clickAt(0.2, 0.2));
  assert.deepEqual([...picking.known], known);
  assert.equal(objectsOf(session.doc).length, 1);
});

test('a click takes back one of the other kind on its place', async () => {
  /** @type {PickRequest[]} */
  const asked = [];
  const { picking, session } = pickingWith((request) => {
    asked.push(request);
    return { outline: [OUTLINE[0].map(({ x, y }) => ({ x, y: y - asked.length / 100 }))], ground: false };
  });
  await picking.pick(clickAt(0.5, 0.5));
  for (const belongs of [false, true, false]) {
    const [object] = objectsOf(session.doc);
    await picking.correct(object, { x: 0.3, y: 0.301 }, belongs);
  }
  const [first, there] = [{ x: 0.5, y: 0.5 }, { x: 0.3, y: 0.301 }];
  assert.deepEqual(asked.slice(1).map(({ points, minus }) => [points, minus]),
    [[[first], [there]], [[first, there], []], [[first], [there]]]);
});
