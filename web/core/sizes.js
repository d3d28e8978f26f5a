/** Sizes of clips, pictures and videos: how one is fitted to another, and at which one drags were drawn. */

import { WHOLE } from './placement.js';
import { roundHalfEven } from './sampling.js';
import { scaleSelection } from './selection.js';

/** @import {Doc, FitMode, Rect, Size} from './types.js' */

const SIDES = { min: 64, max: 16384, restored: 8192 }; // pixels, as in the library
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
  if (mode === 'crop') return { ...whole, source: cropped(picture, clip) };
  if (mode === 'pad') return { ...whole, target: padded(picture, clip) };
  if (mode === 'stretch') return whole;
  throw new RangeError(`fit must be one of ${MODES.join(', ')}; found ${JSON.stringify(mode)}.`);
}

/** @param {Size} size */
const size = ({ width, height }) => ({ width, height });

/**
 * The largest centred part with the clip's aspect ratio, in whole pixels; or all but a last column or row.
 * @param {Size} picture
 * @param {Size} clip
 */
function cropped({ width, height }, clip) {
  if ([width - clip.width, height - clip.height].every((more) => more === 0 || more === 1)) {
    return { x: 0, y: 0, ...size(clip) };
  }
  const aspect = clip.width / clip.height;
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

/**
 * The clip's frame in pixels of the picture, as a person sees that.
 * @param {Size | null} picture null while it is unknown
 * @param {Size & {fit: FitMode}} clip
 * @returns {Size} that of the clip without a picture
 */
export function frameInPicture(picture, clip) {
  if (!picture?.width) return size(clip);
  const { source, target } = fitRects(picture, clip, clip.fit);
  return {
    width: (clip.width / target.width) * source.width,
    height: (clip.height / target.height) * source.height,
  };
}

const MOST = 2048; // pixels of the longer side, unless a size is set
const ASPECT = 0.03; // tolerance between the aspect ratios of what shows the same

/**
 * What follows the clip: null, nothing that changes its size; a node that renders it at the picture's size, unless a
 * width, a height or the longer side is set (0: it is not); or one that edits the frames of a video as they are.
 * @typedef {{width: number, height: number} | {longerSide: number} | 'edited' | null} Enlarging
 */

/**
 * @param {Enlarging} enlarging
 * @param {Size & {fit: FitMode}} clip
 * @param {Size | null} picture null while it is unknown
 * @returns {Size | null} null where it depends on a picture that is unknown
 */
export function videoSize(enlarging, clip, picture) {
  if (!enlarging) return size(clip);
  if (enlarging === 'edited') return picture;
  if ('longerSide' in enlarging) return picture && fullSize(picture, clip, enlarging.longerSide);
  const { width, height } = enlarging;
  if (width > 0 && height > 0) return { width, height };
  if (!picture) return null;
  if (width === 0 && height === 0) return fullSize(picture, clip, 0);
  const own = fullSize(picture, clip, 0, SIDES.restored);
  return {
    width: width || nearestEven((height * own.width) / own.height),
    height: height || nearestEven((width * own.height) / own.width),
  };
}

/**
 * The size of a video at the picture's size, as `full_size` of the library gives it: where the clip has the picture's
 * aspect ratio but for the multiples that its model takes, that of the whole picture.
 * @param {Size} picture
 * @param {Size & {fit: FitMode}} clip
 * @param {number} longerSide of the video; 0 for the picture's, at most `limit`
 * @param {number} [limit]
 * @returns {Size} both sides are even
 */
export function fullSize(picture, clip, longerSide, limit = MOST) {
  const apart = Math.abs(Math.log((picture.width / picture.height) * (clip.height / clip.width)));
  const least = Math.min(picture.width, picture.height, clip.width, clip.height);
  const whole = apart <= ASPECT + FINE / least ? picture : atFullSize(picture, clip);
  const own = Math.max(whole.width, whole.height);
  const longest = longerSide || Math.min(limit, own);
  const side = (/** @type {number} */ one) => (longest === own ? even(one) : nearestEven((one * even(longest)) / own));
  return { width: side(whole.width), height: side(whole.height) };
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

/** As video codecs require; an odd side loses a pixel. @param {number} side */
const even = (side) => Math.max(2, Math.floor(side / 2) * 2);

/** @param {number} side */
const nearestEven = (side) => Math.max(2, 2 * Math.floor(side / 2 + 0.5));

const KJNODES = 512; // pixels: both sides of what KJNodes' Spline Editor draws on, unless somebody has changed it
const STEP = 64; // pixels: sides of pictures are multiples of it, more often than not

/** Whether a point of any drag lies outside the picture. @param {Readonly<Doc>} doc */
export function missesPicture({ tracks }) {
  return tracks.some(({ points }) => points.some(({ x, y }) => x < 0 || x > 1 || y < 0 || y > 1));
}

/**
 * Whether drags that were read in pixels all lie in the first pixel, and not in one place: they are fractions of the
 * picture. The library says the same of what it imports.
 * @param {Readonly<Doc>} doc
 * @param {Size} size
 */
export function areFractions({ tracks }, { width, height }) {
  const points = tracks.flatMap((track) => track.points);
  const inside = points.every(({ x, y }) => x >= 0 && y >= 0 && x * width <= 1 && y * height <= 1);
  return inside && points.some(({ x, y }) => x !== points[0].x || y !== points[0].y);
}

const MANY = 0.25; // part of the points: so many outside of the picture are no drag past its edge
const NEAR = 1.05; // times half a side: how far points from the centre may be

/**
 * What was the picture to drags that were read in pixels from its corner, and look as if they were counted from its
 * centre: in pixels, or from -1 to 1. The library says the same of what it imports.
 * @param {Readonly<Doc>} doc
 * @param {Size} size
 * @returns {Rect | null} in fractions of the picture, as the drags were read; null if they look like others
 */
export function countedFrom({ tracks }, { width, height }) {
  const points = tracks.flatMap((track) => track.points);
  const below = points.filter(({ x, y }) => x < 0 || y < 0);
  if (below.length === 0 || points.every(({ x, y }) => x === points[0].x && y === points[0].y)) return null;
  if (points.every(({ x, y }) => Math.abs(x) * width <= 1 && Math.abs(y) * height <= 1)) {
    return { x: -1 / width, y: -1 / height, width: 2 / width, height: 2 / height };
  }
  const isNear = points.every(({ x, y }) => Math.max(Math.abs(x), Math.abs(y)) <= NEAR / 2);
  return isNear && below.length > MANY * points.length ? { x: -0.5, y: -0.5, width: 1, height: 1 } : null;
}

/**
 * The size that such drags may have been drawn at: KJNodes' own, or a larger one that contains them; one pixel for
 * fractions of the picture.
 * @param {Readonly<Doc>} doc read as if drawn at `size`
 * @param {Size} size
 * @returns {Size}
 */
export function guessedSize({ tracks }, { width, height }) {
  if (areFractions(/** @type {Doc} */ ({ tracks }), { width, height })) return { width: 1, height: 1 };
  const points = tracks.flatMap((track) => track.points);
  const side = (/** @type {number} */ most) => Math.max(KJNODES, Math.ceil(most / STEP) * STEP);
  const most = (/** @type {'x' | 'y'} */ axis) => points.reduce((found, point) => Math.max(found, point[axis]), 0);
  return { width: side(most('x') * width), height: side(most('y') * height) };
}

/**
 * These drags, read as if drawn at one size, as drawn at another.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {Size} read
 * @param {Size} drawn
 * @returns {Readonly<Doc>}
 */
export function drawnAt(doc, ids, read, drawn) {
  return drawnIn(doc, ids, { x: 0, y: 0, width: drawn.width / read.width, height: drawn.height / read.height });
}

/**
 * These drags, read in the whole picture, as drawn in an area of it.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {Rect} area in fractions
 * @returns {Readonly<Doc>}
 */
export function drawnIn(doc, ids, area) {
  return scaleSelection(doc, { tracks: ids, points: [] }, area, WHOLE);
}
