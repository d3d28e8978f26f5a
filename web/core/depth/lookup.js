/** Colours between the centres of pixels, as OpenCV's `remap` finds them: places count in 32nds of a pixel. */

import { opaque } from '../composing/packed_arrays.js';

const SHIFT = 5;
const PARTS = 1 << SHIFT;
const A = -0.75; // of the cubic kernel

/** Four weights for each part of a pixel. */
const cubic = () => {
  const found = new Float32Array(4 * PARTS);
  for (let k = 0; k < PARTS; k += 1) {
    const part = k / PARTS;
    const [before, rest] = [part + 1, 1 - part];
    found[4 * k] = ((A * before - 5 * A) * before + 8 * A) * before - 4 * A;
    found[4 * k + 1] = ((A + 2) * part - (A + 3)) * part * part + 1;
    found[4 * k + 2] = ((A + 2) * rest - (A + 3)) * rest * rest + 1;
    found[4 * k + 3] = 1 - found[4 * k] - found[4 * k + 1] - found[4 * k + 2];
  }
  return found;
};

const WEIGHTS = cubic();

/** The same of a cubic spline, for its coefficients. */
const spline = () => {
  const found = new Float32Array(4 * PARTS);
  for (let k = 0; k < PARTS; k += 1) {
    const part = k / PARTS;
    const rest = 1 - part;
    found[4 * k] = rest ** 3 / 6;
    found[4 * k + 1] = (4 - 3 * part * part * (2 - part)) / 6;
    found[4 * k + 2] = (4 - 3 * rest * rest * (2 - rest)) / 6;
    found[4 * k + 3] = part ** 3 / 6;
  }
  return found;
};

const SPLINE_WEIGHTS = spline();
const POLE = Math.sqrt(3) - 2; // of the filter that finds a cubic spline's coefficients
const FORGOTTEN = 16; // pixels, after which a coefficient no longer counts in it
const MARGIN = 2; // pixels around the coefficients, so that none is beyond the edges

/** Pixels with three channels, or one, which are continued beyond the edges. */
export class Lookup {
  /** @param {Uint8Array | Float32Array} pixels @param {number} width @param {number} height */
  constructor(pixels, width, height, weights = WEIGHTS) {
    this.pixels = pixels;
    this.weights = weights;
    this.width = width;
    this.height = height;
    this.rows = new Int32Array(4);
    this.columns = new Int32Array(4);
    /** Where the weights of columns and rows begin. */
    this.across = 0;
    this.down = 0;
    /** @type {Int32Array | null} */
    this.packed = null;
  }

  /** Red, green, blue and 255 of each pixel side by side, made once. */
  get words() {
    this.packed ??= new Int32Array(opaque(/** @type {Uint8Array} */ (this.pixels)).buffer);
    return this.packed;
  }

  /**
   * The colour at a place, by the 16 pixels around it.
   * @param {number} x
   * @param {number} y
   * @param {Uint8ClampedArray | Float32Array} to
   * @param {number} at where red, green and blue go there
   */
  cubic(x, y, to, at) {
    const { pixels, rows, weights } = this;
    this.#around(x, y, 3);
    const { across, down, columns } = this;
    const c0 = columns[0];
    const c1 = columns[1];
    const c2 = columns[2];
    const c3 = columns[3];
    const w0 = weights[across];
    const w1 = weights[across + 1];
    const w2 = weights[across + 2];
    const w3 = weights[across + 3];
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = 0; k < 4; k += 1) {
      const weight = weights[down + k];
      const row = rows[k];
      const p0 = row + c0;
      const p1 = row + c1;
      const p2 = row + c2;
      const p3 = row + c3;
      red += weight * (w0 * pixels[p0] + w1 * pixels[p1] + w2 * pixels[p2] + w3 * pixels[p3]);
      green += weight * (w0 * pixels[p0 + 1] + w1 * pixels[p1 + 1] + w2 * pixels[p2 + 1] + w3 * pixels[p3 + 1]);
      blue += weight * (w0 * pixels[p0 + 2] + w1 * pixels[p1 + 2] + w2 * pixels[p2 + 2] + w3 * pixels[p3 + 2]);
    }
    to[at] = red;
    to[at + 1] = green;
    to[at + 2] = blue;
  }

  /** The same by the four pixels around it, in a fifth of the time. */
  /** @param {number} x @param {number} y @param {Uint8ClampedArray | Float32Array} to @param {number} at */
  linear(x, y, to, at) {
    const { pixels, width, height } = this;
    const column = x < 0 ? 0 : x > width - 1 ? width - 1 : x;
    const row = y < 0 ? 0 : y > height - 1 ? height - 1 : y;
    const left = column | 0;
    const top = row | 0;
    const part = column - left;
    const fall = row - top;
    const p0 = 3 * (top * width + left);
    const p1 = left + 1 < width ? p0 + 3 : p0;
    const below = top + 1 < height ? 3 * width : 0;
    const p2 = p0 + below;
    const p3 = p1 + below;
    const w1 = part * (1 - fall);
    const w2 = fall * (1 - part);
    const w3 = part * fall;
    const w0 = 1 - w1 - w2 - w3;
    to[at] = w0 * pixels[p0] + w1 * pixels[p1] + w2 * pixels[p2] + w3 * pixels[p3];
    to[at + 1] = w0 * pixels[p0 + 1] + w1 * pixels[p1 + 1] + w2 * pixels[p2 + 1] + w3 * pixels[p3 + 1];
    to[at + 2] = w0 * pixels[p0 + 2] + w1 * pixels[p1 + 2] + w2 * pixels[p2 + 2] + w3 * pixels[p3 + 2];
  }

  /** The value of the only channel at a place, by the 16 pixels around it. @param {number} x @param {number} y */
  value(x, y) {
    const { pixels, rows, columns } = this;
    this.#around(x, y, 1);
    const { across, down } = this;
    let found = 0;
    for (let k = 0; k < 4; k += 1) {
      for (let m = 0; m < 4; m += 1) found += WEIGHTS[down + k] * WEIGHTS[across + m] * pixels[rows[k] + columns[m]];
    }
    return found;
  }

  /** Finds the rows and columns around a place, and their weights. */
  /** @param {number} x @param {number} y @param {number} channels */
  #around(x, y, channels) {
    const { width, height, rows, columns } = this;
    const column = Math.round(x * PARTS);
    const row = Math.round(y * PARTS);
    const left = (column >> SHIFT) - 1;
    const top = (row >> SHIFT) - 1;
    if (left >= 0 && top >= 0 && left + 3 < width && top + 3 < height) {
      const line = channels * width;
      const first = top * line;
      for (let k = 0; k < 4; k += 1) {
        columns[k] = channels * (left + k);
        rows[k] = first + k * line;
      }
    } else {
      for (let k = 0; k < 4; k += 1) {
        columns[k] = channels * Math.max(0, Math.min(width - 1, left + k));
        rows[k] = channels * width * Math.max(0, Math.min(height - 1, top + k));
      }
    }
    this.across = 4 * (column & (PARTS - 1));
    this.down = 4 * (row & (PARTS - 1));
  }
}

