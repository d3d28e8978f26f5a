/** Colours of new tracks and objects, from the palette. */

import { PALETTE } from './limits.js';

/** @typedef {{color: string}} Colored */

/** The number of items of each colour. @param {readonly Readonly<Colored>[]} items @returns {Map<string, number>} */
export function colorCounts(items) {
  const counts = new Map();
  for (const { color } of items) counts.set(color, (counts.get(color) ?? 0) + 1);
  return counts;
}

/** The first of the least used colours of the palette. @param {ReadonlyMap<string, number>} counts */
export function leastUsed(counts) {
  return PALETTE.reduce((best, color) => ((counts.get(color) ?? 0) < (counts.get(best) ?? 0) ? color : best));
}

/**
 * Copies with new colours, to distinguish them from their originals. Copies of the same colour share a new one.
 * @template {Colored} T
 * @param {readonly T[]} copies
 * @param {readonly Readonly<Colored>[]} all everything already in the drawing
 * @returns {T[]}
 */
export function recolored(copies, all) {
  const counts = colorCounts(all);
  /** @type {Map<string, string>} */
  const own = new Map();
  return copies.map((copy) => {
    const color = own.get(copy.color) ?? leastUsed(counts);
    own.set(copy.color, color);
    counts.set(color, (counts.get(color) ?? 0) + 1);
    return { ...copy, color };
  });
}
