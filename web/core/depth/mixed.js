/** The colours of a view under a hand: for each pixel the four of the picture around its place, in whole numbers. */

/** @import {DepthPicture} from './picture.js' */
/** @import {View} from './view.js' */

const PARTS = 16; // of a pixel, in which places count
const WHOLE = PARTS * PARTS;
const [EVEN, ROUND] = [0xff00ff, 0x800080]; // every other byte of four, and a half of each

/**
 * @param {View} view which has been sketched
 * @param {DepthPicture} picture
 * @param {Uint8Array} missing gets 1 where the picture does not show what is seen
 * @param {Int32Array} words get red, green, blue and 255 as bytes side by side
 */
export function mix({ x, y, nearest, nearness }, { size: { width, height }, edges, hole }, missing, words) {
  const { at: isGround, objects, ground } = edges;
  const [ofObjects, ofGround] = [objects.words, ground.words];
  for (let at = 0; at < nearest.length; at += 1) {
    if (nearness[at] < 0) {
      missing[at] = 1;
      continue;
    }
    const number = nearest[at];
    missing[at] = hole[number] >> 7;
    const colors = isGround[number] === 1 ? ofGround : ofObjects;
    const column = Math.max(0, Math.min((width - 1) * PARTS, (x[at] * PARTS + 0.5) | 0));
    const row = Math.max(0, Math.min((height - 1) * PARTS, (y[at] * PARTS + 0.5) | 0));
    const left = column >> 4;
    const top = row >> 4;
    const from = top * width + left;
    const right = left + 1 < width ? 1 : 0;
    const below = top + 1 < height ? width : 0;
    words[at] = mixed(colors[from], colors[from + right], colors[from + below], colors[from + below + right],
      column & (PARTS - 1), row & (PARTS - 1));
  }
}

/**
 * Four colours, mixed. Two bytes of each at a time, with room for their products between them; without `| 0`, sums are
 * no whole numbers for the engine, and take three times as long.
 * @param {number} p0
 * @param {number} p1
 * @param {number} p2
 * @param {number} p3
 * @param {number} part of the way to the right
 * @param {number} fall of the way down
 */
function mixed(p0, p1, p2, p3, part, fall) {
  const w3 = part * fall;
  const w1 = PARTS * part - w3;
  const w2 = PARTS * fall - w3;
  const w0 = WHOLE - w1 - w2 - w3;
  const even = (Math.imul(p0 & EVEN, w0) + Math.imul(p1 & EVEN, w1) | 0)
    + (Math.imul(p2 & EVEN, w2) + Math.imul(p3 & EVEN, w3) | 0) + ROUND | 0;
  const odd = (Math.imul(p0 >>> 8 & EVEN, w0) + Math.imul(p1 >>> 8 & EVEN, w1) | 0)
    + (Math.imul(p2 >>> 8 & EVEN, w2) + Math.imul(p3 >>> 8 & EVEN, w3) | 0) + ROUND | 0;
  return (even >>> 8 & EVEN) | (odd & ~EVEN);
}
