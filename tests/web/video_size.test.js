/** The size of the video that a run makes; the numbers are those of the library's `size_at`, `_side` and `_size`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { videoSize } from '../../web/core/sizes.js';

/** @param {[number, number]} sides @returns {{width: number, height: number}} */
const size = ([width, height]) => ({ width, height });

test('without a node that enlarges it, the video has the size of the clip', () => {
  assert.deepEqual(videoSize(null, { ...size([576, 320]), fit: 'crop' }, null), size([576, 320]));
});

for (const [picture, clip, fit, whole, wide, long] of /** @type {const} */ ([
  [[2048, 1508], [160, 120], 'crop', [2010, 1508], [640, 480], [1000, 748]],
  [[6000, 4000], [576, 320], 'crop', [2048, 1136], [640, 354], [1000, 554]],
  [[1001, 667], [576, 320], 'pad', [1200, 666], [640, 354], [1000, 554]],
  [[512, 512], [128, 128], 'crop', [512, 512], [640, 640], [1000, 1000]],
])) {
  test(`a picture of ${picture.join('x')} in a clip of ${clip.join('x')}, ${fit}`, () => {
    const of = (/** @type {Parameters<typeof videoSize>[0]} */ enlarging) => {
      return videoSize(enlarging, { ...size([...clip]), fit }, size([...picture]));
    };
    assert.deepEqual(of({ width: 0, height: 0 }), size([...whole]));
    assert.deepEqual(of({ width: 640, height: 0 }), size([...wide]));
    assert.deepEqual(of({ width: 640, height: 100 }), size([640, 100]));
    assert.deepEqual(of({ longerSide: 0 }), size([...whole]));
    assert.deepEqual(of({ longerSide: 1000 }), size([...long]));
  });
}

test('where it depends on a picture that is unknown, nothing is said', () => {
  const clip = /** @type {const} */ ({ width: 576, height: 320, fit: 'crop' });
  assert.equal(videoSize({ width: 0, height: 0 }, clip, null), null);
  assert.deepEqual(videoSize({ width: 0, height: 160 }, clip, null), { width: 288, height: 160 });
});
