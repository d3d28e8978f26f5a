/** The JavaScript held to the library by the shared table of cases (see test_cases.py). */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fitRects, fullSize } from '../../web/core/sizes.js';
import { toKJNodes, toSvg } from '../../web/core/formats.js';
import * as limits from '../../web/core/limits.js';
import { pointTimes, sampleTrack } from '../../web/core/sampling.js';
import { read, write } from '../../web/core/text.js';

/** @import {Track} from '../../web/core/types.js' */

const TABLE = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8'));
/** Positions are rounded to 1e-6 pixel on both sides, at times to neighbouring values. */
const TOLERANCE = 1.5e-6;

/**
 * Where a track is at any time, not only at a frame: at the middle one of three frames, once it is shifted in time.
 * @param {Track} track
 * @param {number} time fraction of the clip
 * @param {number} width
 * @param {number} height
 */
function positionAt(track, time, width, height) {
  const by = 0.5 - time;
  const { x, y } = sampleTrack({ ...track, start: track.start + by, end: track.end + by }, 3, width, height);
  return { x: x[1], y: y[1] };
}

test('names and limits are those of the library', () => {
  const { DECIMALS, ...shared } = limits;
  assert.deepEqual(JSON.parse(JSON.stringify(shared)), TABLE.limits);
  assert.ok(0.5 * 10 ** -DECIMALS * limits.MAX_SIDE < 0.5e-6, 'a rounded coordinate gives the same pixel back');
});

test('positions are those of the library', () => {
  assert.ok(TABLE.sampled.length > 60);
  for (const { name, track, frames, width, height, x, y, visible } of TABLE.sampled) {
    const found = sampleTrack(track, frames, width, height);
    for (let i = 0; i < frames; i += 1) {
      const away = Math.max(Math.abs(found.x[i] - x[i]), Math.abs(found.y[i] - y[i]));
      assert.ok(away <= TOLERANCE, `${name}, frame ${i}: (${found.x[i]}, ${found.y[i]}), expected (${x[i]}, ${y[i]})`);
    }
    assert.deepEqual(Array.from(found.visible), visible, name);
  }
});

test('the points are reached at their times', () => {
  for (const { name, track, width, height } of TABLE.sampled) {
    const inside = track.points.every(
      (/** @type {{x: number, y: number}} */ p) => Math.abs(p.x - 0.5) < 0.49 && Math.abs(p.y - 0.5) < 0.49,
    );
    if (!inside || width === 1 || track.sway || track.points.length < 2 || track.end - track.start < 0.1) continue;
    const times = pointTimes(track, width, height);
    track.points.forEach((/** @type {{x: number, y: number}} */ point, /** @type {number} */ k) => {
      // The curve is steep against time where an ease is flat: rounding of the time moves the place a little.
      const found = positionAt(track, times[k], width, height);
      const away = Math.hypot(found.x - point.x * width, found.y - point.y * height);
      assert.ok(away < 1e-4, `${name}, point ${k + 1}: ${away} px off`);
    });
  }
});

test('texts are read as by the library', () => {
  for (const { text, tracks } of TABLE.texts) {
    const doc = read(text);
    assert.deepEqual(doc && doc.tracks, tracks, text);
    if (doc) assert.deepEqual(read(write(doc)), doc, text);
  }
});

test('pictures lie where the library puts them', () => {
  for (const { picture, clip, mode, source, target } of TABLE.fits) {
    const [from, to] = [picture, clip].map(([width, height]) => ({ width, height }));
    const rects = fitRects(from, to, mode);
    const found = [rects.source, rects.target].map(({ x, y, width, height }) => [x, y, width, height]);
    assert.deepEqual(found, [source, target], `${picture.join('x')} in ${clip.join('x')}: ${mode}`);
  }
});

test('videos at the size of the picture are as large as the library makes them', () => {
  for (const { picture, clip, mode, longer_side: longerSide, size } of TABLE.full_sizes) {
    const [from, to] = [picture, clip].map(([width, height]) => ({ width, height }));
    const { width, height } = fullSize(from, { ...to, fit: mode }, longerSide);
    assert.deepEqual([width, height], size, `${picture.join('x')} for ${clip.join('x')}: ${mode}, ${longerSide}`);
  }
});

test('a size or a fit that is none is refused', () => {
  const size = { width: 10, height: 10 };
  assert.throws(() => fitRects({ width: 0, height: 10 }, size, 'crop'), RangeError);
  assert.throws(() => fitRects(size, { width: NaN, height: 10 }, 'crop'), RangeError);
  assert.throws(() => fitRects(size, size, /** @type {any} */ ('cover')), RangeError);
});

test('exports say what those of the library say', () => {
  const NUMBER = /-?\d+(?:\.\d+)?(?:e-?\d+)?/g;
  /** @param {string} text */
  const numbers = (text) => (text.match(NUMBER) ?? []).map(Number);
  assert.ok(TABLE.exports.length > 1);
  for (const { text, frames, width, height, kjnodes, svg } of TABLE.exports) {
    const doc = read(text);
    assert.ok(doc);
    const size = { width, height };
    const compared = [[toSvg(doc, { ...size, frames }), svg, 1.5e-3]]; // three decimals on both sides
    if (kjnodes === null) assert.throws(() => toKJNodes(doc, frames, size), /no drag to copy/);
    else compared.push([toKJNodes(doc, frames, size), kjnodes, TOLERANCE]);
    for (const [found, expected, tolerance] of /** @type {[string, string, number][]} */ (compared)) {
      assert.equal(found.replace(NUMBER, '#'), expected.replace(NUMBER, '#'));
      numbers(expected).forEach((value, i) => assert.ok(Math.abs(numbers(found)[i] - value) <= tolerance, `${value}`));
    }
  }
});
