/**
 * The graph's undo, and every other way of opening a workflow, removes all nodes and makes them anew. What can be undone
 * in their editors is kept here for as long.
 */

/** @import {Memory} from '../editor/state.js' */

const MOST = 8; // nodes

/** By `keyOf`, the latest last. @type {Map<string, Memory>} */
const memories = new Map();

/** The same for a node and for the one that the graph's undo puts in its place. @param {any} node */
export const keyOf = ({ graph, id }) => `${graph?.rootGraph?.id}/${graph?.id}/${id}`;

/** @param {string} key @param {Memory | null} memory of the node that goes */
export function keep(key, memory) {
  memories.delete(key);
  if (memory) memories.set(key, memory);
  if (memories.size > MOST) memories.delete([...memories.keys()][0]);
}

/** @param {string} key @returns {Memory | null} */
export const kept = (key) => memories.get(key) ?? null;
