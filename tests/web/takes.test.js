/** The last results as a workflow keeps them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joined, readTakes } from '../../web/comfyui/takes.js';

/** @import {Take} from '../../web/comfyui/takes.js' */

/** @param {number} k @param {string | null} [drags] @returns {Take} */
const take = (k, drags = '[]') => ({
  kind: 'video', files: [{ filename: `${k}.mp4`, subfolder: 'video', type: 'output' }], seed: k, drags,
});
const seeds = (/** @type {readonly Take[]} */ takes) => takes.map(({ seed }) => seed);

test('the last eight stay, in order, each once', () => {
  const nine = Array.from({ length: 9 }, (_, k) => take(k));
  assert.deepEqual(seeds(readTakes(nine)), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(seeds(joined(nine.slice(0, 3), [take(1)])), [0, 2, 1]);
});

test('large drawings do not swell the workflow: older takes go without their drags', () => {
  const large = 'x'.repeat(30_000);
  const kept = joined([take(0, large), take(1, large)], [take(2, large)]);
  assert.deepEqual(kept.map(({ drags }) => drags?.length), [undefined, 30_000, 30_000]);
  const [alone] = joined([], [take(3, 'x'.repeat(100_000))]);
  assert.deepEqual([alone.drags, alone.files], [null, take(3).files]);
  assert.ok(JSON.stringify(kept).length < 66_000);
});

test('what is no take is left out', () => {
  const bad = [null, 5, {}, { ...take(1), kind: 'sound' }, { ...take(1), files: [] }, { ...take(1), files: [{}] },
    { ...take(1), files: [{ filename: 'a', type: 5 }] }, { ...take(1), seed: '1' }, { ...take(1), drags: 5 }];
  assert.deepEqual(readTakes([...bad, take(2)]), [take(2)]);
  for (const value of [undefined, null, 'takes', { length: 1 }]) assert.deepEqual(readTakes(value), []);
});
