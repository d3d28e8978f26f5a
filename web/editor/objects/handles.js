/** The handles of the selected object: one to rotate it, one to scale it. */

import { applied, movedPivot } from '../../core/objects/sampling.js';
import { poseTime, objectLook } from './look.js';

/** @import {MotionObject, XY} from '../../core/types.js' */
/** @import {Clip} from '../host.js' */

const ARM = 24; // CSS pixels from the box to the rotation handle
const REACH = 11; // CSS pixels around a handle within which a press hits it

/** @typedef {'turn' | 'scale'} HandleKind */

/**
 * @typedef {object} Handles in pixels of the clip
 * @property {XY[]} corners of the box, rotated with the object
 * @property {XY} turn
 * @property {XY} scale
 * @property {XY} pivot
 * @property {XY} top where the arm of `turn` starts
 */

/**
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @param {number} time shown
 * @param {number} px length of one CSS pixel, in pixels of the clip
 * @returns {Handles}
 */
export function handlesOf(object, clip, time, px) {
  const { box, transform } = objectLook(object, clip);
  const moved = transform(poseTime(object, time));
  const size = Math.hypot(moved.re, moved.im);
  const [left, top, right, bottom] = [box.x, box.y, box.x + box.width, box.y + box.height];
  const place = (/** @type {number} */ x, /** @type {number} */ y) => applied(moved, { x, y });
  return {
    corners: [place(left, top), place(right, top), place(right, bottom), place(left, bottom)],
    top: place((left + right) / 2, top),
    turn: place((left + right) / 2, top - (ARM * px) / size),
    scale: place(right, bottom),
    pivot: movedPivot(object, moved, clip.width, clip.height),
  };
}

/**
 * @param {Handles} handles
 * @param {XY} p pixels of the clip
 * @param {number} px
 * @param {boolean} touch
 * @returns {HandleKind | undefined}
 */
export function handleAt(handles, p, px, touch) {
  const reach = REACH * px * (touch ? 2 : 1);
  const near = (/** @type {HandleKind} */ kind) => Math.hypot(p.x - handles[kind].x, p.y - handles[kind].y);
  const kind = near('turn') < near('scale') ? 'turn' : 'scale';
  const [a, , c] = handles.corners;
  const middle = Math.hypot(p.x - (a.x + c.x) / 2, p.y - (a.y + c.y) / 2); // of a small object: that moves it
  return near(kind) <= Math.min(reach, middle) ? kind : undefined;
}
