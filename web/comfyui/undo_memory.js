/**
 * The graph's undo, like any other way of opening a workflow, removes all nodes and creates new ones. The undo history
 * of removed editors is kept here.
 */

/** @import {Memory} from '../editor/session.js' */

const MOST = 8; // nodes

/**
 * A key shared by a node and the one that the graph's undo replaces it with.
 * @param {any} node
 * @returns {string}
 */
export const keyOf = ({ graph, id }) => `${graph?.rootGraph?.id}/${graph?.id}/${id}`;

export class UndoMemory {
  constructor() {
    /** By `keyOf`, most recent last. @type {Map<string, Memory>} */
    this.memories = new Map();
  }

  /**
   * @param {string} key
   * @param {Memory | null} memory of the removed node; null if there is nothing to undo
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
