/**
 * Commands of buttons, keys and tools on objects and their edges: each is one undo step. Objects are selected with
 * their groups, alone, or several.
 */

import { FINISH } from '../../core/limits.js';
import { within } from '../../core/numbers.js';
import { areasIn, areaToObject } from '../../core/objects/areas.js';
import { withDrawnOutline, withoutCorrection } from '../../core/objects/corrections.js';
import {
  addObjects, duplicateObjects, findObject, freeGroup, mapObjects, mirrorObjects, moveObjects, objectsOf,
  orderObject, removeObjects, updateEachObject, updateObjects, withGroups,
} from '../../core/objects/edit.js';
import { keyAt, removeKeys, removeMotion, withKey } from '../../core/objects/keys.js';
import { keyTimeOf, valuesAt } from '../../core/objects/sampling.js';
import { smoothOutline } from '../../core/objects/smooth_outline.js';
import { lengthUnit, objectLook, poseTime } from './look.js';

/** @import {KeyValues} from '../../core/objects/keys.js' */
/** @import {Doc, MotionObject, ObjectChanges, ObjectDraft, Ring, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {PickRequest} from '../host.js' */
/** @import {Session} from '../session.js' */

/**
 * @param {Session} session
 * @param {string} id
 * @param {boolean} [extend] adds it with its group to the selection, or removes it
 */
export function selectObject(session, id, extend = false) {
  const { objects = [] } = session.selection;
  const whole = withGroups(session.doc, [id]);
  const others = extend ? objects.filter((other) => !whole.includes(other)) : [];
  const leaves = extend && objects.includes(id);
  session.select({ objects: leaves ? others : [...others, ...whole.filter((other) => other !== id), id] });
}

/** Selects the object alone, without its group. @param {Session} session @param {string} id */
export function selectAlone(session, id) {
  session.select({ objects: [id] });
}

const COPY_OFFSET = 12; // pixels of the clip, so that a copy does not hide its original

/** Ids of the selected objects. @param {Editor} editor @returns {readonly string[]} */
const chosen = ({ session }) => session.selection.objects ?? [];

/**
 * When an object that is outlined now begins: over a video, at the frame that is shown.
 * @param {Editor} editor
 * @returns {{start?: number, at?: number}}
 */
export function drawnNow({ player }) {
  return player?.at ? { ...player.begins, at: player.at } : {};
}

/**
 * A request about a frame of a video; without an instant, about the picture or the first frame.
 * @param {PickRequest} request
 * @param {number} [at]
 * @returns {PickRequest}
 */
export const inFrame = (request, at) => (at === undefined ? request : { ...request, at });

/**
 * The drawing with an object's outline set; over a video, its outline in the frame at the playhead.
 * @param {Editor} editor
 * @param {Readonly<Doc>} doc
 * @param {string} id
 * @param {readonly Ring[]} outline
 * @param {number} [frame] another frame of the video
 * @returns {Readonly<Doc>}
 */
export function withOutline({ picture, player, clip }, doc, id, outline, frame = player.frame) {
  const object = findObject(doc, id);
  if (!object || !picture.video) return updateObjects(doc, [id], { outline });
  return withDrawnOutline(doc, object, outline, frame, clip.frames);
}

/** Adds an object and selects it. @param {Editor} editor @param {ObjectDraft} draft */
export function addObject(editor, draft) {
  const { session } = editor;
  const { doc, ids: objects } = addObjects(session.doc, [{ ...drawnNow(editor), ...draft }]);
  editor.change(doc, 'object');
  session.select({ objects });
}

/**
 * Adds objects that rest, with names made of one, and selects them.
 * @param {Editor} editor
 * @param {readonly Ring[][]} outlines
 * @param {string} name
 */
export function addNamedObjects(editor, outlines, name) {
  const { session } = editor;
  const names = outlines.map((_, k) => (outlines.length > 1 ? `${name} ${k + 1}` : name));
  const drafts = outlines.map((outline, k) => ({ ...drawnNow(editor), outline, name: names[k] }));
  const { doc, ids: objects } = addObjects(session.doc, drafts);
  editor.change(doc, 'object');
  session.select({ objects });
}

