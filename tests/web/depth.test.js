/** What a camera sees of a picture with depth, against what a run sees (depth_cases.py). */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, test } from 'node:test';
import { inflateSync } from 'node:zlib';

import { cameraAt, limited, unturned } from '../../web/core/depth/camera.js';
import { DepthRenderer } from '../../web/core/depth/frame.js';
import { depthWithMotionsOf } from '../../web/core/depth/live.js';
import { readDepthPicture } from '../../web/core/depth/picture.js';
import { read as readDocument } from '../../web/core/document.js';

/** @import {Moves} from '../../web/core/depth/camera.js' */

/** @typedef {{name: string, text: string, moves: Moves, picture: string, frames: string, missing: string}} Case */

const FINE = 46; // dB between what rests or plays and the run, where the picture shows something
const UNDER_HAND = 40; // dB of what is gone the next moment
const STRAYS = 0.004; // of the pixels: those at the border of what the picture does not show
/** @type {Case[]} */
const CASES = JSON.parse(readFileSync(new URL('./depth.json', import.meta.url), 'utf8'));

/** @param {string} text */
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** @param {Case} example */
const read = ({ picture }) => readDepthPicture(bytesOf(picture).buffer);

describe('a picture with depth', () => {
  for (const example of CASES) {
    it(`is seen as in the run: ${example.name}`, async (context) => {
      const picture = await read(example);
      const [frames, missing] = [example.frames, example.missing].map((text) => inflateSync(bytesOf(text)));
      const renderer = new DepthRenderer(picture);
      const count = picture.size.width * picture.size.height;
      for (const fine of [true, false]) {
        for (let frame = 0; frame < picture.times.length; frame += 1) {
          const pixels = renderer.draw(cameraAt(picture, example.moves, frame), frame, { fine });
          let [sum, values, strays] = [0, 0, 0];
          for (let at = 0; at < count; at += 1) {
            const isMissing = missing[frame * count + at] === 1;
            if (frame > 0 && isMissing !== (renderer.missing[at] === 1)) strays += 1;
            for (let channel = 0; channel < 3 && !isMissing; channel += 1) {
              sum += (pixels[4 * at + channel] - frames[3 * (frame * count + at) + channel]) ** 2;
              values += 1;
            }
          }
          const decibels = 10 * Math.log10((255 ** 2 * values) / Math.max(sum, 1e-9));
          context.diagnostic(`${fine ? 'fine' : 'hand'} ${frame}: ${decibels.toFixed(1)} dB, ${strays} strays`);
          assert.ok(decibels >= (fine ? FINE : UNDER_HAND), `frame ${frame}: ${decibels.toFixed(1)} dB`);
          assert.ok(strays <= STRAYS * count, `frame ${frame}: ${strays} pixels of the mask differ`);
        }
      }
    });
  }
});

test('a path by hand is the same in the page and on the server', async () => {
  const example = CASES.find(({ moves }) => moves.path !== '');
  assert.ok(example);
  const picture = await read(example);
  const { moves } = example;
  for (let frame = 0; frame < picture.times.length; frame += 1) {
    const [here, there] = [picture, { ...picture, base: null }].map((each) => cameraAt(each, moves, frame));
    assert.deepEqual(here, there, 'it is read in the page');
    const said = cameraAt(picture, { ...moves, path: '[]' }, frame); // which the page does not read
    for (const part of /** @type {const} */ (['rotation', 'translation', 'lens'])) {
      here[part].forEach((value, k) => assert.ok(Math.abs(value - said[part][k]) < 1e-6 * Math.max(1, Math.abs(value))));
    }
  }
});

test('what is not shown has stripes, if asked for', async () => {
  const [example] = CASES;
  const picture = await read(example);
  const renderer = new DepthRenderer(picture);
  const camera = cameraAt(picture, example.moves, 2);
  const [plain, striped] = [false, true].map((wanted) => renderer.draw(camera, 2, { striped: wanted }));
  const changed = new Set();
  for (let at = 0; at < plain.length; at += 1) if (plain[at] !== striped[at]) changed.add(at >> 2);
  assert.ok(changed.size > 20);
  for (const at of changed) assert.equal(renderer.missing[at], 1);
});

test('the server is asked anew only where a camera goes far', () => {
  const near = { ...CASES[0].moves, truck: 0, dolly: 0, pan: 0, pedestal: 0, seed: 1, path: '' };
  assert.deepEqual(unturned({ ...near, orbit: 5 }), unturned({ ...near, orbit: -7, truck: 0.1 }));
  assert.deepEqual(unturned({ ...near, focus_x: 0.1 }), unturned(near));
  assert.notDeepEqual(unturned({ ...near, seed: 2 }), unturned(near));
  assert.notDeepEqual(unturned({ ...near, orbit: 30 }), unturned(near));
  assert.notDeepEqual(unturned({ ...near, path: '1: pan 2' }), unturned(near));
});

