/** Plain values, such as documents: whether one is a record, and their deep equality. */

/** @param {unknown} value @returns {value is Record<string, any>} */
export const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * @param {unknown} a
 * @param {unknown} b of numbers, strings, booleans, lists and plain objects
 * @returns {boolean}
 */
export function equal(a, b) {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  if (keys.length !== others.length) return false;
  const [p, q] = /** @type {Record<string, unknown>[]} */ ([a, b]);
  return keys.every((key) => Object.hasOwn(q, key) && equal(p[key], q[key]));
}
