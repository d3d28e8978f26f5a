/** The text of the widget: what is not ours, and what is too much. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrajectoryError, addTracks, emptyDoc, read, write } from '../../web/core/document.js';
import { MAX_POINTS, MAX_TOTAL_POINTS, MAX_TRACKS } from '../../web/core/limits.js';

const HEAD = '{"type":"dragnuwa.trajectories","version":1,"tracks":[';

/** @param {string} text */
function problemOf(text) {
  const result = read(text);
  assert.ok('problem' in result, 'it was read');
  return result;
}

test('a text of another tool may be imported, nonsense may not', () => {
  for (const text of ['[[25, 25]]', ' [{"x": 1}]', "[{'x': 1}]", '{"type": "other"}'])
    {assert.equal(problemOf(text).importable, true, text);}
  for (const text of ['', 'hello', '12', '"[]"']) assert.equal(problemOf(text).importable, false, text);
});

test('a problem says where it is, on one line, and quotes little of the text', () => {
  assert.equal(
    problemOf(`${HEAD}{"points":[{"x":0,"y":"${'no'.repeat(500)}"}]}]}`).problem,
    `Track 1, point 1: y should be a number from -10000 to 10000, but it is the text "${'no'.repeat(20)}...".`,
  );
  assert.ok(problemOf(`{"type":"${'\\n'.repeat(1000)}"}`).problem.length < 200);
  assert.doesNotMatch(problemOf('{\n\n"type": nope}').problem, /\n/);
});

test('another version is named', () => {
  assert.equal(
    problemOf('{"type":"dragnuwa.trajectories","version":3,"tracks":[]}').problem,
    'Trajectories: version should be 1 or 2, but it is 3.',
  );
});

test('nothing from a text reaches a prototype', () => {
  problemOf(`${HEAD}{"points":[{"x":0,"y":0,"__proto__":{"t":5}}]}]}`);
  problemOf(`${HEAD}{"__proto__":{"points":[]},"points":[{"x":0,"y":0}]}]}`);
  assert.equal(/** @type {any} */ ({}).t, undefined);
});

test('deep nesting is refused, not crashed on', () => {
  for (const text of ['['.repeat(1e6), '['.repeat(1e6) + ']'.repeat(1e6), '{"type":'.repeat(1e5)]) problemOf(text);
  problemOf(`${HEAD}{"points":${'['.repeat(1e5)}${']'.repeat(1e5)}}]}`);
});

test('texts and tracks beyond the limits are refused', () => {
  const point = '{"x":0,"y":0}';
  /** @param {number} count */
  const track = (count) => `{"points":[${Array(count).fill(point).join(',')}]}`;
  assert.match(problemOf(' '.repeat(96 * 2 ** 20 + 1)).problem, /96 MiB/);
  assert.match(problemOf('€'.repeat(33 * 2 ** 20)).problem, /96 MiB/);
  assert.match(
    problemOf(
      `${HEAD}${Array(MAX_TRACKS + 1)
        .fill(track(1))
        .join(',')}]}`,
    ).problem,
    /at most 16384 items/,
  );
  assert.match(problemOf(`${HEAD}${track(MAX_POINTS + 1)}]}`).problem, /at most 10000 items/);
  assert.match(problemOf(`${HEAD}${Array(106).fill(track(MAX_POINTS)).join(',')}]}`).problem, /1048576 points/);
  assert.ok('doc' in read(`${HEAD}${track(MAX_POINTS)}]}`));
});

test('operations keep to the limits, and write to 96 MiB', () => {
  const points = Array(MAX_POINTS).fill({ x: 1 / 3, y: 1 / 3, in: { x: 1 / 3, y: 1 / 3 }, out: { x: 1 / 3, y: 1 / 3 } });
  const full = addTracks(emptyDoc(), Array(Math.floor(MAX_TOTAL_POINTS / MAX_POINTS)).fill({ points })).doc;
  assert.throws(() => addTracks(full, [{ points }]), TrajectoryError);
  assert.throws(() => write(full), /96 MiB/);
  assert.match(problemOf(`[${'[],'.repeat(2 ** 22)}[]]`).problem, /at most 5242880 values/);
  assert.throws(
    () => addTracks(emptyDoc(), Array(MAX_TRACKS + 1).fill({ points: [{ x: 0, y: 0 }] })),
    /at most 16384 tracks/,
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
