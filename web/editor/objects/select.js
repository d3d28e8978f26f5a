/** Selects objects: whole groups, single ones, or several. */

import { withGroups } from '../../core/objects/groups.js';

/** @import {State} from '../state.js' */

/**
 * @param {State} state
 * @param {string} id
 * @param {boolean} [extend] adds it with its group to the selection, or removes it
 */
export function selectObject(state, id, extend = false) {
  const { objects = [] } = state.selection;
  const group = withGroups(state.doc, [id]);
  const others = extend ? objects.filter((other) => !group.includes(other)) : [];
  const leaves = extend && objects.includes(id);
  state.select({ objects: leaves ? others : [...others, ...group.filter((other) => other !== id), id] });
}

/** Selects the object alone, without its group. @param {State} state @param {string} id */
export function selectAlone(state, id) {
  state.select({ objects: [id] });
}
