/**
 * The equations of a mesh with its pins (`dragnuwa/geometry/bending/solver.py`): a Laplacian with cotangent weights,
 * the pins as soft constraints, and a weak pull towards rest for what they leave open. Factorised once.
 */

import { areasOf } from '../composing/triangles.js';
import { Factor, add, emptyRows } from './band.js';
import { located } from './mesh.js';

/** @import {Rows} from './band.js' */
/** @import {BendingMesh} from './mesh.js' */

/**
 * Pins of a mesh. A pin outside of it holds the nearest place.
 * @typedef {object} Pins
 * @property {Float64Array} at x and y of each, at rest
 * @property {Uint8Array} turns whether each turns or scales what is around it
 * @property {ArrayLike<number>} stays points of the mesh that rest
 * @property {ArrayLike<number>} cut those at the picture's edge, which rest if nothing pulls hard
 */

/**
 * What is held: pins by the corners of their triangles, then single points, of which the first turn with a pin.
 * @typedef {object} Constraints
 * @property {number} pins how many
 * @property {Int32Array} corners three of each pin
 * @property {Float64Array} shares
 * @property {Int32Array} single
 * @property {readonly number[]} of the pins with which the first of them turn
 * @property {Float64Array} rest x and y of each constraint
 */

/** Edges: their ends, weights, and x and y from one end to the other at rest. */
/** @typedef {{ends: Int32Array, weights: Float64Array, arms: Float64Array}} Edges */

/** @typedef {ReturnType<typeof systemOf>} System */

const LAZY = 0.03; // weight with which a whole shape rests where it is, in edges
const LEANS = 1; // weight with which each point at the picture's edge rests, in edges
const PINNED = 1e6; // weight of a pin, in edges
const STIFFEST = 0.3; // of sqrt(area): the length over which the stiffest shape's rotations are smoothed
const STIFF = 20; // weight of the edges in a stiff area
const PIN_RADIUS = 0.1; // of sqrt(area): the radius of what turns and scales with a pin

/**
 * @param {BendingMesh} mesh
 * @param {Pins} pins at least one
 * @param {number} stiffness from 0, soft, to 1
 * @param {Uint8Array | null} stiff which points hardly bend; null for none
 */
export function systemOf(mesh, pins, stiffness, stiff) {
  const count = mesh.rest.length / 2;
  const areas = areasOf(mesh.rest, mesh.triangles);
  const area = areas.reduce((sum, each) => sum + each, 0);
  const held = heldBy(mesh, pins, area);
  const { ends, weights, pinned } = linked(mesh, held.corners, pins);
  if (stiff) weights.forEach((_, k) => { if (stiff[ends[2 * k]] && stiff[ends[2 * k + 1]]) weights[k] *= STIFF; });
  const edges = { ends, weights, arms: armsOf(mesh.rest, ends) };
  const mean = weights.reduce((sum, each) => sum + each, 0) / weights.length;
  const inertia = inertiaOf(edges, count);
  const lazy = lazinessOf(mesh, areas, pinned, (LAZY * mean) / area);
  for (const point of Array.from(pins.cut)) lazy[point] += LEANS * mean;
  const laplacian = laplacianOf(edges, count);
  const length = STIFFEST * stiffness ** 2 * Math.sqrt(area);
  return Object.freeze({
    mesh, count, areas, area, held, edges, inertia, lazy,
    strength: PINNED * mean,
    points: new Factor(pulledTogether(laplacian, lazy, held, PINNED * mean)),
    smoothing: length > 0 ? new Factor(smoothed(laplacian, inertia, length)) : null,
    group: stiff?.includes(1) ? grouped(count, ends, stiff) : null,
  });
}

/** @param {BendingMesh} mesh @param {Pins} pins @param {number} area @returns {Constraints} */
function heldBy(mesh, pins, area) {
  const count = pins.at.length / 2;
  const { corners, shares } = located(mesh, pins.at);
  const { around, of } = surroundings(mesh, pins, area);
  const single = Int32Array.from([...around, ...Array.from(pins.stays)]);
  const rest = new Float64Array(2 * (count + single.length));
  corners.forEach((corner, k) => {
    const pin = 2 * Math.floor(k / 3);
    rest[pin] += shares[k] * mesh.rest[2 * corner];
    rest[pin + 1] += shares[k] * mesh.rest[2 * corner + 1];
  });
  single.forEach((point, k) => rest.set(mesh.rest.subarray(2 * point, 2 * point + 2), 2 * (count + k)));
  return { pins: count, corners, shares, single, of, rest };
}

/** @param {Float64Array} rest @param {Int32Array} ends */
function armsOf(rest, ends) {
  const arms = new Float64Array(ends.length);
  for (let k = 0; k < ends.length; k += 2) {
    const [u, v] = [2 * ends[k], 2 * ends[k + 1]];
    arms[k] = rest[v] - rest[u];
    arms[k + 1] = rest[v + 1] - rest[u + 1];
  }
  return arms;
}

/** @param {Edges} edges @param {number} count */
function inertiaOf({ ends, weights, arms }, count) {
  const inertia = new Float64Array(count);
  ends.forEach((end, k) => {
    const edge = Math.floor(k / 2);
    inertia[end] += weights[edge] * (arms[2 * edge] ** 2 + arms[2 * edge + 1] ** 2);
  });
  return inertia;
}

