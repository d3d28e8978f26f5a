/** Where a picture lies in the clip, exactly as in the library's `fit`. */

import { roundHalfEven } from './sampling.js';

/** @import {FitMode, Rect, Size} from './types.js' */

/** @type {readonly FitMode[]} */
const MODES = Object.freeze(['crop', 'pad', 'stretch']);

/**
 * The visible part of the picture, and where it lies in the clip.
 * @param {Size} picture in pixels
 * @param {Size} clip in pixels
 * @param {FitMode} mode "crop" fills the clip, "pad" shows all of the picture on black, "stretch" distorts it
 * @returns {{source: Rect, target: Rect}} source in pixels of the picture, target in pixels of the clip
 * @throws {RangeError} if a side is not a positive number, or the mode is unknown
 */
export function fitRects(picture, clip, mode) {
  if (![picture.width, picture.height, clip.width, clip.height].every((side) => side > 0 && Number.isFinite(side))) {
    throw new RangeError(
      `sides must be positive; found ${picture.width}x${picture.height} in ${clip.width}x${clip.height}.`,
    );
  }
  const whole = { source: { x: 0, y: 0, ...size(picture) }, target: { x: 0, y: 0, ...size(clip) } };
  if (mode === 'crop') return { ...whole, source: cropped(picture, clip.width / clip.height) };
  if (mode === 'pad') return { ...whole, target: padded(picture, clip) };
  if (mode === 'stretch') return whole;
  throw new RangeError(`fit must be one of ${MODES.join(', ')}; found ${JSON.stringify(mode)}.`);
}

/** @param {Size} size */
const size = ({ width, height }) => ({ width, height });

/**
 * The largest centred part with an aspect ratio (width / height), in whole pixels.
 * @param {Size} picture
 * @param {number} aspect
 */
function cropped({ width, height }, aspect) {
  const w = Math.min(width, Math.max(1, roundHalfEven(height * aspect)));
  const h = Math.min(height, Math.max(1, roundHalfEven(width / aspect)));
  return { x: Math.floor((width - w) / 2), y: Math.floor((height - h) / 2), width: w, height: h };
}

/**
 * @param {Size} picture
 * @param {Size} clip
 */
function padded(picture, clip) {
  const scale = Math.min(clip.width / picture.width, clip.height / picture.height);
  const w = Math.max(1, roundHalfEven(picture.width * scale));
  const h = Math.max(1, roundHalfEven(picture.height * scale));
  return { x: Math.floor((clip.width - w) / 2), y: Math.floor((clip.height - h) / 2), width: w, height: h };
}
