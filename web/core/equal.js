/** Deep equality of plain values, such as documents. */

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