/**
 * The pull of each point towards rest: by its share of the area, if a pin holds its part.
 * @param {BendingMesh} mesh
 * @param {Float64Array} areas
 * @param {Uint8Array} pinned by part
 * @param {number} weight of a px^2
 */
function lazinessOf({ rest, triangles, part }, areas, pinned, weight) {
  const lazy = new Float64Array(rest.length / 2);
  triangles.forEach((point, k) => { lazy[point] += (weight * pinned[part[point]] * areas[Math.floor(k / 3)]) / 3; });
  return lazy;
}

/** @param {Edges} edges @param {number} count */
function laplacianOf({ ends, weights }, count) {
  const rows = emptyRows(count);
  weights.forEach((weight, k) => {
    const [u, v] = [ends[2 * k], ends[2 * k + 1]];
    add(rows, u, u, weight);
    add(rows, v, v, weight);
    add(rows, u, v, -weight);
    add(rows, v, u, -weight);
  });
  return rows;
}

/** @param {Rows} laplacian @param {Float64Array} lazy @param {Constraints} held @param {number} strength */
function pulledTogether(laplacian, lazy, { pins, corners, shares, single }, strength) {
  const rows = laplacian.map((row) => new Map(row));
  lazy.forEach((value, k) => add(rows, k, k, value));
  for (let from = 0; from < 3 * pins; from += 3) {
    for (let i = from; i < from + 3; i += 1) {
      for (let j = from; j < from + 3; j += 1) add(rows, corners[i], corners[j], strength * shares[i] * shares[j]);
    }
  }
  single.forEach((point) => add(rows, point, point, strength));
  return rows;
}

/** @param {Rows} laplacian @param {Float64Array} inertia @param {number} length px */
function smoothed(laplacian, inertia, length) {
  const rows = laplacian.map((row) => new Map([...row].map(([column, value]) => [column, length * length * value])));
  inertia.forEach((value, k) => add(rows, k, k, value));
  return rows;
}

/**
 * The points around pins that turn or scale, each around the nearest one.
 * @param {BendingMesh} mesh
 * @param {Pins} pins
 * @param {number} area
 */
function surroundings({ rest, step }, { at, turns }, area) {
  /** @type {number[]} */
  const around = [];
  /** @type {number[]} */
  const of = [];
  if (!turns.includes(1)) return { around, of };
  const reach = Math.max(PIN_RADIUS * Math.sqrt(area), 1.5 * step);
  for (let point = 0; point < rest.length / 2; point += 1) {
    let [nearest, least] = [0, Infinity];
    for (let pin = 0; pin < turns.length; pin += 1) {
      const way = Math.hypot(rest[2 * point] - at[2 * pin], rest[2 * point + 1] - at[2 * pin + 1]);
      if (way < least) [nearest, least] = [pin, way];
    }
    if (turns[nearest] && least <= reach) {
      around.push(point);
      of.push(nearest);
    }
  }
  return { around, of };
}

/**
 * The edges and their weights, with the links of the parts that have no pin to those that have; and which parts a pin
 * holds by itself.
 * @param {BendingMesh} mesh
 * @param {Int32Array} corners three of each pin
 * @param {Pins} pins
 */
function linked({ edges, weights, part, links }, corners, { stays }) {
  const pinned = new Uint8Array(Math.max(...part) + 1);
  for (let k = 0; k < corners.length; k += 3) pinned[part[corners[k]]] = 1;
  Array.from(stays).forEach((point) => { pinned[part[point]] = 1; });
  const reached = pinned.slice();
  /** @type {number[]} */
  const ties = [];
  const todo = Array.from({ length: links.length / 6 }, (_, k) => links.subarray(6 * k, 6 * k + 6));
  for (;;) {
    const ready = todo.findIndex((link) => reached[part[link[0]]] || reached[part[link[3]]]);
    if (ready < 0) break;
    const [link] = todo.splice(ready, 1);
    if (reached[part[link[0]]] && reached[part[link[3]]]) continue;
    for (let k = 0; k < 3; k += 1) ties.push(link[k], link[3 + k]);
    reached[part[link[0]]] = 1;
    reached[part[link[3]]] = 1;
  }
  return {
    ends: Int32Array.from([...edges, ...ties]),
    weights: Float64Array.from([...weights, ...ties.filter((_, k) => k % 2 === 0).map(() => 1)]),
    pinned,
  };
}

/** Of each point, one of those that share its rotation: of a connected stiff area. */
/** @param {number} count @param {Int32Array} edges @param {Uint8Array} stiff */
function grouped(count, edges, stiff) {
  const group = Int32Array.from({ length: count }, (_, k) => k);
  const root = (/** @type {number} */ point) => {
    let at = point;
    while (group[at] !== at) at = group[at] = group[group[at]];
    return at;
  };
  for (let k = 0; k < edges.length; k += 2) {
    if (stiff[edges[k]] && stiff[edges[k + 1]]) group[root(edges[k])] = root(edges[k + 1]);
  }
  return group.map((_, k) => root(k));
}
