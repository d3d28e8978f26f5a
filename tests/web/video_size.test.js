/** The size of the video that a run makes, by what follows the editor; `cases.json` holds `fullSize` to the library. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { videoSize } from '../../web/core/sizes.js';

/** @param {[number, number]} sides @returns {{width: number, height: number}} */
const size = ([width, height]) => ({ width, height });

test('without a node that enlarges it, the video has the size of the clip', () => {
  assert.deepEqual(videoSize(null, { ...size([576, 320]), fit: 'crop' }, null), size([576, 320]));
});

test('the frames of a video that are edited keep their size', () => {
  assert.deepEqual(videoSize('edited', { ...size([656, 368]), fit: 'crop' }, size([640, 360])), size([640, 360]));
});

for (const [picture, clip, fit, whole, wide, long] of /** @type {const} */ ([
  [[1920, 1080], [160, 88], 'crop', [1920, 1080], [640, 360], [1000, 562]], // what a model needs is put back
  [[4000, 3000], [160, 120], 'crop', [2048, 1536], [640, 480], [1000, 750]],
  [[1920, 1080], [832, 480], 'pad', [1920, 1080], [640, 360], [1000, 562]],
  [[6000, 4000], [576, 320], 'crop', [2048, 1138], [640, 356], [1000, 556]], // another shape that was chosen stays
  [[1001, 667], [576, 320], 'pad', [1200, 666], [640, 356], [1000, 556]],
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
  assert.equal(videoSize({ width: 0, height: 160 }, clip, null), null);
  assert.deepEqual(videoSize({ width: 640, height: 160 }, clip, null), { width: 640, height: 160 });
});
