/** The size of the video that a run makes of a clip: the same numbers as those of the nodes that make it larger. */

import { fitRects } from './picture_fit.js';
import { roundHalfEven } from './sampling.js';

/** @import {FitMode, Size} from './types.js' */

const MOST = 2048; // pixels of the longer side, unless a size is set

/**
 * What follows the clip: nothing that changes its size; or a node that renders it at the picture's size, unless a
 * width, a height or the longer side is set (0: it is not).
 * @typedef {{width: number, height: number} | {longerSide: number} | null} Enlarging
 */

/**
 * @param {Enlarging} enlarging
 * @param {Size & {fit: FitMode}} clip
 * @param {Size | null} picture null while it is unknown
 * @returns {Size | null} null where it depends on a picture that is unknown
 */
export function videoSize(enlarging, clip, picture) {
  if (!enlarging) return { width: clip.width, height: clip.height };
  if ('width' in enlarging && (enlarging.width > 0 || enlarging.height > 0)) {
    const { width, height } = enlarging;
    return {
      width: width || even((height * clip.width) / clip.height),
      height: height || even((width * clip.height) / clip.width),
    };
  }
  if (!picture) return null;
  const whole = atFullSize(picture, clip);
  const longest = Math.max(whole.width, whole.height);
  const wanted = ('longerSide' in enlarging && enlarging.longerSide) || Math.min(MOST, longest);
  return { width: even((whole.width * wanted) / longest), height: even((whole.height * wanted) / longest) };
}

/**
 * The picture at the aspect ratio of the clip, without making it smaller.
 * @param {Size} picture
 * @param {Size & {fit: FitMode}} clip
 */
function atFullSize(picture, clip) {
  if (clip.fit === 'crop') return fitRects(picture, clip, 'crop').source;
  const aspect = clip.width / clip.height;
  return {
    width: Math.max(picture.width, roundHalfEven(picture.height * aspect)),
    height: Math.max(picture.height, roundHalfEven(picture.width / aspect)),
  };
}

/** As video codecs require. @param {number} side */
const even = (side) => Math.max(2, Math.floor(side / 2) * 2);
