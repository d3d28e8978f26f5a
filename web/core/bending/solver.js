/**
 * Bends a mesh as its pins pull it, as `dragnuwa/geometry/bending/solver.py` does: as rigidly as possible (Sorkine and
 * Alexa, 2007), by rotations and points in turn, with rotations that are smoothed over a length that is the stiffness.
 * The cases in tests/web/bending.json check that both agree.
 */

import { areasOf } from '../composing/triangles.js';
import { systemOf } from './system.js';

/** @import {BendingMesh} from './mesh.js' */
/** @import {Pins, System} from './system.js' */

/**
 * Where the pins are at one instant.
 * @typedef {object} Pull
 * @property {Float64Array} moved x and y of the way of each from its place at rest
 * @property {Float64Array} turned radians, NaN where it turns by itself
 * @property {Float64Array} scaled 1 at rest
 */

const ROUNDS = 150; // at most, for each instant; 15 are usual
const MEMORY = 5; // rounds that the acceleration combines
const WORSE = 2; // times the least change so far: then it begins anew
const REGULAR = 1e-10;
const SETTLED = 1e-5; // of the shape's size, by which no point may move any more in a round
const FOLDED = 0.05; // of its area, below which a triangle is folded
const MOST_FOLDED = 0.04; // of the whole area that may be
const HALVINGS = 6; // of the way, where a shape folds
const RESTS = 1e-9; // of a step

/** A mesh with its pins, and where it was last. */
export class Solver {
  /**
   * @param {BendingMesh} mesh
   * @param {Pins} pins at least one
   * @param {number} stiffness from 0, soft, to 1
   * @param {Uint8Array | null} stiff which points hardly bend
   */
  constructor(mesh, pins, stiffness, stiff = null) {
    /** @type {System} */
    this.system = systemOf(mesh, pins, stiffness, stiff);
    this.settled = SETTLED * Math.sqrt(this.system.area);
    /** The constraints that were followed last, and the points there. @type {[Float64Array, Float64Array]} */
    this.last = [this.system.held.rest, mesh.rest];
    /** The rotation around each point. */
    this.turn = new Float64Array(mesh.rest.length);
  }

  /**
   * The points of the mesh at an instant, from where they were at the one before, as far as it does not fold.
   * @param {Pull} pull
   * @returns {Float64Array} x and y of each
   */
  bend(pull) {
    const { mesh, held: { rest } } = this.system;
    const asked = this.#targets(pull);
    if (furthest(asked, rest) < RESTS * mesh.step) {
      this.last = [rest, mesh.rest];
    } else {
      const found = this.#solve(asked, this.last[1]);
      this.last = this.#folds(found) ? this.#asFarAsPossible(asked) : [asked, found];
    }
    return this.last[1];
  }

  /**
   * The last constraints on the way to those asked for at which the shape is not folded, and its points there.
   * @param {Float64Array} asked
   * @returns {[Float64Array, Float64Array]}
   */
  #asFarAsPossible(asked) {
    const [held, now] = this.last;
    const between = (/** @type {number} */ part) => held.map((from, k) => from + part * (asked[k] - from));
    let [low, high, kept] = [0, 1, now];
    for (let round = 0; round < HALVINGS; round += 1) {
      const part = (low + high) / 2;
      const tried = this.#solve(between(part), now);
      if (this.#folds(tried)) high = part;
      else [low, kept] = [part, tried];
    }
    return [between(low), kept];
  }

