/** Matrices of three rows and columns, row by row. */

/** @typedef {readonly number[]} Matrix nine numbers */

/** @param {Matrix} one @param {Matrix} other @returns {Matrix} */
export function product(one, other) {
  const found = new Array(9);
  for (let row = 0; row < 9; row += 3) {
    for (let column = 0; column < 3; column += 1) {
      found[row + column] = one[row] * other[column] + one[row + 1] * other[3 + column]
        + one[row + 2] * other[6 + column];
    }
  }
  return found;
}

/** @param {Matrix} matrix @param {readonly number[]} point */
export const applied = (matrix, [x, y, z]) => [0, 3, 6].map((row) => (
  matrix[row] * x + matrix[row + 1] * y + matrix[row + 2] * z));

/** @param {Matrix} matrix @returns {Matrix} */
export const transposed = ([a, b, c, d, e, f, g, h, i]) => [a, d, g, b, e, h, c, f, i];
