/**
 * The graph's undo, and every other way of opening a workflow, removes all nodes and makes them anew. What can be
 * undone in the editors of removed nodes is kept here.
 */

/** @import {Memory} from '../editor/state.js' */

const MOST = 8; // nodes

/**
 * The same text for a node and for the one that the graph's undo puts in its place.
 * @param {any} node
 * @returns {string}
 */
export const keyOf = ({ graph, id }) => `${graph?.rootGraph?.id}/${graph?.id}/${id}`;

export class UndoMemory {
  constructor() {
    /** By `keyOf`, the latest last. @type {Map<string, Memory>} */
    this.memories = new Map();
  }

  /**
   * @param {string} key
   * @param {Memory | null} memory of the node that is removed; null where there is nothing to undo
   */
  keep(key, memory) {
    const { memories } = this;
    memories.delete(key);
    if (memory) memories.set(key, memory);
    if (memories.size > MOST) memories.delete([...memories.keys()][0]);
  }

  /** @param {string} key @returns {Memory | null} */
  kept(key) {
    return this.memories.get(key) ?? null;
  }
}
