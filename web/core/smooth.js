/**
 * Smooths the jitter of a freehand stroke before points are chosen for it. Its ends stay in place, and its corners stay
 * sharp, since it is smoothed only between them. All lengths are in the stroke's unit, which should be CSS pixels.
 */

/** @import {XY} from './types.js' */

const STEP = 2; // between the places of a smooth stroke
const ARM = 22; // the length of a corner's arms
const GAP = 6; // between a corner and its arms, where a first smoothing has rounded it
const LEAST_TURN = (50 * Math.PI) / 180; // of a corner
const SHARP = 0.7; // fraction of a corner's turn within half the length; for an arc it is a half
const TOP = 0.97; // fraction of the maximum turn that counts as the same
const NEAR = 10; // how far the intersection of the arms may lie from the stroke
const FIRST = 5; // width of the first smoothing, which measures the jitter
const [NARROW, WIDE, WIDER] = [4, 60, 1.4]; // widths of the others: least, greatest, and ratio of successive ones
const [LEAST, SHARE] = [0.4, 5]; // how far the widest may differ from the first: at least, and in units of the jitter
const ENDS = 4; // kernel radius, in widths

/**
 * The stroke with less and less jitter, in small steps, always from its first place to its last. Wider smoothing also
 * removes more of the stroke itself, so it stops before that exceeds the jitter.
 * @param {readonly XY[]} stroke no place twice in a row
 * @yields {XY[]} nothing for fewer than three places
 */
export function* smoothings(stroke) {
  if (stroke.length < 3) return;
  const line = resampled(stroke);
  const calm = averaged(line, lengths(line), FIRST);
  const length = lengths(calm); // the length of a jittery line would mean little
  const bends = corners(line, calm, length);
  const places = [...line];
  for (const { index, at } of bends) places[index] = at;
  const ends = [0, ...bends.map(({ index }) => index), line.length - 1];
  const most = Math.max(LEAST, SHARE * shaking(line, calm));
  /** @type {XY[] | undefined} */
  let first;
  for (let width = NARROW; width <= WIDE; width *= WIDER) {
    const smooth = ends.slice(1).flatMap((end, k) => {
      const piece = averaged(places.slice(ends[k], end + 1), length.slice(ends[k], end + 1), width);
      return k === 0 ? piece : piece.slice(1);
    });
    first ??= smooth;
    if (meanDistance(first, smooth) > most) return;
    yield smooth;
  }
}

/** @param {readonly XY[]} a @param {readonly XY[]} b as many */
const meanDistance = (a, b) => Math.sqrt(a.reduce((sum, p, k) => sum + apart(p, b[k]) ** 2, 0) / a.length);

/** Evenly spaced places on the stroke. @param {readonly XY[]} stroke @returns {XY[]} */
function resampled(stroke) {
  const length = lengths(stroke);
  const total = length[length.length - 1];
  const count = Math.max(2, Math.round(total / STEP));
  let k = 0;
  return Array.from({ length: count + 1 }, (_, i) => {
    if (i === count) return stroke[stroke.length - 1];
    const at = (total * i) / count;
    while (k + 2 < length.length && length[k + 1] < at) k += 1;
    return between(stroke[k], stroke[k + 1], Math.min(1, (at - length[k]) / (length[k + 1] - length[k] || 1)));
  });
}

/** Length up to each place. @param {readonly XY[]} line */
function lengths(line) {
  let sum = 0;
  return line.map((p, k) => (sum += k === 0 ? 0 : apart(p, line[k - 1])));
}

/**
 * Each place becomes the mean of those around it, weighted by the fourth-order kernel (3 - u^2) exp(-u^2 / 2), which
 * flattens bends less than a Gaussian. At its ends the line is extended by point reflection, so that they stay in
 * place.
 * @param {readonly XY[]} line
 * @param {readonly number[]} at parameter of each place, rising
 * @param {number} width
 * @returns {XY[]}
 */
