/** Groups of objects: those that are selected and moved together, since they have one name of a group. */

/** @import {Doc, MotionObject} from '../types.js' */

/**
 * The ids of all objects that are in one group with these, and their own.
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
 * The first free one of g1, g2, ...
 * @param {Readonly<Doc>} doc
 * @param {ReadonlySet<string>} [others] that are taken, too
 */
export function freeGroup({ objects = [] }, others = new Set()) {
  const taken = new Set([...objects.map(({ group }) => group), ...others]);
  let number = 1;
  while (taken.has(`g${number}`)) number += 1;
  return `g${number}`;
}

/**
 * Objects that are to be copied into a Doc, in groups of their own; one that comes alone out of a group is in none.
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
