/** Exports and camera presets. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTracks, emptyDoc, read, updateTracks } from '../../web/core/document.js';
import { toJson, toKJNodes, toSvg } from '../../web/core/formats.js';
import { PRESETS } from '../../web/core/presets.js';
import { curve } from '../../web/editor/paint.js';

/** @import {Point, Size, TrackDraft} from '../../web/core/types.js' */

const SIZE = { width: 576, height: 320 };
const LINE = [
  { x: 0.25, y: 0.5 },
  { x: 0.75, y: 0.25 },
];

/** @param {TrackDraft[]} drafts */
const docOf = (...drafts) => addTracks(emptyDoc(SIZE), drafts).doc;

test('JSON is read back', () => {
  const doc = docOf({ points: LINE, name: 'wing' });
  assert.deepEqual(read(toJson(doc)), doc);
  assert.match(toJson(doc), /\n {6}"id": "t1"/);
});

test('KJNodes: pixels for every frame of the enabled tracks', () => {
  const doc = docOf({ points: LINE }, { points: LINE, enabled: false }, { points: [{ x: 25 / 576, y: 1 }] });
  assert.deepEqual(JSON.parse(toKJNodes(doc, 3, SIZE)), [
    [
      { x: 144, y: 160 },
      { x: 288, y: 120 },
      { x: 432, y: 80 },
    ],
    [
      { x: 25, y: 319 },
      { x: 25.5, y: 319 },
      { x: 26, y: 319 },
    ],
  ]);
});

test('SVG: the curves, exactly', () => {
  const points = [
    { x: 0.1, y: 0.2, out: { x: 0.1, y: 0 } },
    { x: 0.5, y: 0.9, in: { x: 0, y: -0.5 } },
    { x: 0.9, y: 0.5 },
  ];
  assert.equal(
    toSvg(
      docOf({ points, spline: 'bezier' }, { points: [{ x: 0.5, y: 0.5 }], name: 'rock' }, { points, enabled: false }),
      { width: 100, height: 50, frames: 14 },
    ),
    '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 100 50">\n' +
      '  <path d="M 10 10 C 20 10, 50 20, 50 45 C 50 45, 90 25, 90 25" fill="none" ' +
      'stroke="#1f77b4" stroke-width="2"><title>t1</title></path>\n' +
      '  <circle cx="50" cy="25" r="3" fill="#ff7f0e"><title>rock</title></circle>\n' +
      '</svg>\n',
  );
});

test('SVG: nothing in a name is markup', () => {
  const hostile = '</title><script>alert("&\'")</script>\u0000\u001b\uffff';
  const svg = toSvg(docOf({ points: LINE, name: hostile, id: '<b>' }), { ...SIZE, frames: 14 });
  assert.match(
    svg,
    /<title>&lt;\/title&gt;&lt;script&gt;alert\(&quot;&amp;&#39;&quot;\)&lt;\/script&gt;\uFFFD\uFFFD\uFFFD<\/title>/,
  );
  assert.equal(svg.split('<').length - 1, 6);
});

test('every preset is a set of ordinary tracks in the middle of the cells of a grid', () => {
  for (const { id, make } of PRESETS) {
    assert.match(id, /^[a-z_]+$/);
    const { doc } = addTracks(emptyDoc(), make(SIZE));
    assert.equal(doc.tracks.length, 12);
    assert.deepEqual(doc.tracks[5].points[0], { x: 0.375, y: 0.5 });
    assert.equal(new Set(doc.tracks.map((track) => track.name)).size, 12);
    for (const track of doc.tracks) assert.ok(track.points.length >= 2);
    assert.doesNotThrow(() =>
      updateTracks(
        doc,
        doc.tracks.map((track) => track.id),
        { timing: 'arc_length' },
      ),
    );
  }
  assert.equal(new Set(PRESETS.map((preset) => preset.id)).size, PRESETS.length);
});

/** @param {string} id of a camera move @param {Size} [size] */
const preset = (id, size = SIZE) => PRESETS.find((each) => each.id === id)?.make(size) ?? [];

test('pan, zoom and roll move the grid as they say', () => {
  /** @param {string} id @returns {[Readonly<Point>, Readonly<Point>][]} */
  const ends = (id) => preset(id).map(({ points }) => [points[0], points[points.length - 1]]);
  for (const [from, to] of ends('pan_up')) assert.deepEqual(to, { x: from.x, y: from.y + 0.2 });
  for (const [from, to] of ends('zoom_in')) {
    assert.deepEqual(to, { x: 0.5 + 1.3 * (from.x - 0.5), y: 0.5 + 1.3 * (from.y - 0.5) });
  }
  const [cos, sin] = [Math.cos(Math.PI / 12), Math.sin(Math.PI / 12)];
  for (const [from, to] of ends('roll_left')) {
    // clockwise by 15 degrees: what is on the right goes down
    const [x, y] = [(from.x - 0.5) * 576, (from.y - 0.5) * 320];
    assert.ok(Math.abs((to.x - 0.5) * 576 - (cos * x - sin * y)) < 1e-9);
    assert.ok(Math.abs((to.y - 0.5) * 320 - (sin * x + cos * y)) < 1e-9);
  }
});

test('a roll stays on its circle', () => {
  for (const track of docOf(...preset('roll_right', { width: 1000, height: 1000 })).tracks) {
    const drawn = curve(track, 1000, 1000);
    const radius = Math.hypot(drawn.x[0] - 500, drawn.y[0] - 500);
    drawn.x.forEach((x, i) => assert.ok(Math.abs(Math.hypot(x - 500, drawn.y[i] - 500) - radius) <= radius / 500));
  }
});
