/** What buttons, keys and tools do with objects. Each command is one step to undo. */

import { areaToObject, areasIn } from '../../core/objects/areas.js';
import {
  addObjects, duplicateObjects, mirrorObjects, moveObjects, objectsOf, orderObject, removeObjects, updateObjects,
} from '../../core/objects/edit.js';
import { keyAt, removeKeys, removeMotion, setKey } from '../../core/objects/keys.js';
import { valuesAt } from '../../core/objects/sampling.js';
import { ownTime } from '../../core/sampling.js';
import { keyTime, objectLook } from './look.js';

/** @import {KeyValues} from '../../core/objects/keys.js' */
/** @import {MotionObject, ObjectChanges, ObjectDraft, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */

const COPY_OFFSET = 12; // pixels of the clip, so that a copy does not hide what it is a copy of

/** Adds an object and selects it. @param {Editor} editor @param {ObjectDraft} draft */
export function addObject(editor, draft) {
  const { state } = editor;
  const { doc, ids: [object] } = addObjects(state.doc, [draft]);
  editor.change(doc, 'object');
  state.select({ object });
}

/** @param {Editor} editor @param {Readonly<MotionObject>} object @param {ObjectChanges} changes */
export function changeObject(editor, object, changes) {
  const { state } = editor;
  editor.change(updateObjects(state.doc, [object.id], changes), Object.keys(changes)[0]);
}

/** @param {Editor} editor @param {Readonly<MotionObject>} object */
export function removeObject(editor, object) {
  editor.change(removeObjects(editor.state.doc, [object.id]), 'remove');
}

/** @param {Editor} editor @param {Readonly<MotionObject>} object */
export function duplicateObject(editor, object) {
  const { state, clip } = editor;
  const offset = { x: COPY_OFFSET / clip.width, y: COPY_OFFSET / clip.height };
  const { doc, ids: [copy] } = duplicateObjects(state.doc, [object.id], offset);
  editor.change(doc, 'duplicate');
  state.select({ object: copy });
}

/** @param {Editor} editor @param {Readonly<MotionObject>} object @param {'h' | 'v'} axis */
export function mirrorObject(editor, object, axis) {
  editor.change(mirrorObjects(editor.state.doc, [object.id], axis), 'mirror');
}

/** In the order from back to front. @param {Editor} editor @param {Readonly<MotionObject>} object @param {number} by */
export function stepInOrder(editor, object, by) {
  const { state } = editor;
  editor.change(orderObject(state.doc, object.id, objectsOf(state.doc).indexOf(object) + by), 'order');
}

/**
 * By keys: at the beginning of the clip the whole object, else its place at the instant that is shown.
 * @param {Editor} editor
 * @param {Readonly<MotionObject>} object
 * @param {XY} by fractions of the picture
 */
export function nudgeObject(editor, object, by) {
  const { state, clip, time } = editor;
  if (time <= object.start) {
    editor.change(moveObjects(state.doc, [object.id], by.x, by.y), 'nudge');
    return;
  }
  const now = poseOf(editor, object);
  editor.change(setKey(state.doc, object.id, time, { x: now.x + by.x, y: now.y + by.y }, clip), 'nudge');
}

/** Holds the object where it is. @param {Editor} editor @param {Readonly<MotionObject>} object */
export function clearMotion(editor, object) {
  editor.change(removeMotion(editor.state.doc, [object.id]), 'motion');
}

/** The instant that the handles and the panel change. @param {Editor} editor @param {Readonly<MotionObject>} object */
export const poseTime = (editor, object) => keyTime(object, editor.time);

/**
 * What the object does at the instant that its handles change.
 * @param {Editor} editor
 * @param {Readonly<MotionObject>} object
 * @param {KeyValues} values
 */
export function setPose(editor, object, values) {
  const { state, clip, time } = editor;
  editor.change(setKey(state.doc, object.id, keyTime(object, time), values, clip), 'key');
}

/**
 * @param {Editor} editor
 * @param {Readonly<MotionObject>} object
 * @returns {{x: number, y: number, rotation: number, scale: number}} how far it has moved, in fractions of the picture,
 *   turned (degrees) and grown at the instant that its handles change
 */
export function poseOf(editor, object) {
  const at = keyTime(object, editor.time);
  if ('keys' in object.motion) return valuesAt(object.motion, ownTime(object, at));
  const { width, height } = editor.clip;
  const { x0, y0 } = objectLook(object, editor.clip).transform(at);
  return { x: x0 / width, y: y0 / height, rotation: 0, scale: 1 };
}

/** Removes the key at the instant that is shown. @param {Editor} editor @param {Readonly<MotionObject>} object */
export function removeKey(editor, object) {
  const index = keyAt(object, poseTime(editor, object));
  if (index >= 0) editor.change(removeKeys(editor.state.doc, object.id, [index]), 'key');
}

/** The area of an earlier version that is selected as a whole: its tracks. @param {Editor} editor */
export function selectedArea({ state }) {
  const { active, doc } = state;
  return areasIn(doc).find((ids) => ids.length === active.length && ids.every((id) => active.includes(id)));
}

/** @param {Editor} editor */
export function areaBecomesObject(editor) {
  const { state, clip } = editor;
  const { doc, id } = areaToObject(state.doc, selectedArea(editor) ?? [], clip);
  editor.change(doc, 'object');
  if (id !== undefined) state.select({ object: id });
}
