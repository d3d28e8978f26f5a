/** The frames of a composition, against those that a run makes of the same drawing (composition_cases.py). */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';

import { compose } from '../../web/core/compose.js';
import { readComposition } from '../../web/core/composing/composition.js';

/** @typedef {{name: string, text: string, composition: string, frames: string}} Case */

const LEVELS = 2;
/** @type {Case[]} */
const CASES = JSON.parse(readFileSync(new URL('./compositions.json', import.meta.url), 'utf8'));

describe('a composed frame', () => {
  for (const { name, composition, frames } of CASES) {
    it(`is that of the run: ${name}`, async (context) => {
      const found = await readComposition(bytesOf(composition).buffer);
      const expected = inflateSync(bytesOf(frames));
      const { width, height } = found.size;
      let [most, sum, beyond, count] = [0, 0, 0, 0];
      for (let frame = 0; frame < found.frames; frame += 1) {
        const pixels = compose(found, frame / (found.frames - 1));
        for (let at = 0; at < width * height; at += 1) {
          for (let channel = 0; channel < 3; channel += 1) {
            const away = Math.abs(pixels[4 * at + channel] - expected[3 * (frame * width * height + at) + channel]);
            most = Math.max(most, away);
            sum += away;
            beyond += away > LEVELS ? 1 : 0;
            count += 1;
          }
        }
      }
      context.diagnostic(`most ${most}, mean ${(sum / count).toFixed(4)}, beyond ${LEVELS}: ${beyond} of ${count}`);
      assert.ok(beyond <= 0, `${beyond} values are more than ${LEVELS} levels away, at most ${most}`);
    });
  }
});

/** @param {string} text */
function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
