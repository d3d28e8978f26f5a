/** Reads an answer of the server that has arrays: a JSON text, and the arrays to which it refers by their numbers. */

/** @import {Box} from './composition.js' */

/** @typedef {Uint8Array | Int32Array | Float32Array | Float64Array} Values */

const TYPES = Object.freeze({
  uint8: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array,
});

/**
 * What the text says, the array of a number, and the pixels of one.
 * @param {ArrayBuffer} answer as `dragnuwa/server/packed_arrays.py` writes it
 * @returns {Promise<{told: any, at: (number: number) => any, pixels: (number: number) => Uint8Array}>}
 */
export async function unpacked(answer) {
  const length = new DataView(answer).getUint32(0);
  const told = JSON.parse(new TextDecoder().decode(new Uint8Array(answer, 4, length)));
  const arrays = divided(await inflated(answer.slice(4 + length)), told.arrays);
  const at = (/** @type {number} */ number) => /** @type {any} */ (arrays[number]);
  return { told, at, pixels: (number) => summed(at(number), told.arrays[number][1]) };
}

/** @param {ArrayBuffer} packed @returns {Promise<ArrayBuffer>} */
function inflated(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).arrayBuffer();
}

/**
 * @param {ArrayBuffer} buffer
 * @param {[keyof typeof TYPES, number[]][]} told type and shape of each array
 * @returns {Values[]}
 */
function divided(buffer, told) {
  let at = 0;
  return told.map(([type, shape]) => {
    const Type = TYPES[type];
    const from = at;
    at += shape.reduce((size, side) => size * side, Type.BYTES_PER_ELEMENT);
    return new Type(buffer.slice(from, at));
  });
}

/** Pixels of their differences to the one to the left. @param {Uint8Array} values @param {number[]} shape */
function summed(values, [, width, channels]) {
  const found = values.slice();
  const row = width * channels;
  for (let at = 0; at < found.length; at += 1) if (at % row >= channels) found[at] += found[at - channels];
  return found;
}

/** Colours as red, green, blue and 255. @param {Uint8Array} colors @param {Uint8ClampedArray<ArrayBuffer>} [found] */
export function opaque(colors, found = new Uint8ClampedArray((colors.length / 3) * 4).fill(255)) {
  for (let from = 0, to = 0; from < colors.length; from += 3, to += 4) {
    found[to] = colors[from];
    found[to + 1] = colors[from + 1];
    found[to + 2] = colors[from + 2];
  }
  return found;
}

/** @param {number[]} sides @returns {Box} */
export const boxOf = ([left, top, right, bottom]) => ({ left, top, right, bottom });
