/** Drags that were drawn at another size than they were read at. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areFractions, countedFrom, drawnAt, drawnIn, guessedSize, missesPicture } from '../../web/core/sizes.js';
import { LINE, SIZE, docOf } from './drawing.js';

/** @param {...[number, number]} places in pixels @returns {{x: number, y: number}[]} as if drawn at `SIZE` */
const readAt = (...places) => places.map(([x, y]) => ({ x: x / SIZE.width, y: y / SIZE.height }));

test('what lies outside on any side misses the picture', () => {
  assert.equal(missesPicture(docOf({ points: LINE })), false);
  for (const place of /** @type {[number, number][]} */ ([[-1, 9], [577, 9], [9, -1], [9, 321]])) {
    assert.equal(missesPicture(docOf({ points: LINE }, { points: readAt([9, 9], place) })), true);
  }
});

test('KJNodes is guessed, or what contains the drags', () => {
  assert.deepEqual(guessedSize(docOf({ points: readAt([500, 500]) }), SIZE), { width: 512, height: 512 });
  assert.deepEqual(guessedSize(docOf({ points: readAt([1200, 700]) }), SIZE), { width: 1216, height: 704 });
});

test('the pasted drags alone are scaled, to where they lay in the picture they were drawn on', () => {
  const doc = docOf({ points: LINE }, { points: readAt([256, 512], [128, 384]) });
  const scaled = drawnAt(doc, [doc.tracks[1].id], SIZE, { width: 512, height: 512 });
  assert.equal(scaled.tracks[0], doc.tracks[0]);
  assert.deepEqual(scaled.tracks[1].points.map(({ x, y }) => [x, y]), [[0.5, 1], [0.25, 0.75]]);
});

test('fractions that were read as pixels are told, and scaled to the picture', () => {
  const doc = docOf({ points: readAt([0.5, 0.25], [0.75, 0.5]) });
  assert.equal(areFractions(doc, SIZE), true);
  const size = guessedSize(doc, SIZE);
  assert.deepEqual(size, { width: 1, height: 1 });
  const [{ points }] = drawnAt(doc, [doc.tracks[0].id], SIZE, size).tracks;
  const places = points.flatMap(({ x, y }) => [x, y]);
  [0.5, 0.25, 0.75, 0.5].forEach((place, k) => assert.ok(Math.abs(places[k] - place) < 1e-8)); // coordinates are rounded
});

test('a drag that leaves the first pixel, and one that is only there, are no fractions', () => {
  assert.equal(areFractions(docOf({ points: readAt([0.5, 0.5], [0.5, 40]) }), SIZE), false);
  assert.equal(areFractions(docOf({ points: readAt([0.5, 0.5], [0.5, 0.5]) }), SIZE), false);
  assert.equal(areFractions(docOf({ points: readAt([-0.5, 0.5], [0.5, 0.5]) }), SIZE), false);
});

test('drags that are counted from the centre are told, and moved to where they were drawn', () => {
  const places = /** @type {[number, number][]} */ ([[100, 80], [200, 90], [420, 250]]); // pixels from the corner
  const { width, height } = SIZE;
  const ways = [
    places.map(([x, y]) => [x - width / 2, y - height / 2]),
    places.map(([x, y]) => [(2 * x) / width - 1, (2 * y) / height - 1]),
  ];
  for (const way of /** @type {[number, number][][]} */ (ways)) {
    const doc = docOf({ points: LINE }, { points: readAt(...way) });
    const area = countedFrom(docOf({ points: readAt(...way) }), SIZE);
    assert.ok(area);
    const [{ points: others }, { points }] = drawnIn(doc, [doc.tracks[1].id], area).tracks;
    assert.deepEqual(others, doc.tracks[0].points);
    points.forEach(({ x, y }, k) => assert.ok(Math.hypot(x * width - places[k][0], y * height - places[k][1]) < 1e-3));
  }
});

test('other drags are not', () => {
  const past = readAt([-40, 20], [200, 90], [250, 100], [260, 110]); // a quarter of them, past the edge
  for (const points of [LINE, past, readAt([-400, 20], [-40, 90]), readAt([-5, -5], [-5, -5])]) {
    assert.equal(countedFrom(docOf({ points }), SIZE), null);
  }
});
