/**
 * `node random_documents.js N`: documents that N random sequences of operations lead to, a line each:
 * {"text": as written, "sampled": for each enabled track [x, y, visible] at FRAMES frames}.
 */

import fc from 'fast-check';
import { write } from '../../web/core/document.js';
import { sampleTrack } from '../../web/core/sampling.js';
import { documents, operations } from './arbitraries.js';

/** @import {Doc} from '../../web/core/types.js' */

const FRAMES = 9;
const SIZE = { width: 576, height: 320 };

/** @param {Readonly<Doc>} doc */
function line(doc) {
  const sampled = doc.tracks
    .filter((track) => track.enabled)
    .map((track) => sampleTrack(track, FRAMES, SIZE.width, SIZE.height))
    .map(({ x, y, visible }) => [x, y, visible].map((values) => Array.from(values)));
  return `${JSON.stringify({ text: write(doc), sampled })}\n`;
}

for (const sequence of fc.sample(operations, { numRuns: Number(process.argv[2]), seed: 4 })) {
  const docs = documents(sequence);
  process.stdout.write(line(docs[docs.length - 1]) + line(docs[docs.length >> 1]));
}
