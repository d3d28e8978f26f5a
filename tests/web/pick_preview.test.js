/** What is lit under a moving pointer, with a server that answers when the test says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PickPreview } from '../../web/editor/objects/pick_preview.js';

/** @import {XY} from '../../web/core/types.js' */
/** @import {Editor} from '../../web/editor/editor.js' */
/** @import {PickRequest} from '../../web/editor/host.js' */
/** @import {StageEvent} from '../../web/editor/stage.js' */

const OUTLINE = [[{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 1, y: 1 }, { x: 0, y: 1 }]];
const NO_TIMERS = { setTimeout: () => 0 }; // what comes after a guess does not matter here

// What a page has.
Object.assign(globalThis, { Path2D: class { moveTo() {} lineTo() {} closePath() {} }, window: NO_TIMERS });

function litWith() {
  /** @type {{at: XY, answer: () => Promise<void>}[]} */
  const asked = [];
  const editor = {
    hasKeyboard: true, clip: { width: 100, height: 100 }, px: 1, picture: { image: {} }, player: {}, result: {},
    segmenter: { learned: true },
    host: {
      pick: (/** @type {PickRequest} */ { points: [at] }) => new Promise((resolve) => {
        const answer = async () => {
          resolve({ outline: OUTLINE, ground: false });
          await new Promise(setImmediate);
        };
        asked.push({ at: { x: Math.round(at.x * 100), y: Math.round(at.y * 100) }, answer });
      }),
    },
    invalidate: () => {},
  };
  const lit = new PickPreview(/** @type {Editor} */ (/** @type {unknown} */ (editor)));
  const move = (/** @type {number} */ x) => {
    lit.follow(/** @type {StageEvent} */ (/** @type {unknown} */ ({ p: { x, y: 50 }, touch: false })));
  };
  return { lit, asked, move, places: () => asked.map(({ at }) => at.x) };
}

test('two guesses are asked for at once, and the last place as soon as one of them is back', async () => {
  const { lit, asked, move, places } = litWith();
  for (const x of [10, 20, 30, 40]) move(x);
  assert.deepEqual(places(), [10, 20]);
  await asked[0].answer();
  assert.deepEqual([places(), lit.shown], [[10, 20, 40], null]);
  await asked[1].answer();
  assert.deepEqual([places(), lit.shown], [[10, 20, 40], null]);
  await asked[2].answer();
  assert.deepEqual(lit.shown?.request.points, [{ x: 0.4, y: 0.5 }]);
});

test('a guess that comes after the pointer has left lights nothing', async () => {
  const { lit, asked, move } = litWith();
  move(10);
  lit.forget();
  await asked[0].answer();
  assert.equal(lit.shown, null);
  move(20);
  await asked[1].answer();
  assert.ok(lit.shown);
});
