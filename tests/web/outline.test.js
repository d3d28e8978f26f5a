/** The outline of what drags bend in a video, while a hand changes them, against what the server says of it afterwards. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { movedIn } from '../../web/core/bending/outline.js';
import { read } from '../../web/core/document.js';
import { nearestOnCurve } from '../../web/core/geometry.js';

const { followed } = JSON.parse(readFileSync(new URL('./bending.json', import.meta.url), 'utf8'));
const [WIDTH, HEIGHT] = followed.size;
const CLIP = { width: WIDTH, height: HEIGHT };
const CLOSE = 0.7; // px

/** @import {Doc, XY} from '../../web/core/types.js' */
/** @typedef {[number, number]} Place */

const [before, after] = [followed.before, followed.after].map((drawing) => (
  /** @type {Readonly<Doc>} */ (read(JSON.stringify(drawing)))));
const { mesh } = followed.region;
const [whole, parts] = [(/** @type {number[]} */ list) => Int32Array.from(list), Float64Array];
const region = {
  ...followed.region,
  mesh: {
    ...mesh, rest: parts.from(mesh.rest), weights: parts.from(mesh.weights), triangles: whole(mesh.triangles),
    part: whole(mesh.part), edges: whole(mesh.edges), links: whole(mesh.links),
  },
};

/** How far the corners of an outline are from the lines of another at most, in px. */
/** @param {readonly (readonly Place[])[]} outline @param {readonly (readonly Place[])[]} other */
function away(outline, other) {
  const curves = other.map((ring) => {
    const closed = [...ring, ring[0]];
    const along = (/** @type {0 | 1} */ axis) => Float64Array.from(closed, (place) => place[axis] * [WIDTH, HEIGHT][axis]);
    return { x: along(0), y: along(1), u: Float64Array.from(closed, (_, k) => k) };
  });
  const from = (/** @type {XY} */ place) => Math.min(...curves.map((curve) => nearestOnCurve(curve, place).distance));
  return Math.max(...outline.flat().map(([x, y]) => from({ x: x * WIDTH, y: y * HEIGHT })));
}

describe('the outline of what bends in a video', () => {
  it('is where the server will say, in each frame', () => {
    followed.moved.forEach((/** @type {Place[][]} */ told, /** @type {number} */ frame) => {
      const found = /** @type {any} */ (movedIn(region, frame, before, after, CLIP));
      assert.equal(found.length, told.length);
      if (told.length === 0) return;
      const most = Math.max(away(found, told), away(told, found));
      assert.ok(most < CLOSE, `${most} px in frame ${frame}`);
    });
    const last = followed.moved.length - 1;
    assert.ok(away(followed.region.moved[last], followed.moved[last]) > 10, 'the hand has changed much');
  });

  it('is what the server said, where nothing has been changed', () => {
    assert.equal(movedIn(region, 3, before, before, CLIP), region.moved[3]);
    assert.equal(movedIn(region, 3, before, { ...before, tracks: [...before.tracks] }, CLIP), region.moved[3]);
    assert.deepEqual(movedIn(region, 1, before, after, CLIP), []); // it has not moved yet
  });

  it('stays where another thing may be meant, until the server has looked', () => {
    const [first, ...others] = after.tracks;
    const points = [{ ...first.points[0], x: 0.1 }, first.points[1]];
    for (const changed of [[{ ...first, points }, ...others], others, [{ ...first, bend: 'off' }, ...others]]) {
      const doc = /** @type {any} */ ({ ...after, tracks: changed });
      assert.equal(movedIn(region, 3, before, doc, CLIP), region.moved[3]);
    }
  });
});
