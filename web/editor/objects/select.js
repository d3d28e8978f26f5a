/** Selects objects: whole groups, single ones, or several. */

import { withGroups } from '../../core/objects/groups.js';

/** @import {Session} from '../session.js' */

/**
 * @param {Session} session
 * @param {string} id
 * @param {boolean} [extend] adds it with its group to the selection, or removes it
 */
export function selectObject(session, id, extend = false) {
  const { objects = [] } = session.selection;
  const group = withGroups(session.doc, [id]);
  const others = extend ? objects.filter((other) => !group.includes(other)) : [];
  const leaves = extend && objects.includes(id);
  session.select({ objects: leaves ? others : [...others, ...group.filter((other) => other !== id), id] });
}

/** Selects the object alone, without its group. @param {Session} session @param {string} id */
export function selectAlone(session, id) {
  session.select({ objects: [id] });
}
