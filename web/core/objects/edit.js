/**
 * Operations on the objects of a Doc. Like those on tracks (see document.js for the rules), all are pure, and Python's
 * parse accepts their results. Objects with the same group name are selected and moved together.
 */

import { checkedChanges } from '../check.js';
import { colorCounts, leastUsed, recolored } from '../colors.js';
import { TrajectoryError } from '../errors.js';
import { MAX_OBJECTS, OBJECT_AREAS } from '../limits.js';
import { checkTotal, withObjectList } from '../text.js';
import { checkedObject, checkOutline, middle } from './check.js';
import { mapped, tidied, tidyRing } from './make.js';
import { objectDefaults } from './text.js';

/** @import {Doc, MotionObject, ObjectChanges, ObjectDraft, Rect, XY} from '../types.js' */

/**
 * The ids of these objects and of all objects in their groups.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @returns {string[]} in the order of the Doc
 */
export function withGroups({ objects = [] }, ids) {
  const chosen = new Set(ids);
  const groups = new Set(objects.flatMap(({ id, group }) => (group && chosen.has(id) ? [group] : [])));
  return objects.filter(({ id, group }) => chosen.has(id) || (group && groups.has(group))).map(({ id }) => id);
}

/**
 * The first free name of g1, g2, ...
 * @param {Readonly<Doc>} doc
 * @param {ReadonlySet<string>} [others] also taken
 */
export function freeGroup({ objects = [] }, others = new Set()) {
  const taken = new Set([...objects.map(({ group }) => group), ...others]);
  let number = 1;
  while (taken.has(`g${number}`)) number += 1;
  return `g${number}`;
}

/**
 * Objects to be copied into a Doc, with new groups; an object copied without the rest of its group has none.
 * @param {Readonly<Doc>} doc
 * @param {readonly Readonly<MotionObject>[]} objects
 * @returns {Readonly<MotionObject>[]}
 */
function newlyGrouped(doc, objects) {
  /** @type {Map<string, string | undefined>} */
  const names = new Map();
  for (const { group } of objects) {
    if (!group || names.has(group)) continue;
    const several = objects.filter((other) => other.group === group).length > 1;
    const taken = new Set([...names.values()].filter((name) => name !== undefined));
    names.set(group, several ? freeGroup(doc, taken) : undefined);
  }
  return objects.map((object) => (object.group ? { ...object, group: names.get(object.group) } : object));
}

const CHANGEABLE = Object.freeze([
  'name', 'color', 'enabled', 'outline', 'pivot', 'motion', 'start', 'end', 'visible', 'group', 'edge',
  'grow', 'feather', 'shutter', ...OBJECT_AREAS, 'edit', 'delay', 'at', 'followed', 'distance',
  'stiffness', 'pins', 'loop', 'sway', 'text',
]);
const HERE = Object.freeze({ x: 0, y: 0 });

/**
 * The objects of a Doc, from back to front.
 * @param {Readonly<Doc>} doc
 * @returns {readonly Readonly<MotionObject>[]}
 */
export function objectsOf({ objects }) {
  return objects ?? [];
}

/**
 * @param {Readonly<Doc>} doc
 * @param {string} id
 */
export function findObject(doc, id) {
  return objectsOf(doc).find((object) => object.id === id);
}

/**
 * Adds objects in front. A draft keeps its id if that is free, otherwise it gets the first free one of o1, o2, ...; a
 * draft without a colour gets the least used one of the palette.
 * @param {Readonly<Doc>} doc
 * @param {readonly ObjectDraft[]} drafts
 * @returns {{doc: Readonly<Doc>, ids: string[]}} ids in the order of the drafts
 */
export function addObjects(doc, drafts) {
  const made = newObjects(doc, drafts);
  return { doc: withObjects(doc, [...objectsOf(doc), ...made]), ids: made.map(({ id }) => id) };
}

/**
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {ObjectChanges} changes start and end have to be in order after the change
 * @returns {Readonly<Doc>}
 */
export function updateObjects(doc, ids, changes) {
  const checked = checkedChanges(changes, CHANGEABLE);
  return updateEachObject(doc, ids, () => checked);
}

/**
 * As `updateObjects`, with changes that depend on the object.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {(object: Readonly<MotionObject>, index: number) => ObjectChanges} changesOf an object, and its index in `ids`
 * @returns {Readonly<Doc>}
 */
export function updateEachObject(doc, ids, changesOf) {
  const indices = new Map(ids.map((id, index) => [id, index]));
  return mapObjects(doc, ids, (object) => {
    const changes = checkedChanges(changesOf(object, indices.get(object.id) ?? 0), CHANGEABLE);
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    if (given.every(([key, value]) => object[/** @type {keyof MotionObject} */ (key)] === value)) return object;
    return tidied({ ...object, ...Object.fromEntries(given) });
  });
}

/**
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @returns {Readonly<Doc>}
 */
export function removeObjects(doc, ids) {
  const gone = new Set(ids);
  return withObjects(doc, objectsOf(doc).filter(({ id }) => !gone.has(id)));
}

/**
 * Copies, each right in front of its original, with new colours.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {XY} [offset] by which the copies are moved, fractions of the picture
 * @returns {{doc: Readonly<Doc>, ids: string[]}} the copies' ids
 */
export function duplicateObjects(doc, ids, offset = HERE) {
  const chosen = new Set(ids);
  const originals = objectsOf(doc).filter(({ id }) => chosen.has(id));
  const moved = newlyGrouped(doc, originals).map((object) => movedBy(object, offset));
  const copies = newObjects(doc, recolored(moved, [...doc.tracks, ...objectsOf(doc)]));
  const inFront = new Map(originals.map((object, k) => [object, copies[k]]));
  const objects = objectsOf(doc).flatMap((object) => [object, inFront.get(object) ?? []].flat());
  return { doc: withObjects(doc, objects), ids: copies.map(({ id }) => id) };
}

