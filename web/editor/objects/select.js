/** Selecting objects: all of a group at once, single ones, and several. */

import { withGroups } from '../../core/objects/groups.js';

/** @import {State} from '../state.js' */

/**
 * @param {State} state
 * @param {string} id
 * @param {boolean} [extend] adds it with its group to the selection, or takes it out of that
 */
export function selectObject(state, id, extend = false) {
  const { objects = [] } = state.selection;
  const group = withGroups(state.doc, [id]);
  const others = extend ? objects.filter((other) => !group.includes(other)) : [];
  const leaves = extend && objects.includes(id);
  state.select({ objects: leaves ? others : [...others, ...group.filter((other) => other !== id), id] });
}

/** The object alone, whatever group it is in. @param {State} state @param {string} id */
export function selectAlone(state, id) {
  state.select({ objects: [id] });
}
