/** Whether a run uses a node: it may be bypassed or muted, or a subgraph around it may be. */

import { outerNode } from './graph_picture.js';
import { BYPASSED, MUTED, isSkipped } from './page.js';

/** @import {Unused} from '../editor/host.js' */

/**
 * @param {any} node
 * @returns {Unused | null} null where a run uses it
 */
export function unusedBecause(node) {
  if (node.mode === BYPASSED) return 'bypassed';
  if (node.mode === MUTED) return 'muted';
  const { graph } = node;
  for (let outer = outerNode(graph.rootGraph, graph); outer; outer = outerNode(graph.rootGraph, outer.graph)) {
    if (isSkipped(outer)) return 'around';
  }
  return null;
}