/** @param {Editor} editor @param {ObjectChanges} changes */
export function changeSelected(editor, changes) {
  editor.change(updateObjects(editor.session.doc, chosen(editor), changes), Object.keys(changes)[0]);
}

/**
 * Applies changes that depend on the object to each that is selected, in one step.
 * @param {Editor} editor
 * @param {(object: Readonly<MotionObject>, index: number) => ObjectChanges} changes
 */
export function changeEach(editor, changes) {
  editor.change(updateEachObject(editor.session.doc, chosen(editor), changes), 'timing');
}

/** @param {Editor} editor */
export function removeSelected(editor) {
  editor.change(removeObjects(editor.session.doc, chosen(editor)), 'remove');
}

/** @param {Editor} editor */
export function duplicateSelected(editor) {
  const { session, clip } = editor;
  const offset = { x: COPY_OFFSET / clip.width, y: COPY_OFFSET / clip.height };
  const { doc, ids: objects } = duplicateObjects(session.doc, chosen(editor), offset);
  editor.change(doc, 'duplicate');
  session.select({ objects });
}

/** @param {Editor} editor @param {'h' | 'v'} axis */
export function mirrorSelected(editor, axis) {
  editor.change(mirrorObjects(editor.session.doc, chosen(editor), axis), 'mirror');
}

/** Moves objects in the order from back to front. @param {Editor} editor @param {1 | -1} by */
export function stepInOrder(editor, by) {
  const { session } = editor;
  const ids = new Set(chosen(editor));
  const inTurn = by > 0 ? session.objects.toReversed() : session.objects;
  const doc = inTurn.reduce((now, { id }) => {
    const objects = objectsOf(now);
    const to = objects.findIndex((object) => object.id === id) + by;
    return ids.has(objects[to]?.id) ? now : orderObject(now, id, to);
  }, session.doc);
  editor.change(doc, 'order');
}

/** Groups the selected objects. @param {Editor} editor */
export function group(editor) {
  const { session } = editor;
  if (chosen(editor).length < 2) editor.warn('groupOfOne');
  else editor.change(updateObjects(session.doc, chosen(editor), { group: freeGroup(session.doc) }), 'group');
}

/** @param {Editor} editor */
export function ungroup(editor) {
  const grouped = editor.session.objects.filter((object) => object.group).map(({ id }) => id);
  if (grouped.length > 0) editor.change(updateObjects(editor.session.doc, grouped, { group: '' }), 'group');
}

/**
 * Moves objects with the keyboard: whole objects at the beginning of the clip, otherwise their pose at the current
 * instant.
 * @param {Editor} editor
 * @param {XY} by fractions of the picture
 */
export function nudgeSelected(editor, by) {
  const { session, time } = editor;
  const whole = session.objects.filter(({ start }) => time <= start).map(({ id }) => id);
  const posed = session.objects.filter(({ start }) => time > start);
  const doc = moveObjects(session.doc, whole, by.x, by.y);
  editor.change(posedBy(editor, doc, posed, by), 'nudge');
}

/** Removes the objects' motion. @param {Editor} editor */
export function clearMotion(editor) {
  editor.change(removeMotion(editor.session.doc, chosen(editor)), 'motion');
}

/** The instant that the handles and the panel edit. @param {Editor} editor @param {Readonly<MotionObject>} object */
export const poseTimeNow = (editor, object) => poseTime(object, editor.time);

/**
 * The object's pose at the instant that its handles edit.
 * @param {Editor} editor
 * @param {Readonly<MotionObject>} object
 * @param {KeyValues} values
 */
export function setPose(editor, object, values) {
  const { session, clip, time } = editor;
  const change = (/** @type {Readonly<MotionObject>} */ each) => withKey(each, poseTime(each, time), values, clip);
  editor.change(mapObjects(session.doc, [object.id], change), 'key');
}

/**
 * The drawing with objects displaced at the instant that their handles edit.
 * @param {Editor} editor
 * @param {Readonly<import('../../core/types.js').Doc>} doc
 * @param {readonly Readonly<MotionObject>[]} objects
 * @param {XY} by fractions of the picture
 */
