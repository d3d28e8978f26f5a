/**
 * An object's geometry in a clip, computed once per object: objects are immutable, so it stays valid.
 * And that of a region in a frame.
 */

import { inPixels, isInside } from '../../core/objects/interior.js';
import { applied, movedOutline, movedPivot, transformFunction, timeOfKey } from '../../core/objects/sampling.js';
import { toRings } from '../../core/objects/tracks.js';
import { bounds } from '../../core/geometry.js';
import { isVisible } from '../../core/sampling.js';

/** @import {FoundOutline, MotionObject, Polyline, Rect, Region, Similarity, XY} from '../../core/types.js' */
/** @import {Clip} from '../host.js' */

const STEPS = 48; // straight pieces of an object's path
const REST = 0.5; // pixels of the clip: an object that moves less, and does not rotate or scale, is at rest

/**
 * @typedef {object} ObjectLook
 * @property {Clip} clip
 * @property {XY[][]} rings the outline in pixels of the clip
 * @property {Path2D} outline
 * @property {Rect} box around the outline
 * @property {(fraction: number) => Similarity} transform from a fraction of the clip
 * @property {XY[]} path of the pivot, in pixels of the clip
 * @property {boolean} moves
 * @property {boolean} leaves its place in the picture in some frame: moves, or is hidden
 */

/** @type {WeakMap<Readonly<MotionObject>, ObjectLook>} */
const looks = new WeakMap();

/**
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @returns {ObjectLook}
 */
export function objectLook(object, clip) {
  const known = looks.get(object);
  const { width, height, frames } = clip;
  if (known && known.clip.width === width && known.clip.height === height && known.clip.frames === frames) return known;
  const rings = inPixels(object.outline, clip);
  const transform = transformFunction(object, width, height);
  const times = Array.from({ length: STEPS + 1 }, (_, k) => object.start + (k / STEPS) * (object.end - object.start));
  const moved = times.map((time) => transform(time));
  const moves = moved.some(({ re, im, x0, y0 }) => Math.abs(re - 1) + Math.abs(im) > 1e-6 || Math.hypot(x0, y0) > REST);
  const look = {
    clip: { ...clip },
    rings,
    outline: pathOf(rings),
    box: /** @type {Rect} */ (bounds(rings.flat())),
    transform,
    path: moved.map((similarity) => movedPivot(object, similarity, width, height)),
    moves,
    leaves: moves || Array.from({ length: frames }, (_, k) => k / (frames - 1)).some((at) => !isVisible(object, at)),
  };
  looks.set(object, look);
  return look;
}

/** @param {readonly (readonly XY[])[]} rings @returns {Path2D} closed rings */
export function pathOf(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    ring.forEach(({ x, y }, k) => (k === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
    path.closePath();
  }
  return path;
}

/**
 * The object's outline at an instant.
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @param {number} time fraction of the clip
 */
export function outlineAt(object, clip, time) {
  const { transform } = objectLook(object, clip);
  return movedOutline(object.outline, transform(time), clip.width, clip.height);
}

/**
 * Whether an object covers a point at an instant.
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @param {XY} p pixels of the clip
 * @param {number} time
 */
export function isUnder(object, clip, p, time) {
  const { box, transform, rings } = objectLook(object, clip);
  const from = undone(transform(time), p);
  const inBox = from.x >= box.x && from.x <= box.x + box.width && from.y >= box.y && from.y <= box.y + box.height;
  return inBox && isInside(rings, from);
}

/**
 * The frontmost object at a point.
 * @param {readonly Readonly<MotionObject>[]} objects from back to front
 * @param {Clip} clip
 * @param {XY} p pixels of the clip
 * @param {number} time to look at
 */
export function objectAt(objects, clip, p, time) {
  return objects.findLast((object) => isUnder(object, clip, p, time));
}

/**
 * A region in a frame, in pixels of the clip: where it is, where it goes, and as curves that can be near to a pointer.
 * @typedef {{region: Region, rings: XY[][], seen: Path2D, moved: Path2D, movedRings: XY[][],
 *   curves: Polyline[]}} RegionLook
 */

/**
 * @param {Region} region
 * @param {FoundOutline} moved where it goes in the frame
 * @param {number} frame
 * @param {Clip} clip
 * @returns {RegionLook}
 */
export function regionLook(region, moved, frame, clip) {
  const pixels = (/** @type {FoundOutline} */ outline) => inPixels(toRings(outline), clip);
  const rings = pixels(region.seen[frame] ?? []);
  const curves = rings.map((ring) => {
    const closed = [...ring, ring[0]];
    const along = (/** @type {'x' | 'y'} */ axis) => Float64Array.from(closed, (place) => place[axis]);
    return { x: along('x'), y: along('y'), u: Float64Array.from(closed, (_, k) => k) };
  });
  const movedRings = pixels(moved);
  return { region, rings, seen: pathOf(rings), moved: pathOf(movedRings), movedRings, curves };
}

/** Pixels of a finishing length of 1. @param {Clip} clip */
export const lengthUnit = ({ width, height }) => Math.sqrt(width * height);

/** The point of the picture that a similarity maps to p. @param {Similarity} similarity @param {XY} p @returns {XY} */
function undone({ re, im, x0, y0 }, { x, y }) {
  const square = re * re + im * im;
  return applied({ re: re / square, im: -im / square, x0: 0, y0: 0 }, { x: x - x0, y: y - y0 });
}

/**
 * The instant whose pose of an object the handles edit: the current one; or the end of the object's motion while the
 * beginning of the clip is shown, since the pose there is that of the picture. A motion that repeats ends there, too:
 * then the end is where it turns back.
 * @param {Readonly<MotionObject>} object
 * @param {number} time fraction of the clip
 */
export function poseTime(object, time) {
  if (object.loop) return object.start < time && time < object.end ? time : timeOfKey(object, 1);
  return time > object.start ? Math.min(time, object.end) : object.end;
}