function averaged(line, at, width) {
  const last = line.length - 1;
  const [first, final] = [line[0], line[last]];
  const before = line.map((p, k) => ({ x: 2 * first.x - p.x, y: 2 * first.y - p.y, at: 2 * at[0] - at[k] })).slice(1);
  const after = line.map((p, k) => ({ x: 2 * final.x - p.x, y: 2 * final.y - p.y, at: 2 * at[last] - at[k] }));
  const whole = [...before.reverse(), ...line.map((p, k) => ({ ...p, at: at[k] })), ...after.slice(0, -1).reverse()];
  let from = 0;
  return line.map((p, k) => {
    if (k === 0 || k === last) return p;
    while (whole[from].at < at[k] - ENDS * width) from += 1;
    let [x, y, sum] = [0, 0, 0];
    for (let i = from; i < whole.length && whole[i].at <= at[k] + ENDS * width; i += 1) {
      const squared = ((whole[i].at - at[k]) / width) ** 2;
      const weight = (3 - squared) * Math.exp(-0.5 * squared);
      x += weight * whole[i].x;
      y += weight * whole[i].y;
      sum += weight;
    }
    return { x: x / sum, y: y / sum };
  });
}

/**
 * The typical distance between a line and its smoothed version.
 * @param {readonly XY[]} line
 * @param {readonly XY[]} calm
 */
function shaking(line, calm) {
  const away = line.map((p, k) => apart(p, calm[k])).sort((a, b) => a - b);
  return away[away.length >> 1]; // the median: corners do not count
}

/**
 * The corners of a line, and their exact positions.
 * @param {readonly XY[]} line
 * @param {readonly XY[]} calm
 * @param {readonly number[]} length up to each place
 * @returns {{index: number, at: XY}[]}
 */
function corners(line, calm, length) {
  const turns = calm.map((_, k) => turnAt(calm, length, k));
  /** Contiguous stretches where the line turns that much. @type {number[][]} */
  const stretches = [];
  turns.forEach((turn, k) => {
    if (turn < LEAST_TURN) return;
    if (turns[k - 1] >= LEAST_TURN) stretches[stretches.length - 1].push(k);
    else stretches.push([k]);
  });
  return stretches.map((stretch) => {
    const most = Math.max(...stretch.map((k) => turns[k]));
    const top = stretch.filter((k) => turns[k] >= TOP * most);
    const index = top[top.length >> 1];
    return { index, at: meeting(arms(calm, length, index, ARM), line[index]) };
  });
}

/**
 * The change of direction at a place, if it is abrupt.
 * @param {readonly XY[]} calm @param {readonly number[]} length @param {number} k
 * @returns {number} radians; 0 if it turns slowly
 */
function turnAt(calm, length, k) {
  const last = length.length - 1;
  if (length[k] < GAP + ARM / 2 || length[last] - length[k] < GAP + ARM / 2) return 0;
  const [whole, half] = [ARM, ARM / 2].map((reach) => turnOf(arms(calm, length, k, reach)));
  return half >= SHARP * whole ? whole : 0;
}

/**
 * The straight lines into and out of a place: their outer and inner ends.
 * @param {readonly XY[]} calm @param {readonly number[]} length @param {number} k @param {number} reach
 */
function arms(calm, length, k, reach) {
  const find = (/** @type {number} */ value) => calm[nearestIndex(length, length[k] + value)];
  return { in: [find(-GAP - reach), find(-GAP)], out: [find(GAP), find(GAP + reach)] };
}

/** @param {ReturnType<typeof arms>} lines */
function turnOf({ in: [a, b], out: [c, d] }) {
  const turn = Math.atan2(d.y - c.y, d.x - c.x) - Math.atan2(b.y - a.y, b.x - a.x);
  return Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn)));
}

/** The intersection of the two lines, if it is near. @param {ReturnType<typeof arms>} lines @param {XY} place */
function meeting({ in: [a, b], out: [c, d] }, place) {
  const [u, v] = [{ x: b.x - a.x, y: b.y - a.y }, { x: d.x - c.x, y: d.y - c.y }];
  const cross = u.x * v.y - u.y * v.x;
  const share = ((c.x - a.x) * v.y - (c.y - a.y) * v.x) / cross;
  const at = { x: a.x + share * u.x, y: a.y + share * u.y };
  return apart(at, place) <= NEAR ? at : place; // also if they are parallel
}

/** @param {readonly number[]} length @param {number} value */
function nearestIndex(length, value) {
  let [low, high] = [0, length.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (length[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @param {XY} a @param {XY} b */
const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
/** @param {XY} a @param {XY} b @param {number} d */
const between = (a, b, d) => ({ x: a.x + (b.x - a.x) * d, y: a.y + (b.y - a.y) * d });
