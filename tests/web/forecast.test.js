/** How long a run will take. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NOTHING_KNOWN, forecast, learned, readTimes, workOf, writeTimes } from '../../web/core/forecast.js';

const sampler = { kind: 'KSampler', work: 1000 };
const decode = { kind: 'VAEDecode', work: 50 };

describe('a forecast', () => {
  const times = learned(learned(NOTHING_KNOWN, sampler, 8), decode, 2);

  test('is the sum of what each node has taken', () => {
    assert.deepEqual(forecast([sampler, decode], times), { seconds: 10, measured: true });
  });

  /** @param {number} work @param {typeof times} known */
  const sampling = (work, known) => forecast([{ ...sampler, work }], known)?.seconds ?? NaN;

  test('grows with the work', () => {
    for (const factor of [0.25, 4]) {
      const found = sampling(1000 * factor, times) / 8;
      assert.ok(found > factor / 1.5 && found < factor * 1.5, `${found}`);
    }
    const more = learned(times, { ...sampler, work: 4000 }, 16);
    assert.equal(sampling(4000, more), 16);
    assert.equal(sampling(1000, more), 8);
    assert.ok(Math.abs(sampling(2000, more) - 8 * Math.SQRT2) < 1e-9, 'between both');
    assert.ok(sampling(40_000, more) > 90);
  });

  test('of a node that first finds and cuts out is not in proportion to the frames', () => {
    const [kind, video] = ['DragNUWAMovePicture', { width: 2048, height: 1366 }];
    const task = (/** @type {number} */ frames) => ({ kind, work: workOf(kind, { ...video, frames }, 1) });
    const known = learned(NOTHING_KNOWN, task(3), 7);
    const longer = forecast([task(26)], known)?.seconds ?? NaN;
    assert.ok(longer > 9.8 / 2 && longer < 2 * 9.8, `${longer}: 9.8 were measured`);
    assert.equal(workOf('KSampler', { ...video, frames: 3 }, 20), 2048 * 1366 * 60);
  });

  test('is by the last run of the same work', () => {
    const [slow, fast] = [learned(times, sampler, 40), learned(learned(times, sampler, 40), sampler, 4)];
    assert.equal(forecast([sampler], slow)?.seconds, 40);
    assert.equal(forecast([sampler], fast)?.seconds, 4);
  });

  test('is not made of other nodes or other files', () => {
    assert.equal(forecast([sampler, { kind: 'Upscale', work: 50 }], times), null);
    assert.equal(forecast([{ kind: 'KSampler wan.safetensors', work: 1000 }], times), null);
  });

  test('is known before the first run for what runs on the processor alone', () => {
    const found = forecast([{ kind: 'DragNUWAMovePicture', work: 100e6 }], NOTHING_KNOWN);
    assert.ok(found && found.seconds > 1 && !found.measured);
    const small = learned(NOTHING_KNOWN, { kind: 'DragNUWAMovePicture', work: 1e6 }, 3);
    assert.deepEqual(forecast([{ kind: 'DragNUWAMovePicture', work: 100e6 }], small), found, 'a small video tells little');
    const now = learned(NOTHING_KNOWN, { kind: 'DragNUWAMovePicture', work: 100e6 }, 3);
    assert.deepEqual(forecast([{ kind: 'DragNUWAMovePicture', work: 100e6 }], now), { seconds: 3, measured: true });
  });
});

describe('what is stored', () => {
  test('is read again', () => {
    const times = learned(learned(NOTHING_KNOWN, sampler, 8), { ...sampler, work: 9000 }, 70);
    assert.deepEqual(readTimes(writeTimes(times)), times);
  });

  test('is bounded', () => {
    let times = NOTHING_KNOWN;
    for (let k = 0; k < 1000; k += 1) times = learned(times, { kind: `kind ${k}`, work: 1 }, k);
    for (let k = 0; k < 20; k += 1) times = learned(times, { ...sampler, work: 2 ** k }, k);
    assert.ok(writeTimes(times).length < 40_000);
    assert.equal(forecast([sampler], readTimes(writeTimes(times)))?.measured, true);
  });

  for (const text of [null, '', '{', '5', '{"a":1}', '[["k"]]', '[["k",[]]]', '[["k",[{"work":0,"seconds":1}]]]',
    '[["k",[{"work":1,"seconds":-1}]]]', '[["k",[{"work":1,"seconds":"x"}]]]', '[["k",[null]]]', '[[1,[]]]',
    '[["k",[{"work":1e999,"seconds":1}]]]']) {
    test(`may be anything: ${text}`, () => assert.equal(readTimes(text).size, 0));
  }
});