  /** Where the constraints are to be. @param {Pull} pull */
  #targets({ moved, turned, scaled }) {
    const { pins, rest, of } = this.system.held;
    const there = rest.slice();
    for (let k = 0; k < 2 * pins; k += 1) there[k] += moved[k];
    of.forEach((pin, k) => {
      const turn = Number.isNaN(turned[pin]) ? 0 : turned[pin];
      const [re, im] = [scaled[pin] * Math.cos(turn), scaled[pin] * Math.sin(turn)];
      const at = 2 * (pins + k);
      const [x, y] = [rest[at] - rest[2 * pin], rest[at + 1] - rest[2 * pin + 1]];
      there[at] = there[2 * pin] + re * x - im * y;
      there[at + 1] = there[2 * pin + 1] + im * x + re * y;
    });
    return there;
  }

  /**
   * The points for the constraints, from those before, by Anderson's acceleration of the rounds.
   * @param {Float64Array} targets
   * @param {Float64Array} before
   */
  #solve(targets, before) {
    const pulled = this.#pulled(targets);
    const history = new Acceleration();
    /** @type {Float64Array} */
    let points = this.#round(before, pulled);
    let result = points;
    let least = Infinity;
    for (let round = 0; round < ROUNDS; round += 1) {
      result = this.#round(points, pulled);
      const far = furthest(result, points);
      if (far < this.settled) return result;
      if (far > WORSE * least) history.forget();
      least = Math.min(least, far);
      points = history.next(result, minus(result, points));
    }
    return result;
  }

  /** @param {Float64Array} targets */
  #pulled(targets) {
    const { strength, count, held: { corners, shares, single, pins } } = this.system;
    const pulled = new Float64Array(2 * count);
    for (let k = 0; k < 3 * pins; k += 1) {
      const pin = Math.floor(k / 3);
      pulled[2 * corners[k]] += strength * shares[k] * targets[2 * pin];
      pulled[2 * corners[k] + 1] += strength * shares[k] * targets[2 * pin + 1];
    }
    single.forEach((point, k) => {
      pulled[2 * point] += strength * targets[2 * (pins + k)];
      pulled[2 * point + 1] += strength * targets[2 * (pins + k) + 1];
    });
    return pulled;
  }

  /** The points for the rotations at the points before. @param {Float64Array} points @param {Float64Array} pulled */
  #round(points, pulled) {
    const { turn, system: { edges: { ends, weights, arms }, lazy, mesh: { rest }, points: factor, count } } = this;
    this.#rotate(points);
    const right = pulled.slice();
    for (let k = 0; k < count; k += 1) {
      right[2 * k] += lazy[k] * rest[2 * k];
      right[2 * k + 1] += lazy[k] * rest[2 * k + 1];
    }
    for (let k = 0; k < weights.length; k += 1) {
      const [u, v] = [2 * ends[2 * k], 2 * ends[2 * k + 1]];
      const half = weights[k] / 2;
      const [re, im] = [half * (turn[u] + turn[v]), half * (turn[u + 1] + turn[v + 1])];
      const x = re * arms[2 * k] - im * arms[2 * k + 1];
      const y = im * arms[2 * k] + re * arms[2 * k + 1];
      right[u] -= x;
      right[u + 1] -= y;
      right[v] += x;
      right[v + 1] += y;
    }
    factor.solve(right);
    return right;
  }

  /** The rotation around each point, of length 1, smooth, and one for each stiff area. @param {Float64Array} points */
  #rotate(points) {
    const { turn, system: { edges: { ends, weights, arms }, count, group, inertia, smoothing } } = this;
    turn.fill(0);
    for (let k = 0; k < weights.length; k += 1) {
      const [u, v] = [2 * ends[2 * k], 2 * ends[2 * k + 1]];
      const [x, y] = [points[v] - points[u], points[v + 1] - points[u + 1]];
      const re = weights[k] * (arms[2 * k] * x + arms[2 * k + 1] * y);
      const im = weights[k] * (arms[2 * k] * y - arms[2 * k + 1] * x);
      turn[u] += re;
      turn[u + 1] += im;
      turn[v] += re;
      turn[v + 1] += im;
    }
    smoothing?.solve(turn);
    if (group) {
      const sums = new Float64Array(2 * count);
      for (let k = 0; k < count; k += 1) {
        sums[2 * group[k]] += inertia[k] * turn[2 * k];
        sums[2 * group[k] + 1] += inertia[k] * turn[2 * k + 1];
      }
      for (let k = 0; k < count; k += 1) turn.set([sums[2 * group[k]], sums[2 * group[k] + 1]], 2 * k);
    }
    for (let k = 0; k < 2 * count; k += 2) {
      const length = Math.hypot(turn[k], turn[k + 1]);
      turn[k] = length > 0 ? turn[k] / length : 1;
      turn[k + 1] = length > 0 ? turn[k + 1] / length : 0;
    }
  }

  /** Whether too much of the shape is folded. @param {Float64Array} points */
  #folds(points) {
    const { mesh: { triangles }, areas, area } = this.system;
    const now = areasOf(points, triangles);
    const folded = areas.reduce((sum, own, k) => sum + (now[k] < FOLDED * own ? own : 0), 0);
    return folded > MOST_FOLDED * area;
  }
}

