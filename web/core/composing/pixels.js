/**
 * Looks up pixels between the pixels' centres, as the library does (torch's `grid_sample` with `align_corners=False`
 * and `padding_mode="border"`): colours bicubic, opacity bilinear.
 */

const A = -0.75; // of the cubic kernel

/**
 * The weights of the four pixels around a place.
 * @param {number} part of a pixel that it is after the second
 * @param {Float64Array} to
 */
function cubicWeights(part, to) {
  const before = part + 1;
  const rest = 1 - part;
  const after = rest + 1;
  to[0] = ((A * before - 5 * A) * before + 8 * A) * before - 4 * A;
  to[1] = ((A + 2) * part - (A + 3)) * part * part + 1;
  to[2] = ((A + 2) * rest - (A + 3)) * rest * rest + 1;
  to[3] = ((A * after - 5 * A) * after + 8 * A) * after - 4 * A;
}

/** Looks up places in `width` x `height` pixels of three channels; `color` has the last one found. */
export class Bicubic {
  /** @param {Uint8Array} pixels @param {number} width @param {number} height */
  constructor(pixels, width, height) {
    this.pixels = pixels;
    this.width = width;
    this.height = height;
    this.color = new Float64Array(3);
    this.across = new Float64Array(4);
    this.down = new Float64Array(4);
    this.partX = NaN;
    this.partY = NaN;
    this.columns = new Int32Array(4);
  }

  /** @param {number} x @param {number} y */
  at(x, y) {
    const { pixels, width, height, across, down, columns, color } = this;
    const left = Math.floor(x);
    const top = Math.floor(y);
    if (x - left !== this.partX) cubicWeights(this.partX = x - left, across);
    if (y - top !== this.partY) cubicWeights(this.partY = y - top, down);
    for (let k = 0; k < 4; k += 1) columns[k] = 3 * Math.min(Math.max(left - 1 + k, 0), width - 1);
    const [c0, c1, c2, c3] = columns;
    const [w0, w1, w2, w3] = across;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = 0; k < 4; k += 1) {
      const row = 3 * width * Math.min(Math.max(top - 1 + k, 0), height - 1);
      const weight = down[k];
      const [p0, p1, p2, p3] = [row + c0, row + c1, row + c2, row + c3];
      red += weight * (w0 * pixels[p0] + w1 * pixels[p1] + w2 * pixels[p2] + w3 * pixels[p3]);
      green += weight * (w0 * pixels[p0 + 1] + w1 * pixels[p1 + 1] + w2 * pixels[p2 + 1] + w3 * pixels[p3 + 1]);
      blue += weight * (w0 * pixels[p0 + 2] + w1 * pixels[p1 + 2] + w2 * pixels[p2 + 2] + w3 * pixels[p3 + 2]);
    }
    color[0] = red;
    color[1] = green;
    color[2] = blue;
  }
}

/**
 * @param {Uint8Array} values of `width` x `height` pixels
 * @param {number} width
 * @param {number} height
 * @param {number} x
 * @param {number} y
 */
export function bilinear(values, width, height, x, y) {
  const across = Math.min(Math.max(x, 0), width - 1);
  const down = Math.min(Math.max(y, 0), height - 1);
  const left = Math.floor(across);
  const top = Math.floor(down);
  const at = top * width + left;
  const right = left + 1 < width ? 1 : 0;
  const below = top + 1 < height ? width : 0;
  const part = across - left;
  const upper = values[at] + part * (values[at + right] - values[at]);
  const lower = values[at + below] + part * (values[at + below + right] - values[at + below]);
  return upper + (down - top) * (lower - upper);
}
