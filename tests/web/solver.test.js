/** Shapes that pins bend, against what the library makes of them: tests/web/bending.json. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { Factor, add, emptyRows } from '../../web/core/bending/band.js';
import { atEdge, behind, beyond, located } from '../../web/core/bending/mesh.js';
import { Solver } from '../../web/core/bending/solver.js';

/** @import {BendingMesh} from '../../web/core/bending/mesh.js' */

const { meshes: MESHES, cases: CASES } = JSON.parse(readFileSync(new URL('./bending.json', import.meta.url), 'utf8'));
const CLOSE = 0.5; // px; where a few rounds do for both it is a thousandth

/** @param {string} name @returns {BendingMesh} */
function meshOf(name) {
  const { rest, triangles, part, edges, weights, links, step, size } = MESHES[name];
  return {
    rest: Float64Array.from(rest), weights: Float64Array.from(weights), step, size,
    triangles: Int32Array.from(triangles), part: Int32Array.from(part),
    edges: Int32Array.from(edges), links: Int32Array.from(links),
  };
}

/** @param {(number | null)[]} values */
const numbers = (values) => Float64Array.from(values, (value) => value ?? NaN);

/** @param {any} pins */
const pinsOf = ({ at, stays, cut, turned, scaled }) => ({
  at: numbers(at), stays, cut,
  turns: Uint8Array.from({ length: at.length / 2 }, (_, pin) => Number(
    turned.some((/** @type {(number | null)[]} */ now) => now[pin] !== null)
    || scaled.some((/** @type {number[]} */ now) => now[pin] !== 1))),
});

/** @param {ArrayLike<number>} some @param {ArrayLike<number>} others x and y of each */
function furthest(some, others) {
  let most = 0;
  for (let k = 0; k < some.length; k += 2) {
    most = Math.max(most, Math.hypot(some[k] - others[k], some[k + 1] - others[k + 1]));
  }
  return most;
}

describe('a mesh bends in the page as in a run', () => {
  for (const [name, { mesh, pins, stiffness, stiff, points }] of Object.entries(CASES)) {
    it(name, () => {
      const solver = new Solver(meshOf(mesh), pinsOf(pins), stiffness, stiff && Uint8Array.from(stiff));
      points.forEach((/** @type {number[]} */ wanted, /** @type {number} */ time) => {
        const pull = {
          moved: numbers(pins.moved[time]), turned: numbers(pins.turned[time]), scaled: numbers(pins.scaled[time]),
        };
        const bent = solver.bend(pull);
        assert.ok(furthest(bent, wanted) < CLOSE, `${furthest(bent, wanted)} px at frame ${time}`);
      });
    });
  }
});

describe('what rests by itself is what rests in a run', () => {
  it('at the picture\'s edge', () => {
    for (const { mesh, pins } of Object.values(CASES)) assert.deepEqual(atEdge(meshOf(mesh)), pins.cut);
  });

  it('beyond a single pin', () => {
    const { mesh, pins: { at: [x, y], stays } } = CASES['one pin, what is far stays'];
    assert.deepEqual(beyond(meshOf(mesh), x, y, 0.5), stays);
  });

  it('behind a pin that is held', () => {
    const { mesh, pins: { at: [x, y, heldX, heldY], stays } } = CASES['what lies behind a held pin rests'];
    assert.deepEqual(behind(meshOf(mesh), [[x, y]], [[heldX, heldY]]), stays);
    assert.deepEqual(behind(meshOf(mesh), [], [[heldX, heldY]]), []);
  });
});

it('a place outside of a mesh is the nearest place on it', () => {
  const mesh = meshOf('cut off'); // from x 0 to 89, y 30 to 49
  const { corners, shares } = located(mesh, [300, 40]);
  const x = shares.reduce((sum, share, k) => sum + share * mesh.rest[2 * corners[k]], 0);
  const y = shares.reduce((sum, share, k) => sum + share * mesh.rest[2 * corners[k] + 1], 0);
  assert.ok(Math.abs(x - 89) < 1 && Math.abs(y - 40) < 2, `${x}, ${y}`);
});

it('a system is solved in whatever order its rows are, also in several pieces', () => {
  const rows = emptyRows(7);
  const pairs = [[0, 5], [5, 2], [2, 6], [1, 3]]; // 4 is alone
  for (const [one, other] of pairs) {
    for (const [row, column] of [[one, other], [other, one]]) {
      add(rows, row, row, 2);
      add(rows, row, column, -1);
    }
  }
  add(rows, 4, 4, 3);
  const right = Float64Array.from({ length: 14 }, (_, k) => k - 3);
  const solution = right.slice();
  new Factor(rows).solve(solution);
  rows.forEach((row, k) => {
    for (const axis of [0, 1]) {
      const sum = [...row].reduce((all, [column, value]) => all + value * solution[2 * column + axis], 0);
      assert.ok(Math.abs(sum - right[2 * k + axis]) < 1e-12);
    }
  });
});
