/** A composition of half the size shows the same. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { compose } from '../../web/core/compose.js';
import { readComposition } from '../../web/core/composing/composition.js';
import { halved } from '../../web/core/composing/halved.js';
import { lightened } from '../../web/core/composing/live.js';

/** @typedef {{name: string, composition: string}} Case */

/** @type {Case[]} */
const CASES = JSON.parse(readFileSync(new URL('./compositions.json', import.meta.url), 'utf8'));
const ALIKE = 1.5; // levels, of the mean difference: at edges of one pixel a smaller picture has other steps

/** @param {Case} each */
const opened = ({ composition }) => (
  readComposition(Uint8Array.from(atob(composition), (letter) => letter.charCodeAt(0)).buffer));

/** The mean difference of a small frame to the mean of four pixels of a large one. */
/** @param {Uint8ClampedArray} small @param {Uint8ClampedArray} large @param {number} width of the large one */
function difference(small, large, width) {
  let sum = 0;
  for (let at = 0; at < small.length; at += 1) {
    const pixel = Math.floor(at / 4);
    const [x, y] = [2 * (pixel % (width / 2)), 2 * Math.floor(pixel / (width / 2))];
    const mean = [[0, 0], [1, 0], [0, 1], [1, 1]].reduce((all, [right, down]) => (
      all + large[4 * ((y + down) * width + x + right) + (at % 4)] / 4), 0);
    sum += Math.abs(small[at] - mean);
  }
  return sum / small.length;
}

describe('half the size', () => {
  for (const each of CASES) {
    it(`shows the same: ${each.name}`, async () => {
      const composition = await opened(each);
      const { width, height } = composition.size;
      const small = halved(composition);
      assert.deepEqual(small.size, { width: width / 2, height: height / 2 });
      for (const time of [0, 0.5, 1]) {
        const away = difference(compose(small, time), compose(composition, time), width);
        assert.ok(away < ALIKE, `${away} levels at ${time}`);
      }
    });
  }

  it('is taken once, and only where much moves', async () => {
    const composition = await opened(CASES[0]);
    assert.equal(lightened(composition), composition);
    const box = { left: 0, top: 0, right: 2000, bottom: 500 };
    const [layer] = composition.layers;
    const large = { ...composition, layers: [{
      ...layer, box, colors: new Uint8Array(3e6), opacity: new Uint8Array(1e6), lifted: null, hole: null,
    }] };
    assert.deepEqual(lightened(large).layers[0].box, { left: 0, top: 0, right: 1000, bottom: 250 });
    assert.equal(lightened(large), lightened(large));
  });
});
