/** The text of the widget: what is none, and what is too much. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTracks, emptyDoc, read, write } from '../../web/core/document.js';
import { MAX_POINTS, MAX_TOTAL_POINTS, MAX_TRACKS } from '../../web/core/limits.js';

const HEAD = '{"type":"dragnuwa.trajectories","version":1,"tracks":[';

/** @param {string} text */
const refused = (text) => assert.equal(read(text), null, text.slice(0, 100));

test('nothing from a text reaches a prototype', () => {
  refused(`${HEAD}{"points":[{"x":0,"y":0,"__proto__":{"t":5}}]}]}`);
  refused(`${HEAD}{"__proto__":{"points":[]},"points":[{"x":0,"y":0}]}]}`);
  assert.equal(/** @type {any} */ ({}).t, undefined);
});

test('deep nesting is refused, not crashed on', () => {
  for (const text of ['['.repeat(1e6), '['.repeat(1e6) + ']'.repeat(1e6), '{"type":'.repeat(1e5)]) refused(text);
  refused(`${HEAD}{"points":${'['.repeat(1e5)}${']'.repeat(1e5)}}]}`);
});

test('texts and tracks beyond the limits are refused', () => {
  const point = '{"x":0,"y":0}';
  /** @param {number} count */
  const track = (count) => `{"points":[${Array(count).fill(point).join(',')}]}`;
  refused(' '.repeat(96 * 2 ** 20 + 1));
  refused('€'.repeat(33 * 2 ** 20));
  refused(`[${'[],'.repeat(2 ** 22)}[]]`);
  refused(`${HEAD}${Array(MAX_TRACKS + 1).fill(track(1)).join(',')}]}`);
  refused(`${HEAD}${track(MAX_POINTS + 1)}]}`);
  refused(`${HEAD}${Array(106).fill(track(MAX_POINTS)).join(',')}]}`);
  assert.ok(read(`${HEAD}${track(MAX_POINTS)}]}`));
});

test('operations keep to the limits, and write to 96 MiB', () => {
  const points = Array(MAX_POINTS).fill({ x: 1 / 3, y: 1 / 3, in: { x: 1 / 3, y: 1 / 3 }, out: { x: 1 / 3, y: 1 / 3 } });
  const full = addTracks(emptyDoc(), Array(Math.floor(MAX_TOTAL_POINTS / MAX_POINTS)).fill({ points })).doc;
  assert.throws(() => addTracks(full, [{ points }]), /at most 1048576 points/);
  assert.throws(() => addTracks(full, [{ points: [...points, points[0]] }]), /at most 10000 points/);
  assert.throws(() => write(full), /too large to be kept/);
  assert.throws(
    () => addTracks(emptyDoc(), Array(MAX_TRACKS + 1).fill({ points: [{ x: 0, y: 0 }] })),
    /at most 16384 drags/,
  );
});

test('written: one line, keys in order, no minus zero', () => {
  const { doc } = addTracks(emptyDoc({ width: 576, height: 320 }), [
    { points: [{ y: -0, x: 25 / 576, out: { y: 0.25, x: 1e-20 } }] },
  ]);
  assert.equal(
    write(doc),
    '{"type":"dragnuwa.trajectories","version":1,"canvas":{"width":576,"height":320},"tracks":[{"id":"t1","name":"",' +
      '"color":"#1f77b4","enabled":true,"kind":"path","spline":"pchip","points":[{"x":0.04340277778,"y":0,' +
      '"out":{"x":0,"y":0.25}}],"timing":"points","start":0,"end":1,"ease":"linear","visible":[[0,1]]}]}',
  );
});
