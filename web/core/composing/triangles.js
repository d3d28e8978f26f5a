/** The triangles of a mesh: areas, maps from one place to another, and which are near each other. */

/**
 * @param {ArrayLike<number>} points x and y of each
 * @param {Int32Array} triangles
 * @returns {Float64Array} of each, positive or negative
 */
export function areasOf(points, triangles) {
  return Float64Array.from({ length: triangles.length / 3 }, (_, k) => {
    const [a, b, c] = [2 * triangles[3 * k], 2 * triangles[3 * k + 1], 2 * triangles[3 * k + 2]];
    const [ux, uy] = [points[b] - points[a], points[b + 1] - points[a + 1]];
    const [vx, vy] = [points[c] - points[a], points[c + 1] - points[a + 1]];
    return (ux * vy - uy * vx) / 2;
  });
}

/**
 * The maps that take each triangle from some places to others: six numbers, x' = ax + by + c and y' = dx + ey + f; flat
 * ones to a corner.
 * @param {Int32Array} triangles
 * @param {ArrayLike<number>} from
 * @param {ArrayLike<number>} to
 */
export function affine(triangles, from, to) {
  const found = new Float64Array(2 * triangles.length);
  for (let k = 0; k < triangles.length; k += 3) {
    const [a, b, c] = [2 * triangles[k], 2 * triangles[k + 1], 2 * triangles[k + 2]];
    const [ux, uy] = [from[b] - from[a], from[b + 1] - from[a + 1]];
    const [vx, vy] = [from[c] - from[a], from[c + 1] - from[a + 1]];
    const twice = ux * vy - uy * vx;
    for (let axis = 0; axis < 2; axis += 1) {
      const [p, q] = [to[b + axis] - to[a + axis], to[c + axis] - to[a + axis]];
      const x = Math.abs(twice) > 5e-10 ? (p * vy - q * uy) / twice : 0;
      const y = Math.abs(twice) > 5e-10 ? (q * ux - p * vx) / twice : 0;
      found.set([x, y, to[a + axis] - x * from[a] - y * from[a + 1]], 2 * k + 3 * axis);
    }
  }
  return found;
}

/** By how much a map stretches at most. @param {Float64Array} maps @param {number} number */
export function stretching(maps, number) {
  const [a, b, , d, e] = maps.subarray(6 * number, 6 * number + 5);
  return (Math.hypot(a + e, d - b) + Math.hypot(a - e, d + b)) / 2;
}

/**
 * Which triangles touch, or touch a common one.
 * @param {Int32Array} triangles
 * @param {number} points how many there are
 * @returns {Uint8Array} for each triangle, for each
 */
export function neighboursOf(triangles, points) {
  const count = triangles.length / 3;
  /** @type {number[][]} */
  const around = Array.from({ length: points }, () => []);
  triangles.forEach((point, at) => around[point].push(Math.floor(at / 3)));
  const touching = Array.from({ length: count }, (_, k) => (
    [...new Set([0, 1, 2].flatMap((corner) => around[triangles[3 * k + corner]]))]));
  const near = new Uint8Array(count * count);
  touching.forEach((own, k) => own.forEach((each) => touching[each].forEach((other) => {
    near[k * count + other] = 1;
  })));
  return near;
}
