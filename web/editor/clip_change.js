/** Keeps the drags on the picture when another size or fit of the clip shows a different part of it. */

import { fitRects } from '../core/picture_fit.js';

/** @import {Rect, Size} from '../core/types.js' */
/** @import {Clip} from './host.js' */

const SLIGHT = 0.002; // of the clip: crops are in whole pixels, and an equal aspect ratio should change nothing

/**
 * Where the old clip lies in the new one, in fractions of the new one, when the pictures in both coincide.
 * @param {Size} picture in pixels
 * @param {Clip} before
 * @param {Clip} after
 * @returns {Rect | null} null if they coincide
 */
export function movedClip(picture, before, after) {
  const to = placed(picture, before, after);
  const most = Math.max(Math.abs(to.x), Math.abs(to.y), Math.abs(to.width - 1), Math.abs(to.height - 1));
  return most < SLIGHT ? null : to;
}

/** @param {Size} picture @param {Clip} before @param {Clip} after @returns {Rect} */
function placed(picture, before, after) {
  const [old, now] = [before, after].map((clip) => fitRects(picture, clip, clip.fit));
  /** @param {'x' | 'y'} axis @param {'width' | 'height'} side @param {number} fraction of the old clip */
  const mapped = (axis, side, fraction) => {
    const inOld = fraction * before[side] - old.target[axis];
    const inPicture = old.source[axis] + (inOld * old.source[side]) / old.target[side];
    const inNew = now.target[axis] + ((inPicture - now.source[axis]) * now.target[side]) / now.source[side];
    return inNew / after[side];
  };
  const [x, y] = [mapped('x', 'width', 0), mapped('y', 'height', 0)];
  return { x, y, width: mapped('x', 'width', 1) - x, height: mapped('y', 'height', 1) - y };
}
