/** When a graph is run by itself. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MOST_SECONDS, REST_MS, Refined, nextStep } from '../../web/editor/refine.js';

/** @import {Facts} from '../../web/editor/refine.js' */

/** @type {Facts} */
const RESTED = {
  on: true, possible: true, refined: false, seconds: 4, learning: false, busy: false, rested: REST_MS,
};
const after = (/** @type {Partial<Facts>} */ changes) => nextStep({ ...RESTED, ...changes });

describe('the next step', () => {
  test('a changed drawing is queued once the hand has rested for a second', () => {
    assert.equal(after({}), 'queue');
    assert.equal(after({ rested: REST_MS - 1 }), 'rest');
    assert.equal(after({ busy: true }), 'busy');
  });

  test('nothing is queued that nobody wants, that makes nothing, or that a run has already', () => {
    assert.equal(after({ on: false }), 'off');
    assert.equal(after({ possible: false }), 'off');
    assert.equal(after({ refined: true }), 'done');
  });

  test('a run that takes long is left to the person', () => {
    assert.equal(after({ seconds: MOST_SECONDS }), 'queue');
    assert.equal(after({ seconds: MOST_SECONDS + 0.1 }), 'slow');
    assert.equal(after({ seconds: MOST_SECONDS + 0.1, refined: true }), 'done', 'there is nothing to explain');
  });

  test('the first run is queued to learn how long it takes, and the next one waits for that', () => {
    assert.equal(after({ seconds: null }), 'queue');
    assert.equal(after({ seconds: null, learning: true }), 'learning');
    assert.equal(after({ learning: true }), 'queue', 'it is known, though one runs');
  });
});

describe('drawings that need no run', () => {
  test('what was only opened, until it is changed', () => {
    const refined = new Refined();
    refined.open('a');
    assert.ok(refined.has({ text: 'a', of: '' }));
    assert.ok(!refined.has({ text: 'b', of: '' }));
    assert.ok(!refined.has({ text: 'a', of: '' }), 'it was brought back by hand');
  });

  test('what undo brings back, as long as picture and clip are the same', () => {
    const refined = new Refined();
    for (const text of ['a', 'b']) refined.give({ text, of: 'picture' });
    assert.ok(refined.has({ text: 'a', of: 'picture' }));
    assert.ok(!refined.has({ text: 'a', of: 'another' }));
  });

  test('the last one, whatever the run itself has changed: there is never a second run for nothing', () => {
    const refined = new Refined();
    refined.give({ text: 'a', of: 'before' });
    assert.ok(refined.has({ text: 'a', of: 'after' }));
  });

  test('only the last ones are kept', () => {
    const refined = new Refined();
    for (let k = 0; k < 20; k += 1) refined.give({ text: k, of: '' });
    assert.deepEqual([0, 11, 12, 19].map((text) => refined.has({ text, of: '' })), [false, false, true, true]);
  });
});
