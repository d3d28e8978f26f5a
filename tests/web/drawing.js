/** Small drawings for the tests of operations, and what is asked of them. */

import assert from 'node:assert/strict';
import { addTracks, emptyDoc } from '../../web/core/document.js';
import { sampleTrack } from '../../web/core/sampling.js';

/** @import {Doc, Track, TrackDraft} from '../../web/core/types.js' */

export const SIZE = { width: 576, height: 320 };
export const LINE = [
  { x: 0.1, y: 0.2 },
  { x: 0.5, y: 0.8 },
  { x: 0.9, y: 0.3 },
];

/** @param {TrackDraft[]} drafts */
export const docOf = (...drafts) => addTracks(emptyDoc(SIZE), drafts).doc;

/** @param {Readonly<Doc>} doc */
export const times = (doc) => doc.tracks[0].points.map((point) => point.t);

/** @param {Readonly<Track>} track */
const sampled = (track) => sampleTrack(track, 29, SIZE.width, SIZE.height);

/**
 * @param {Readonly<Track>} a
 * @param {Readonly<Track>} b
 */
export function assertSameMotion(a, b) {
  const [before, after] = [sampled(a), sampled(b)];
  for (let i = 0; i < before.x.length; i += 1) {
    const away = Math.hypot(after.x[i] - before.x[i], after.y[i] - before.y[i]);
    assert.ok(away < 1e-5, `frame ${i}: ${away} px off`);
  }
}