/** The same, of which `cubic` is the cubic spline through the pixels, mirrored at the edges: sharper between them. */
export class SplineLookup extends Lookup {
  /** @type {Lookup | null} */
  #coefficients = null;

  /** @param {number} x @param {number} y @param {Uint8ClampedArray | Float32Array} to @param {number} at */
  cubic(x, y, to, at) {
    const { pixels, width, height } = this;
    this.#coefficients ??= new Lookup(
      coefficientsOf(pixels, width, height), width + 2 * MARGIN, height + 2 * MARGIN, SPLINE_WEIGHTS,
    );
    this.#coefficients.cubic(x + MARGIN, y + MARGIN, to, at);
  }
}

/** The coefficients of the cubic spline through pixels with three channels, mirrored at the edges, with the margin. */
/** @param {ArrayLike<number>} pixels @param {number} width @param {number} height */
function coefficientsOf(pixels, width, height) {
  const wide = width + 2 * MARGIN;
  const high = height + 2 * MARGIN;
  const found = new Float32Array(3 * wide * high);
  for (let row = 0; row < high; row += 1) {
    for (let column = 0; column < wide; column += 1) {
      const from = 3 * (mirrored(row - MARGIN, height) * width + mirrored(column - MARGIN, width));
      for (let k = 0; k < 3; k += 1) found[3 * (row * wide + column) + k] = pixels[from + k];
    }
  }
  for (let row = 0; row < high; row += 1) {
    for (let k = 0; k < 3; k += 1) filter(found, 3 * row * wide + k, 3, wide);
  }
  for (let column = 0; column < 3 * wide; column += 1) filter(found, column, 3 * wide, high);
  return found;
}

/** @param {number} place @param {number} length */
function mirrored(place, length) {
  const last = length - 1;
  const there = Math.abs(place);
  return Math.max(0, Math.min(last, there > last ? 2 * last - there : there));
}

/**
 * Makes the coefficients of a cubic spline of values in a line (Unser, Aldroubi and Eden, 1993), mirrored at both ends.
 * @param {Float32Array} values
 * @param {number} first where they begin
 * @param {number} step from each to the next
 * @param {number} count
 */
function filter(values, first, step, count) {
  let sum = 0;
  for (let k = Math.min(count, FORGOTTEN) - 1; k >= 0; k -= 1) sum = values[first + k * step] + POLE * sum;
  values[first] = sum;
  for (let k = 1; k < count; k += 1) values[first + k * step] += POLE * values[first + (k - 1) * step];
  const last = first + (count - 1) * step;
  values[last] = (POLE / (POLE * POLE - 1)) * (values[last] + POLE * values[last - step]);
  for (let at = last - step; at >= first; at -= step) values[at] = POLE * (values[at + step] - values[at]);
  for (let k = 0; k < count; k += 1) values[first + k * step] *= 6;
}
