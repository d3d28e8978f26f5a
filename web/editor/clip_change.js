/** Moves the drags when another size or fit of the clip shows another part of the picture, so that they stay on it. */

import { scaleSelection } from '../core/document.js';
import { fitRects } from '../core/picture_fit.js';

/** @import {Doc, Rect, Size} from '../core/types.js' */
/** @import {Clip} from './host.js' */

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };
const SLIGHT = 0.002; // of the clip: a crop is in whole pixels, and the same aspect ratio should change nothing

/**
 * The drawing after a change of the clip: every drag on the same part of the picture as before.
 * @param {Readonly<Doc>} doc
 * @param {Size} picture in pixels
 * @param {Clip} before
 * @param {Clip} after
 * @returns {Readonly<Doc>} the same one if nothing moves
 */
export function movedWithPicture(doc, picture, before, after) {
  const to = placed(picture, before, after);
  if (Math.max(Math.abs(to.x), Math.abs(to.y), Math.abs(to.width - 1), Math.abs(to.height - 1)) < SLIGHT) return doc;
  return scaleSelection(doc, { tracks: doc.tracks.map(({ id }) => id), points: [] }, WHOLE, to);
}

/**
 * Where the old clip lies in the new one, in fractions of the new one, when the pictures in both coincide.
 * @param {Size} picture
 * @param {Clip} before
 * @param {Clip} after
 * @returns {Rect}
 */
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
