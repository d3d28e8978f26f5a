/** Smooths an object's outline: jags narrower than a width go, its shape stays. */

import { simplify } from '../simplify.js';

/** @import {Ring, Size, XY} from '../types.js' */

const STEPS = 4; // places per width
const PLACES = { fewest: 12, most: 1024 }; // in one ring
const REACH = 3.5; // widths within which places count
const TOLERANCE = 0.5; // pixels between the smooth ring and its corners

/**
 * @param {readonly Ring[]} outline in fractions of the picture
 * @param {number} width pixels
 * @param {Size} size of the picture in pixels
 * @returns {Ring[]} a ring that is smaller than the width stays as it is
 */
export function smoothOutline(outline, width, size) {
  return outline.map((ring) => {
    const corners = ring.map(({ x, y }) => ({ x: x * size.width, y: y * size.height }));
    const smooth = fewer(averaged(...evenly(corners, width), width));
    const fractions = smooth.map(({ x, y }) => ({ x: x / size.width, y: y / size.height }));
    return perimeter(corners) > 2 * REACH * width && fractions.length > 2 ? fractions : ring;
  });
}

/** @param {readonly XY[]} ring */
const perimeter = (ring) => ring.reduce((sum, p, k) => sum + apart(p, ring[(k + 1) % ring.length]), 0);

/** @param {XY} a @param {XY} b */
const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/**
 * Evenly spaced places around a ring.
 * @param {readonly XY[]} ring
 * @param {number} width
 * @returns {[places: XY[], step: number]} and the distance from each to the next
 */
function evenly(ring, width) {
  const whole = perimeter(ring);
  const count = Math.min(Math.max(Math.ceil((STEPS * whole) / width), PLACES.fewest), PLACES.most);
  const step = whole / count;
  /** @type {XY[]} */
  const places = [];
  let passed = 0; // length up to the side's first corner
  ring.forEach((p, k) => {
    const q = ring[(k + 1) % ring.length];
    const side = apart(p, q);
    while (places.length < count && places.length * step <= passed + side) {
      const part = side === 0 ? 0 : (places.length * step - passed) / side;
      places.push({ x: p.x + part * (q.x - p.x), y: p.y + part * (q.y - p.y) });
    }
    passed += side;
  });
  return [places, step];
}

/**
 * Each place becomes the mean of those around it, weighted by the fourth-order kernel (3 - u^2) exp(-u^2 / 2), which
 * shrinks the ring less than a Gaussian.
 * @param {readonly XY[]} places
 * @param {number} step
 * @param {number} width
 */
function averaged(places, step, width) {
  const reach = Math.min(Math.floor((REACH * width) / step), (places.length - 1) >> 1);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => {
    const squared = (((k - reach) * step) / width) ** 2;
    return (3 - squared) * Math.exp(-0.5 * squared);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const at = (/** @type {number} */ k) => places[(k + places.length) % places.length];
  /** @param {number} k @param {'x' | 'y'} axis */
  const mean = (k, axis) => weights.reduce((total, weight, i) => total + weight * at(k + i - reach)[axis], 0) / sum;
  return places.map((_, k) => ({ x: mean(k, 'x'), y: mean(k, 'y') }));
}

/** The corners that a ring needs. @param {readonly XY[]} ring */
function fewer(ring) {
  const closed = [...ring, ring[0]];
  const kept = simplify(closed, TOLERANCE, 'linear').filter((k) => k < ring.length);
  return kept.map((k) => ring[k]);
}
