/** The distance of each pixel to the nearest one that is marked, in small steps (Borgefors, 1986), as OpenCV has it. */

const FAR = 2 ** 30;
const ONE = 2 ** 16;
/** A step to a pixel before: columns, rows, and length. @typedef {readonly [number, number, number]} Step */
const SQUARE = steps([[-1, -1, 1.3693], [0, -1, 0.955], [1, -1, 1.3693], [-1, 0, 0.955]]);
const WIDE = steps([
  [-1, -2, 2.1969], [1, -2, 2.1969], [-2, -1, 2.1969], [-1, -1, 1.4], [0, -1, 1], [1, -1, 1.4], [2, -1, 2.1969],
  [-1, 0, 1],
]);

/**
 * @param {Uint8Array} marked of `width` pixels in a row
 * @param {number} width
 * @returns {Float32Array} px
 */
export function distanceTo(marked, width) {
  return spread(marked, width, SQUARE).distance;
}

/**
 * @param {Uint8Array} marked of `width` pixels in a row
 * @param {number} width
 * @returns {{distance: Float32Array, nearest: Int32Array}} px, and the number of the nearest marked pixel
 */
export function nearestTo(marked, width) {
  return spread(marked, width, WIDE);
}

/** @param {Uint8Array} marked @param {number} width @param {readonly Step[]} way */
function spread(marked, width, way) {
  const height = marked.length / width;
  const wide = width + 4; // two pixels on each side, where nothing is marked
  const far = new Int32Array(wide * (height + 4)).fill(FAR);
  const label = new Int32Array(far.length);
  const moves = way.map(([x, y]) => y * wide + x);
  const lengths = way.map(([, , length]) => length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0, at = (y + 2) * wide + 2; x < width; x += 1, at += 1) {
      if (marked[y * width + x]) {
        far[at] = 0;
        label[at] = y * width + x;
      } else take(at, 1);
    }
  }
  const distance = new Float32Array(marked.length);
  const nearest = new Int32Array(marked.length);
  for (let y = height - 1; y >= 0; y -= 1) {
    for (let x = width - 1, at = (y + 2) * wide + 2 + x; x >= 0; x -= 1, at -= 1) {
      if (far[at] > lengths[lengths.length - 1]) take(at, -1);
      distance[y * width + x] = far[at] / ONE;
      nearest[y * width + x] = label[at];
    }
  }
  return { distance, nearest };

  /** @param {number} at @param {1 | -1} side */
  function take(at, side) {
    for (let k = 0; k < moves.length; k += 1) {
      const from = at + side * moves[k];
      const length = far[from] + lengths[k];
      if (length < far[at]) {
        far[at] = length;
        label[at] = label[from];
      }
    }
  }
}

/** @param {Step[]} way @returns {readonly Step[]} */
function steps(way) {
  return way.map(([x, y, length]) => [x, y, Math.round(length * ONE)]);
}
