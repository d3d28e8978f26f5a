/** How often a page's small prompts go before those of others. */

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { FairTurns } from '../../web/core/fair_turns.js';

it('so many turns in so long, and again when they are over', () => {
  let time = 0;
  const turns = new FairTurns(3, 1000, () => time);
  const take = (/** @type {number} */ at) => {
    time = at;
    return turns.take();
  };
  assert.deepEqual([0, 100, 200, 300, 999, 1000, 1050, 1100, 1250].map(take), [
    true, true, true, false, false, true, false, true, true,
  ]);
});