test('a move goes as far as the node takes it', () => {
  assert.deepEqual([limited('dolly', 2), limited('orbit', -100), limited('truck', 0.5)], [0.9, -89, 0.5]);
});

test('a smaller frame shows the same', async () => {
  for (const example of CASES) {
    const picture = await read(example);
    const [whole, half] = [1, 0.5].map((scale) => new DepthRenderer(picture, scale));
    const camera = cameraAt(picture, example.moves, 2);
    const [large, small] = [whole, half].map((renderer) => renderer.draw(camera, 2, { fine: false }));
    const { width, height } = half.size;
    let sum = 0;
    for (let at = 0; at < width * height; at += 1) {
      const from = 8 * (Math.floor(at / width) * 2 * width + (at % width));
      for (let k = 0; k < 3; k += 1) {
        const mean = [0, 4, 8 * width, 8 * width + 4].reduce((total, by) => total + large[from + by + k], 0) / 4;
        sum += (small[4 * at + k] - mean) ** 2;
      }
    }
    const decibels = 10 * Math.log10((255 ** 2 * 3 * width * height) / sum);
    assert.ok(decibels > 28, `${example.name}: ${decibels.toFixed(1)} dB`);
  }
});

test('an object that is dragged otherwise moves at once, at its depth and behind what is nearer', async () => {
  const example = CASES.find(({ name }) => name === 'an object goes behind a nearer one');
  assert.ok(example);
  const picture = await read(example);
  const before = readDocument(example.text);
  const [object] = before?.objects ?? [];
  assert.ok(before && picture.layers[0].object === object.id);
  const { width, height } = picture.size;
  const clip = { width, height, frames: 3 };
  const goes = (/** @type {number} */ x) => {
    const told = JSON.parse(example.text);
    told.objects[0].motion = { keys: [{ t: 1, x }] };
    return readDocument(JSON.stringify(told));
  };
  const renderer = new DepthRenderer(picture);
  const camera = cameraAt(picture, { ...example.moves, truck: 0 }, 2);
  const reds = [0, 0.3].map((x) => {
    const moved = depthWithMotionsOf(picture, before, /** @type {any} */ (goes(x)), clip);
    assert.ok(Math.abs(/** @type {Float64Array} */ (moved.layers[0].moves)[10] - x * width) < 1e-6);
    renderer.picture = moved;
    const pixels = renderer.draw(camera, 2);
    let red = 0;
    for (let at = 0; at < pixels.length; at += 4) red += pixels[at] > 150 && pixels[at + 1] < 90 ? 1 : 0;
    return red;
  });
  assert.ok(reds[1] < 0.8 * reds[0], `${reds}: it goes behind the card`);
  assert.equal(depthWithMotionsOf(picture, before, before, clip), picture);
});

test('what bends in depth is bent at once as the drawing now says, as the run bends it', async () => {
  const example = CASES.find(({ name }) => name === 'bends, and goes behind a nearer one');
  assert.ok(example);
  const picture = await read(example);
  assert.ok(!picture.bends && picture.layers.some(({ mesh }) => mesh));
  const told = JSON.parse(example.text);
  told.objects[0].pins[1].points[1].x += 0.1;
  const [before, other] = [example.text, JSON.stringify(told)].map(readDocument);
  const now = readDocument(example.text); // of equal values, which the page bends anew
  assert.ok(before && other && now);
  const { width, height } = picture.size;
  const clip = { width, height, frames: 3 };
  const camera = cameraAt(picture, example.moves, 2);
  const run = inflateSync(bytesOf(example.frames)).subarray(2 * 3 * width * height);
  const renderer = new DepthRenderer(picture);
  const decibels = [other, now].map((doc) => {
    renderer.picture = depthWithMotionsOf(picture, before, doc, clip);
    const pixels = renderer.draw(camera, 2);
    let sum = 0;
    for (let at = 0; at < width * height; at += 1) {
      if (renderer.missing[at]) continue;
      for (let k = 0; k < 3; k += 1) sum += (pixels[4 * at + k] - run[3 * at + k]) ** 2 / (3 * width * height);
    }
    return 10 * Math.log10(255 ** 2 / sum);
  });
  assert.ok(decibels[1] > 42 && decibels[0] < 35, `${decibels}`);
});

test('what nothing shows, far from the picture, continues what is beside it', async () => {
  const example = CASES.find(({ name }) => name === 'by hand');
  assert.ok(example);
  const picture = await read(example);
  const renderer = new DepthRenderer(picture);
  const count = picture.size.width * picture.size.height;
  for (const fine of [true, false]) {
    renderer.scratch.fill(255);
    const pixels = renderer.draw(cameraAt(picture, { ...example.moves, truck: 2 }, 2), 2, { fine });
    let white = 0;
    for (let at = 0; at < count; at += 1) {
      if (pixels[4 * at] === 255 && pixels[4 * at + 1] === 255 && pixels[4 * at + 2] === 255) white += 1;
    }
    assert.equal(white, 0, `${white} pixels of ${count} without a colour`);
  }
});
