/** The handles of the selected object: one to rotate it, one to scale it. */

import { distance } from '../../core/geometry.js';
import { motionInPixels, placeMoved } from '../../core/objects/in_frames.js';
import { applied } from '../../core/objects/sampling.js';
import { poseTime, objectLook } from './look.js';

/** @import {MotionObject, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */

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
 * Where a place of an object is at the instant that its handles edit; in a video, in the frame that is shown.
 * @param {Editor} editor
 * @param {Readonly<MotionObject>} object
 * @returns {(p: XY) => XY} both in pixels of the clip
 */
export function posePlaceOf({ clip, time, picture, editedClip }, object) {
  const at = poseTime(object, time);
  const motion = picture.video ? editedClip.placement({ object: object.id }, at) : null;
  if (!motion) return (p) => applied(objectLook(object, clip).transform(at), p);
  const moves = motionInPixels(motion, clip);
  return (p) => placeMoved(moves, p);
}

/**
 * The object's pivot there.
 * @param {Editor} editor
 * @param {Readonly<MotionObject>} object
 * @returns {XY} in pixels of the clip
 */
export function posePivotOf(editor, object) {
  const { clip } = editor;
  return posePlaceOf(editor, object)({ x: object.pivot.x * clip.width, y: object.pivot.y * clip.height });
}

/**
 * @param {Editor} editor
 * @param {Readonly<MotionObject>} object
 * @returns {Handles}
 */
export function handlesOf(editor, object) {
  const { clip, px } = editor;
  const { box } = objectLook(object, clip);
  const [left, top, right, bottom] = [box.x, box.y, box.x + box.width, box.y + box.height];
  const placed = posePlaceOf(editor, object);
  const place = (/** @type {number} */ x, /** @type {number} */ y) => placed({ x, y });
  const size = distance(place(left, top), place(left + 1, top));
  return {
    corners: [place(left, top), place(right, top), place(right, bottom), place(left, bottom)],
    top: place((left + right) / 2, top),
    turn: place((left + right) / 2, top - (ARM * px) / size),
    scale: place(right, bottom),
    pivot: posePivotOf(editor, object),
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