/**
 * Moves whole objects: outline, pivot and path.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {number} dx fractions of the picture
 * @param {number} dy
 * @returns {Readonly<Doc>}
 */
export function moveObjects(doc, ids, dx, dy) {
  return mapObjects(doc, ids, (object) => movedBy(object, { x: dx, y: dy }));
}

/**
 * Mirrors objects, and their motion, about the middle of all their outlines.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {'h' | 'v'} axis "h" swaps left and right, "v" top and bottom
 * @returns {Readonly<Doc>}
 */
export function mirrorObjects(doc, ids, axis) {
  const chosen = new Set(ids);
  const outlines = objectsOf(doc).filter(({ id }) => chosen.has(id)).flatMap(({ outline }) => outline);
  if (outlines.length === 0) return doc;
  const centre = middle(outlines);
  const [x, y] = axis === 'h' ? [-1, 1] : [1, -1];
  const shift = { x: axis === 'h' ? 2 * centre.x : 0, y: axis === 'v' ? 2 * centre.y : 0 };
  return mapObjects(doc, ids, (object) => mapped(object, { x, y }, shift));
}

/**
 * Maps the rectangle `from` to `to`, and objects and their motion with it. Along a side of `from` with zero length they
 * are only moved.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {Rect} from fractions of the picture
 * @param {Rect} to
 * @returns {Readonly<Doc>}
 */
export function scaleObjects(doc, ids, from, to) {
  const by = {
    x: from.width === 0 ? 1 : to.width / from.width,
    y: from.height === 0 ? 1 : to.height / from.height,
  };
  const shift = { x: to.x - by.x * from.x, y: to.y - by.y * from.y };
  return mapObjects(doc, ids, (object) => mapped(object, by, shift));
}

/**
 * Moves an object to another position in the order.
 * @param {Readonly<Doc>} doc
 * @param {string} id
 * @param {number} index from 0 at the back
 * @returns {Readonly<Doc>}
 */
export function orderObject(doc, id, index) {
  const object = findObject(doc, id);
  if (!object) return doc;
  const others = objectsOf(doc).filter((other) => other !== object);
  const at = Math.min(Math.max(Math.round(index), 0), others.length);
  return withObjects(doc, [...others.slice(0, at), object, ...others.slice(at)]);
}

/**
 * A Doc with these objects only, without tracks, for the clipboard.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @returns {Readonly<Doc>}
 */
export function copyObjects(doc, ids) {
  const chosen = new Set(ids);
  const objects = objectsOf(doc).filter(({ id }) => chosen.has(id));
  return withObjectList({ ...doc, tracks: Object.freeze([]), horizon: undefined }, objects);
}

/**
 * Adds the objects of another Doc in front, in their colours.
 * @param {Readonly<Doc>} doc
 * @param {Readonly<Doc>} fragment
 * @param {XY} [offset] by which they are moved, fractions of the picture
 * @returns {{doc: Readonly<Doc>, ids: string[]}} the new objects' ids
 */
export function pasteObjects(doc, fragment, offset = HERE) {
  return addObjects(doc, newlyGrouped(doc, objectsOf(fragment)).map((object) => movedBy(object, offset)));
}

/**
 * `doc` with `change` applied to the objects of these ids. One that `change` returns unchanged stays the same object.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids
 * @param {(object: Readonly<MotionObject>) => Readonly<MotionObject>} change gives a fresh value, which is frozen
 * @returns {Readonly<Doc>}
 */
export function mapObjects(doc, ids, change) {
  const chosen = new Set(ids);
  return withObjects(doc, objectsOf(doc).map((object) => {
    if (!chosen.has(object.id)) return object;
    const changed = change(object);
    return changed === object ? object : checkedObject(changed);
  }));
}

/**
 * @param {Readonly<Doc>} doc
 * @param {readonly Readonly<MotionObject>[]} objects already checked
 * @returns {Readonly<Doc>}
 */
function withObjects(doc, objects) {
  const before = objectsOf(doc);
  if (objects.length === before.length && objects.every((object, k) => object === before[k])) return doc;
  if (objects.length > MAX_OBJECTS) throw new TrajectoryError('tooManyObjects', { most: MAX_OBJECTS });
  checkTotal(doc.tracks, objects);
  return withObjectList(doc, objects);
}

/**
 * Drafts as checked objects with ids and colours that fit `doc`.
 * @param {Readonly<Doc>} doc
 * @param {readonly ObjectDraft[]} drafts
 */
function newObjects(doc, drafts) {
  const objects = objectsOf(doc);
  const taken = new Set(objects.map(({ id }) => id));
  const counts = colorCounts([...doc.tracks, ...objects]);
  let free = objects.length;
  return drafts.map((draft) => {
    let { id } = draft;
    while (id === undefined || taken.has(id)) id = `o${(free += 1)}`;
    taken.add(id);
    const color = draft.color ?? leastUsed(counts);
    counts.set(color, (counts.get(color) ?? 0) + 1);
    const outline = draft.outline.map(tidyRing);
    checkOutline(outline);
    const pivot = draft.pivot ?? middle(outline);
    const motion = draft.motion ?? { points: [pivot] };
    return checkedObject(tidied({ ...objectDefaults(0), ...draft, id, color, outline, pivot, motion }));
  });
}

/**
 * @param {Readonly<MotionObject>} object
 * @param {XY} offset
 */
function movedBy(object, offset) {
  return offset.x === 0 && offset.y === 0 ? object : mapped(object, { x: 1, y: 1 }, offset);
}
