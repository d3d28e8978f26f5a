/** Follows the runs that a node takes part in, by the events that the server sends to every page. */

import { outerNode } from './graph_picture.js';
import { nodesAfter } from './results.js';

/** @import {RunState} from '../editor/host.js' */

/**
 * A run as far as it is known: the ids of the nodes that take part, and of those that were computed anew.
 * @typedef {{prompt: string, began: number, taking: Set<string>, computed: Set<string>}} Run
 */

/** What is known of earlier runs. @typedef {{seconds: number | null}} RunMemory */

/** Of the nodes on this page, by their keys: the page's undo replaces a node. */
export class RunMemories {
  constructor() {
    /** @type {Map<string, RunMemory>} */
    this.byKey = new Map();
  }

  /** @param {string} key @returns {RunMemory} */
  of(key) {
    const known = this.byKey.get(key) ?? { seconds: null };
    this.byKey.set(key, known);
    return known;
  }
}

export class Execution {
  /**
   * @param {any} node
   * @param {(state: RunState) => void} show
   * @param {(prompt: string) => void} finished a run with this node is complete
   */
  constructor(node, show, finished) {
    this.node = node;
    this.show = show;
    this.finished = finished;
    /** @type {RunMemory} */
    this.memory = { seconds: null };
    /** @type {Run | null} */
    this.run = null;
    /** The page's events, with their listeners. @type {[string, (event: CustomEvent) => void][]} */
    this.events = Object.entries({
      execution_start: ({ detail }) => this.#start(detail.prompt_id),
      execution_cached: ({ detail }) => this.#cached(detail),
      progress_state: ({ detail }) => this.#progress(detail),
      execution_success: ({ detail }) => this.#end(detail.prompt_id, true),
      execution_error: ({ detail }) => this.#end(detail.prompt_id, false),
      execution_interrupted: ({ detail }) => this.#end(detail.prompt_id, false),
    });
  }

  /** The node is in a graph, perhaps in the place of an earlier one. @param {RunMemory} memory */
  remember(memory) {
    this.memory = memory;
    this.#show(null);
  }

  /** @param {string} prompt */
  #start(prompt) {
    this.run = { prompt, began: performance.now(), taking: new Set(), computed: new Set() };
  }

  /** @param {{prompt_id: string, nodes?: string[]}} detail */
  #cached({ prompt_id: prompt, nodes = [] }) {
    if (this.run?.prompt === prompt) for (const id of nodes) this.run.taking.add(id);
  }

  /** @param {{prompt_id: string, nodes: Record<string, {value: number, max: number, state: string}>}} detail */
  #progress({ prompt_id: prompt, nodes }) {
    const { run } = this;
    if (run?.prompt !== prompt) return;
    for (const id of Object.keys(nodes)) {
      run.taking.add(id);
      run.computed.add(id);
    }
    if (!run.taking.has(executionId(this.node))) return;
    const now = Object.entries(nodes).find(([, { state }]) => state === 'running');
    const title = now && nodeOf(this.node, now[0])?.title;
    if (title) this.#show({ title, fraction: now[1].max > 0 ? now[1].value / now[1].max : 0 });
  }

  /** @param {string} prompt @param {boolean} complete */
  #end(prompt, complete) {
    const { run, node } = this;
    if (run?.prompt !== prompt) return;
    this.run = null;
    const ours = run.taking.has(executionId(node));
    // If all that follows the editor was cached, the time says nothing about a run with other drags.
    const anew = ours && nodesAfter(node).some((after) => run.computed.has(executionId(after)));
    if (complete && anew) this.memory.seconds = (performance.now() - run.began) / 1000;
    this.#show(null);
    if (complete && ours) this.finished(prompt);
  }

  /** @param {RunState['running']} running */
  #show(running) {
    this.show({ running, seconds: this.memory.seconds });
  }
}

/** The id of a node in a prompt: those of the subgraphs around it, and its own. @param {any} node @returns {string} */
function executionId(node) {
  const outer = node.graph && node.graph !== node.graph.rootGraph ? outerNode(node.graph.rootGraph, node.graph) : null;
  return outer ? `${executionId(outer)}:${node.id}` : String(node.id);
}

/**
 * The node with an id of a prompt.
 * @param {any} one node of the same workflow
 * @param {string} id
 * @returns {any}
 */
function nodeOf({ graph }, id) {
  let found = { subgraph: graph?.rootGraph };
  for (const part of id.split(':')) found = found?.subgraph?.getNodeById(part);
  return found;
}
