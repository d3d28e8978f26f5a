/** Places on a thing that is followed in a video, from the frame in which it was drawn to others and back. */

/** @import {Affine, Point, Size, Track, XY} from '../types.js' */

/** Of what rests. @type {Affine} */
export const AT_PLACE = Object.freeze([1, 0, 0, 1, 0, 0]);

/** @param {Affine} motion @param {XY} place both in fractions of the picture @returns {XY} */
export const placeMoved = ([a, b, c, d, e, f], { x, y }) => ({ x: a * x + c * y + e, y: b * x + d * y + f });

/** The same in pixels of a clip. @param {Affine} motion @param {Size} clip @returns {Affine} */
export function motionInPixels([a, b, c, d, e, f], { width, height }) {
  return [a, b * height / width, c * width / height, d, e * width, f * height];
}

/** Back from where a motion leads to. @param {Affine} motion @returns {Affine} */
export function motionBack([a, b, c, d, e, f]) {
  const area = a * d - b * c;
  return [d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area];
}

/**
 * A track with its places and handles moved.
 * @param {Readonly<Track>} track
 * @param {Affine} motion in fractions of the picture
 * @returns {Readonly<Track>}
 */
export function trackMoved(track, motion) {
  /** @type {Affine} */
  const turned = [motion[0], motion[1], motion[2], motion[3], 0, 0];
  const points = track.points.map((point) => {
    /** @type {Point} */
    const moved = { ...point, ...placeMoved(motion, point) };
    if (point.in) moved.in = placeMoved(turned, point.in);
    if (point.out) moved.out = placeMoved(turned, point.out);
    return moved;
  });
  return { ...track, points };
}
