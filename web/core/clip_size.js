/** The size of a clip that shows a whole picture, with about the area that a model was made for. */

/** @import {Size} from './types.js' */

const SIDES = { min: 64, max: 16384 }; // pixels, as in the library
const FINE = 8; // every side is a multiple of it
const COARSE = 16; // what most large models need
const LARGE = 256 * 256; // pixels: smaller clips are those of small models
const CLOSE = 0.02; // relative difference of two aspect ratios that look alike

/**
 * @param {Size} picture in pixels
 * @param {Size} clip whose area is kept, as far as the multiples allow
 * @returns {Size}
 */
export function sizeLike(picture, clip) {
  const area = clip.width * clip.height;
  const ratio = picture.width / picture.height;
  const step = area < LARGE ? FINE : COARSE;
  const sides = (/** @type {number} */ wanted) => {
    const below = Math.floor(wanted / step) * step;
    return [below, below + step].map((side) => Math.min(Math.max(side, SIDES.min), SIDES.max));
  };
  const widths = sides(Math.sqrt(area * ratio));
  const heights = sides(Math.sqrt(area / ratio));
  const sizes = widths.flatMap((width) => heights.map((height) => ({ width, height })));
  const miss = (/** @type {Size} */ { width, height }) =>
    Math.abs(Math.log(width / height / ratio)) + 0.25 * Math.abs(Math.log((width * height) / area));
  return sizes.reduce((best, size) => (miss(size) < miss(best) ? size : best));
}

/**
 * Whether a clip shows a picture without noticeable cropping.
 * @param {Size} picture
 * @param {Size} clip
 */
export function showsWhole(picture, clip) {
  const ratio = (/** @type {Size} */ { width, height }) => width / height;
  const like = sizeLike(picture, clip);
  const exact = like.width === clip.width && like.height === clip.height;
  return exact || Math.abs(Math.log(ratio(clip) / ratio(picture))) < CLOSE;
}
