/** Camera paths that are written by hand: read, interpolated and written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { amountOf, amountsAt, readKeys, withKey } from '../../web/core/depth/keyed_path.js';

const NEAR = 0.02;

/** @param {string} text */
const keysOf = (text) => readKeys(text) ?? assert.fail(`${text} cannot be read`);

test('lines are read as the library reads them', () => {
  assert.deepEqual(readKeys(''), []);
  assert.deepEqual(readKeys('# nothing yet\n'), []);
  assert.deepEqual(readKeys('0: pan 0\n\n 0.5: Truck 0.2, dolly -.1  # half\n1:orbit 15'), [
    { line: 0, time: 0, amounts: { pan: 0 } }, { line: 2, time: 0.5, amounts: { truck: 0.2, dolly: -0.1 } },
    { line: 3, time: 1, amounts: { orbit: 15 } },
  ]);
});

test('what is no such path is left to the server', () => {
  for (const text of [
    '[[1, 0, 0, 0]]', '{"w2c": []}', 'https://example.org/\n0 1 2', '0.5 truck 1', '2: truck 1', '-0.1: truck 1', '0.5: truck',
    '0.5:', '0.5: truck one', '0.5: truck 1\n0.5: pan 1', '0.5: truck 1\n0.2: pan 1', '0.5: truck NaN', '1e999: pan 1',
  ]) assert.equal(readKeys(text), null, text);
});

test('a move goes smoothly from one line that names it to the next, and is held', () => {
  const keys = keysOf('0.25: truck 1\n0.5: pan 4, truck 1\n0.75: truck 0');
  assert.equal(amountOf(keys, 'truck', 0), 0);
  assert.equal(amountOf(keys, 'truck', 0.375), 1);
  assert.deepEqual(amountsAt(keys, 0.5), { truck: 1, pan: 4 });
  assert.deepEqual(amountsAt(keys, 1), { truck: 0, pan: 4 });
  assert.equal(amountOf(keys, 'pan', 0.25), 2);
  assert.equal(amountOf(keysOf('0: tilt 3'), 'tilt', 0.7), 3);
  // SciPy's PchipInterpolator([0, 0.25, 0.5, 1], [0, 1, 3, -2]) at these places
  const bent = keysOf('0.25: orbit 1\n0.5: orbit 3\n1: orbit -2');
  for (const [at, amount] of SCIPY) assert.ok(Math.abs(amountOf(bent, 'orbit', at) - amount) < 1e-12, `${at}`);
});

const SCIPY = /** @type {const} */ ([
  [0.1, 0.29600000000000004], [0.3, 1.3786666666666665], [0.4, 2.4240000000000004],
  [0.6, 2.832], [0.9, -0.07200000000000062],
]);

test('a line is added at its time, and the end stays where it was', () => {
  assert.equal(withKey('', 0.5, { orbit: 5, rise: 0.5 }, NEAR), '0.5: orbit 5, rise 0.5\n1: orbit 0, rise 0');
  assert.equal(withKey('1: orbit 8, pan 2', 0.25, { orbit: 1 }, NEAR), '0.25: orbit 1\n1: orbit 8, pan 2');
  const held = withKey('0.5: orbit 8', 0.75, { orbit: 9 }, NEAR);
  assert.equal(held, '0.5: orbit 8\n0.75: orbit 9\n1: orbit 8');
});

test('a line at the same frame is changed; comments and other lines stay', () => {
  const text = '# mine\n0: pan 1\n0.5: pan 2, truck 0.1  # here\n\n1: pan 3';
  const found = withKey(text, 0.51, { truck: 0.2 }, NEAR);
  assert.equal(found, '# mine\n0: pan 1\n0.5: pan 2, truck 0.2  # here\n\n1: pan 3');
  assert.equal(withKey(text, 0.7, { pan: 9 }, NEAR).split('\n').length, 6);
});
