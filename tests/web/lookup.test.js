// Colours between pixels: those of a cubic spline go through all pixels, and follow a wave better than bicubic ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Lookup, SplineLookup } from '../../web/core/depth/lookup.js';

const WIDTH = 21;
const HEIGHT = 14;

/** @param {number} x @param {number} y @param {number} channel */
const wave = (x, y, channel) => 128 + 100 * Math.cos((0.4 + 0.2 * channel) * x) * Math.cos(0.5 * y);

/** @param {Lookup} lookup @param {number} x @param {number} y */
function at(lookup, x, y) {
  const color = new Float32Array(3);
  lookup.cubic(x, y, color, 0);
  return color;
}

test('a spline goes through each pixel, also in the corners', () => {
  const pixels = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, k) => (k * k * 37 + 11 * k) % 256);
  const lookup = new SplineLookup(pixels, WIDTH, HEIGHT);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const found = at(lookup, x, y);
      for (let k = 0; k < 3; k += 1) assert.ok(Math.abs(found[k] - pixels[3 * (y * WIDTH + x) + k]) < 0.05);
    }
  }
});

test('between pixels it follows a wave', () => {
  const pixels = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let k = 0; k < pixels.length; k += 1) {
    pixels[k] = Math.round(wave(Math.floor(k / 3) % WIDTH, Math.floor(k / 3 / WIDTH), k % 3));
  }
  const worst = [new Lookup(pixels, WIDTH, HEIGHT), new SplineLookup(pixels, WIDTH, HEIGHT)].map((lookup) => {
    let most = 0;
    for (let y = 4; y < HEIGHT - 5; y += 0.25) {
      for (let x = 4; x < WIDTH - 5; x += 0.25) {
        const found = at(lookup, x, y);
        for (let k = 0; k < 3; k += 1) most = Math.max(most, Math.abs(found[k] - wave(x, y, k)));
      }
    }
    return most;
  });
  assert.ok(worst[1] < 1, `spline: ${worst[1]}`);
  assert.ok(worst[0] > 2 * worst[1], `bicubic: ${worst[0]}`);
});
