/**
 * Another size of the clip, or another fit, shows another part of the picture: the drags go along, so that each stays on
 * what it was drawn on.
 */

import { scaleSelection } from '../core/document.js';
import { fitRects } from '../core/picture_fit.js';

/** @import {Doc, Rect, Size} from '../core/types.js' */
/** @import {Clip} from './host.js' */

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };
const SLIGHT = 0.002; // of the clip: whole pixels at the border of a crop; the same aspect ratio changes nothing

/**
 * @param {Readonly<Doc>} doc
 * @param {Size} picture
 * @param {Clip} before
 * @param {Clip} after
 * @returns {Readonly<Doc>} the same where nothing moves
 */
export function movedWithPicture(doc, picture, before, after) {
  const to = placed(picture, before, after);
  if (Math.max(Math.abs(to.x), Math.abs(to.y), Math.abs(to.width - 1), Math.abs(to.height - 1)) < SLIGHT) return doc;
  return scaleSelection(doc, { tracks: doc.tracks.map(({ id }) => id), points: [] }, WHOLE, to);
}

/**
 * Where the old clip lies in the new one, fractions of that, if the picture in both of them is laid on itself.
 * @param {Size} picture
 * @param {Clip} before
 * @param {Clip} after
 * @returns {Rect}
 */
function placed(picture, before, after) {
  const [old, now] = [before, after].map((clip) => fitRects(picture, clip, clip.fit));
  const along = (/** @type {'x' | 'y'} */ axis, /** @type {'width' | 'height'} */ side) => (/** @type {number} */ fraction) => {
    const inPicture = old.source[axis] + ((fraction * before[side] - old.target[axis]) * old.source[side]) / old.target[side];
    return (now.target[axis] + ((inPicture - now.source[axis]) * now.target[side]) / now.source[side]) / after[side];
  };
  const [x, y] = [along('x', 'width'), along('y', 'height')];
  return { x: x(0), y: y(0), width: x(1) - x(0), height: y(1) - y(0) };
}
