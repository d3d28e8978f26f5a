/**
 * Fills triangles with a number, with all pixels that their edges pass, exactly as OpenCV's `fillConvexPoly`: where a
 * shape lies over itself, one pixel more would show another part of it.
 */

const ONE = 2 ** 16; // of a pixel, in which edges are followed
const HALF = ONE / 2;

/** Numbers of `width` x `height` pixels. @typedef {{pixels: Int32Array, width: number, height: number}} Numbers */

/**
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
