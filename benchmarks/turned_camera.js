/** The page's share of turned_camera.py: compares its frames with a run's, and counts how long it takes. */

import { readFileSync } from 'node:fs';

import { cameraAt } from '../web/core/depth/camera.js';
import { DepthRenderer } from '../web/core/depth/frame.js';
import { readDepthPicture } from '../web/core/depth/picture.js';

const TIMES = 60;
const [, , folder] = process.argv;
const [answer, frames, missing] = ['picture', 'frames', 'missing'].map((name) => readFileSync(`${folder}/${name}.bin`));
const inputs = JSON.parse(readFileSync(`${folder}/inputs.json`, 'utf8'));
const picture = await readDepthPicture(new Uint8Array(answer).buffer);
const renderer = new DepthRenderer(picture);
const count = picture.size.width * picture.size.height;
const last = picture.times.length - 1;

/** The worst PSNR, where the picture shows something and of whole frames. @param {boolean} fine */
function closeness(fine) {
  const worst = [Infinity, Infinity];
  for (let frame = 1; frame <= last; frame += 1) {
    const pixels = renderer.draw(cameraAt(picture, inputs, frame), frame, { fine });
    const sums = [0, 0];
    const counts = [0, 0];
    for (let at = 0; at < count; at += 1) {
      let square = 0;
      for (let k = 0; k < 3; k += 1) square += (pixels[4 * at + k] - frames[3 * (frame * count + at) + k]) ** 2 / 3;
      for (const k of missing[frame * count + at] ? [1] : [0, 1]) {
        sums[k] += square;
        counts[k] += 1;
      }
    }
    sums.forEach((sum, k) => {
      worst[k] = Math.min(worst[k], 10 * Math.log10((255 ** 2 * counts[k]) / sum));
    });
  }
  return worst.map((decibels) => decibels.toFixed(1));
}

/** The median of CPU milliseconds. @param {boolean} fine */
function milliseconds(fine) {
  const took = Array.from({ length: TIMES }, (_, k) => {
    const began = process.cpuUsage().user;
    const frame = 1 + (k % last);
    renderer.draw(cameraAt(picture, { ...inputs, truck: 0.08 * Math.sin(k / 9) }, frame), frame, { fine, striped: true });
    return (process.cpuUsage().user - began) / 1000;
  });
  return took.toSorted((one, other) => one - other)[TIMES / 2].toFixed(0);
}

const [shown, whole] = closeness(true);
const [under] = closeness(false);
process.stdout.write(`${picture.size.width}x${picture.size.height}  shown ${shown}, whole ${whole}, under a hand ${under}`
  + ` dB; ${milliseconds(true)} ms, under a hand ${milliseconds(false)} ms; ${(answer.length / 1e6).toFixed(1)} MB\n`);
