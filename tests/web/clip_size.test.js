import assert from 'node:assert/strict';
import { test } from 'node:test';

import { showsWhole, sizeLike } from '../../web/core/sizes.js';

const RELEASED = { width: 576, height: 320 };

/** @import {Size} from '../../web/core/types.js' */

/** @type {[name: string, picture: Size, clip: Size, wanted: Size][]} */
const SIZES = [
  ['a square picture', { width: 768, height: 768 }, RELEASED, { width: 432, height: 432 }],
  ['a square picture for Wan', { width: 500, height: 500 }, { width: 832, height: 480 }, { width: 640, height: 640 }],
  ['a square picture for SVD', { width: 64, height: 64 }, { width: 1024, height: 576 }, { width: 768, height: 768 }],
  ['a tall picture', { width: 1080, height: 1920 }, RELEASED, { width: 320, height: 576 }],
  ['the small model', { width: 640, height: 427 }, { width: 128, height: 128 }, { width: 160, height: 104 }],
];
for (const [name, picture, clip, wanted] of SIZES) {
  test(`the size for ${name}`, () => {
    assert.deepEqual(sizeLike(picture, clip), wanted);
    assert.ok(showsWhole(picture, wanted));
  });
}

test('sides stay within what a clip may have, on pictures as thin as a line', () => {
  for (const picture of [{ width: 20000, height: 1 }, { width: 1, height: 20000 }]) {
    const { width, height } = sizeLike(picture, RELEASED);
    assert.ok(Math.min(width, height) >= 64 && Math.max(width, height) <= 16384);
    assert.equal(width % 8 + height % 8, 0);
  }
});

test('a clip that cuts a picture does not show the whole', () => {
  assert.equal(showsWhole({ width: 768, height: 768 }, RELEASED), false);
  assert.equal(showsWhole({ width: 1920, height: 1080 }, RELEASED), true, 'nobody sees 1.2 percent');
});
