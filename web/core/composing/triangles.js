/** The triangles of a mesh: areas, maps from one place to another, which are near each other, and their pixels. */

const ONE = 2 ** 16; // of a pixel, in which edges are followed
const HALF = ONE / 2;

/** Numbers of `width` x `height` pixels. @typedef {{pixels: Int32Array, width: number, height: number}} Numbers */

/**
 * @param {ArrayLike<number>} points x and y of each
 * @param {Int32Array} triangles
 * @returns {Float64Array} of each, positive or negative
 */
export function areasOf(points, triangles) {
  const found = new Float64Array(triangles.length / 3);
  for (let k = 0; k < found.length; k += 1) {
    const [a, b, c] = [2 * triangles[3 * k], 2 * triangles[3 * k + 1], 2 * triangles[3 * k + 2]];
    const [ux, uy] = [points[b] - points[a], points[b + 1] - points[a + 1]];
    const [vx, vy] = [points[c] - points[a], points[c + 1] - points[a + 1]];
    found[k] = (ux * vy - uy * vx) / 2;
  }
  return found;
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

/**
 * Fills triangles with a number, with all pixels that their edges pass, exactly as OpenCV's `fillConvexPoly`: where a
 * shape lies over itself, one pixel more would show another part of it.
 * @param {Numbers} to
 * @param {Float64Array} corners x and y of each, in parts of a pixel
 * @param {number} parts a power of 2
 * @param {number} number
 */
export function fillTriangle(to, corners, parts, number) {
  const unit = ONE / parts;
  let first = 0;
  let last = corners[1];
  for (let k = 0; k < 6; k += 2) {
    const before = (k + 4) % 6;
    drawLine(to, unit * corners[before], unit * corners[before + 1], unit * corners[k], unit * corners[k + 1], number);
    if (corners[k + 1] < corners[first + 1]) first = k;
    last = Math.max(last, corners[k + 1]);
  }
  const row = (/** @type {number} */ y) => Math.floor((y + parts / 2) / parts);
  let y = row(corners[first + 1]);
  const end = Math.min(row(last), to.height - 1);
  const sides = [2, 4].map((step) => ({ at: first, step, x: -ONE, by: 0, until: y }));
  let edges = 3; // that are left
  for (; y <= end; y += 1) {
    for (const side of sides) {
      if (y < side.until) continue;
      let from = side.at;
      let next = (from + side.step) % 6;
      for (edges -= 1; edges >= 0; edges -= 1) {
        const until = row(corners[next + 1]);
        if (until > y) {
          const [begin, there] = [unit * corners[from], unit * corners[next]];
          const rows = until - y;
          Object.assign(side, { at: next, until, x: begin, by: Math.trunc((2 * (there - begin) + rows) / (2 * rows)) });
          break;
        }
        from = next;
        next = (next + side.step) % 6;
      }
    }
    if (edges < 0) break;
    const left = Math.floor((Math.min(sides[0].x, sides[1].x) + HALF) / ONE);
    const right = Math.floor((Math.max(sides[0].x, sides[1].x) + HALF) / ONE);
    if (y >= 0 && right >= 0 && left < to.width) {
      to.pixels.fill(number, y * to.width + Math.max(left, 0), y * to.width + Math.min(right, to.width - 1) + 1);
    }
    for (const side of sides) side.x += side.by;
  }
}

/**
 * @param {Numbers} to
 * @param {number} x0 in parts of a pixel, as all
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 * @param {number} number
 */
function drawLine({ pixels, width, height }, x0, y0, x1, y1, number) {
  const flat = Math.abs(x1 - x0) > Math.abs(y1 - y0);
  const turned = flat ? x1 < x0 : y1 < y0;
  const [fromX, fromY, toX, toY] = turned ? [x1, y1, x0, y0] : [x0, y0, x1, y1];
  const long = flat ? toX - fromX : toY - fromY;
  const short = flat ? toY - fromY : toX - fromX;
  const step = Math.trunc((short * ONE) / (long | 1));
  const put = (/** @type {number} */ x, /** @type {number} */ y) => {
    if (x >= 0 && y >= 0 && x < width && y < height) pixels[y * width + x] = number;
  };
  put(Math.floor((toX + HALF) / ONE), Math.floor((toY + HALF) / ONE));
  let along = Math.floor(((flat ? fromX : fromY) + HALF) / ONE);
  let across = (flat ? fromY : fromX) + HALF;
  for (let left = Math.floor(long / ONE); left >= 0; left -= 1) {
    const side = Math.floor(across / ONE);
    if (flat) put(along, side);
    else put(side, along);
    along += 1;
    across += step;
  }
}
