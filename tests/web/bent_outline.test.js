/** The outline of an object that bends, in the frames of its composition. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { bentOutline } from '../../web/core/composing/bent_outline.js';
import { readComposition } from '../../web/core/composing/composition.js';
import { read } from '../../web/core/document.js';
import { objectsOf } from '../../web/core/objects/edit.js';

const CASES = JSON.parse(readFileSync(new URL('./compositions.json', import.meta.url), 'utf8'));
const CLIP = { width: 240, height: 160 }; // twice the composition's size

test('it goes along with what bends, and there is none of what is stiff', async () => {
  let [bent, stiff] = [0, 0];
  for (const { text, composition: packed } of CASES) {
    const doc = read(text);
    if (!doc?.objects) continue;
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const composition = await readComposition(bytes.buffer);
    for (const object of objectsOf(doc)) {
      const frames = [0, 1, 2].map((frame) => bentOutline(composition, object, frame, CLIP));
      if (!object.pins && !object.sway) {
        assert.deepEqual(frames, [null, null, null]);
        stiff += 1;
        continue;
      }
      const [first, middle, last] = frames;
      assert.ok(first && middle && last);
      const rest = object.outline.map((ring) => ring.map(({ x, y }) => ({ x: x * 240, y: y * 160 })));
      const corners = rest.map((ring, k) => ring.map((corner) => first[k].reduce((one, other) => (
        away(other, corner) < away(one, corner) ? other : one))));
      assert.ok(farthest(corners, rest) < 6, `${farthest(corners, rest)} px: it begins where it was drawn`);
assert.ok(Math.max(farthest(middle, first), farthest(last, first)) > 8, 'and bends');
      bent += 1;
    }
  }
  assert.ok(bent >= 2 && stiff >= 2, `${bent} ${stiff}`);
});

/** @typedef {import('../../web/core/types.js').XY} XY */
/** @param {XY} one @param {XY} other */
const away = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);

/** @param {readonly (readonly XY[])[]} one @param {readonly (readonly XY[])[]} other */
function farthest(one, other) {
  return Math.max(...one.flat().map((place, k) => away(place, other.flat()[k])));
}
