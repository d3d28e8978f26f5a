/** Groups of objects: objects with the same group name are selected and moved together. */

/** @import {Doc, MotionObject} from '../types.js' */

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
export function newlyGrouped(doc, objects) {
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