export function posedBy(editor, doc, objects, by) {
  const { clip, time } = editor;
  const poses = new Map(objects.map((object) => [object.id, poseOf(editor, object)]));
  return mapObjects(doc, [...poses.keys()], (object) => {
    const { x, y } = /** @type {XY} */ (poses.get(object.id));
    return withKey(object, poseTime(object, time), { x: x + by.x, y: y + by.y }, clip);
  });
}

/**
 * @param {Editor} editor
 * @param {Readonly<MotionObject>} object
 * @returns {{x: number, y: number, rotation: number, scale: number}} its displacement in fractions of the picture,
 *   rotation in degrees and scale at the instant that its handles edit
 */
export function poseOf(editor, object) {
  const at = poseTime(object, editor.time);
  if ('keys' in object.motion) return valuesAt(object.motion, keyTimeOf(object, at));
  const { width, height } = editor.clip;
  const { x0, y0 } = objectLook(object, editor.clip).transform(at);
  return { x: x0 / width, y: y0 / height, rotation: 0, scale: 1 };
}

/** Removes the keys, and corrections of the outline, at the current instant. @param {Editor} editor */
export function removeKey(editor) {
  const { session, player, clip } = editor;
  const doc = session.objects.reduce((now, object) => {
    const index = keyAt(object, poseTimeNow(editor, object));
    const kept = withoutCorrection(now, object, player.frame, clip.frames);
    return index < 0 ? kept : removeKeys(kept, object.id, [index]);
  }, session.doc);
  editor.change(doc, 'key');
}

/** The tracks of an area from an earlier version, if it is selected as a whole. @param {Editor} editor */
export function selectedArea({ session }) {
  const { active, doc } = session;
  return areasIn(doc).find((ids) => ids.length === active.length && ids.every((id) => active.includes(id)));
}

/** @param {Editor} editor */
export function areaBecomesObject(editor) {
  const { session, clip } = editor;
  const { doc, id } = areaToObject(session.doc, selectedArea(editor) ?? [], clip);
  editor.change(doc, 'object');
  if (id !== undefined) session.select({ objects: [id] });
}

export const SMOOTHING = 3; // pixels of the clip: what the key smooths

/** The selected objects' ids; with none, the person is told. @param {Editor} editor */
function chosenIds(editor) {
  const ids = editor.session.objects.map(({ id }) => id);
  if (ids.length === 0) editor.warn('selectObject');
  return ids;
}

/**
 * Makes a length larger or smaller by pixels of the clip.
 * @param {Editor} editor
 * @param {'grow' | 'feather'} name
 * @param {number} by
 */
export function changeLength(editor, name, by) {
  const ids = chosenIds(editor);
  const unit = lengthUnit(editor.clip);
  const doc = mapObjects(editor.session.doc, ids, (object) => {
    return { ...object, [name]: within((object[name] ?? 0) + by / unit, ...FINISH[name]) };
  });
  if (ids.length === 0) return;
  editor.change(doc, name);
  const pixels = Math.round(10 * unit * (editor.session.object?.[name] ?? 0)) / 10;
  editor.say(name === 'grow' ? 'grownBy' : 'featheredBy', { pixels });
}

/** Smooths the outlines. @param {Editor} editor @param {number} [width] pixels of the clip */
export function smooth(editor, width = SMOOTHING) {
  const ids = chosenIds(editor);
  const { session, clip } = editor;
  const doc = mapObjects(session.doc, ids, (object) => {
    return { ...object, outline: smoothOutline(object.outline, width, clip) };
  });
  if (ids.length > 0) editor.change(doc, 'outline');
}

/** Switches whether a run moves the outlines to the edge in the picture. @param {Editor} editor */
export function toggleSnap(editor) {
  const ids = chosenIds(editor);
  if (ids.length === 0) return;
  const edge = editor.session.object?.edge === 'exact' ? 'snap' : 'exact';
  editor.change(updateObjects(editor.session.doc, ids, { edge }), 'edge');
  editor.say(edge === 'snap' ? 'edgeSnaps' : 'edgeStays');
}