/** The largest distance of two points. @param {Float64Array} some @param {Float64Array} others x and y of each */
function furthest(some, others) {
  let most = 0;
  for (let k = 0; k < some.length; k += 2) {
    const [x, y] = [some[k] - others[k], some[k + 1] - others[k + 1]];
    most = Math.max(most, x * x + y * y);
  }
  return Math.sqrt(most);
}

/** Combines the last results of rounds so that their changes cancel as well as they can (Anderson, 1965). */
class Acceleration {
  constructor() {
    this.forget();
  }

  forget() {
    /** @type {{result: Float64Array, change: Float64Array} | null} */
    this.last = null;
    /** Differences of changes from one round to the next. @type {Float64Array[]} */
    this.steps = [];
    /** The same of results. @type {Float64Array[]} */
    this.moves = [];
  }

  /** Where the next round begins. @param {Float64Array} result @param {Float64Array} change */
  next(result, change) {
    if (this.last) {
      this.steps = [...this.steps, minus(change, this.last.change)].slice(-MEMORY);
      this.moves = [...this.moves, minus(result, this.last.result)].slice(-MEMORY);
    }
    this.last = { result, change };
    const { steps, moves } = this;
    if (!steps.length) return result;
    const shares = solved(
      steps.map((one, i) => steps.map((other, j) => dot(one, other) * (i === j ? 1 + REGULAR : 1))),
      steps.map((step) => dot(step, change)),
    );
    const found = result.slice();
    for (let k = 0; k < moves.length; k += 1) {
      for (let at = 0; at < found.length; at += 1) found[at] -= shares[k] * moves[k][at];
    }
    return found;
  }
}

/** @param {Float64Array} some @param {Float64Array} others */
function minus(some, others) {
  const found = some.slice();
  for (let k = 0; k < found.length; k += 1) found[k] -= others[k];
  return found;
}

/** @param {Float64Array} some @param {Float64Array} others */
function dot(some, others) {
  let sum = 0;
  for (let k = 0; k < some.length; k += 1) sum += some[k] * others[k];
  return sum;
}

/** A small system by elimination; what is not determined is 0. @param {number[][]} rows @param {number[]} right */
function solved(rows, right) {
  const count = right.length;
  const all = rows.map((row, k) => [...row, right[k]]);
  const least = Math.max(...rows.map((row, k) => row[k])) * 1e-15;
  for (let k = 0; k < count; k += 1) {
    const pivot = all.slice(k).reduce((best, row, at) => (
      Math.abs(row[k]) > Math.abs(all[best][k]) ? k + at : best), k);
    [all[k], all[pivot]] = [all[pivot], all[k]];
    if (Math.abs(all[k][k]) <= least) continue;
    for (let row = k + 1; row < count; row += 1) {
      const share = all[row][k] / all[k][k];
      for (let at = k; at <= count; at += 1) all[row][at] -= share * all[k][at];
    }
  }
  const found = Array.from({ length: count }, () => 0);
  for (let k = count - 1; k >= 0; k -= 1) {
    if (Math.abs(all[k][k]) <= least) continue;
    const known = found.reduce((sum, value, at) => (at > k ? sum + value * all[k][at] : sum), 0);
    found[k] = (all[k][count] - known) / all[k][k];
  }
  return found;
}
