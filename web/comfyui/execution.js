/** Follows the runs that a node takes part in, by the events that the server sends to every page. */

import { outerNode } from './graph_picture.js';
import { nodesAfter } from './results.js';

/** @import {RunState} from '../editor/host.js' */

/**
 * A run as far as it is known: the ids of the nodes that take part, and of those that were computed anew.
 * @typedef {{prompt: string, began: number, taking: Set<string>, computed: Set<string>}} Run
 */

/**
 * What is told of the runs.
 * @typedef {object} Callbacks
 * @property {(running: RunState['running']) => void} running which node runs; null at the end
 * @property {(seconds: number) => void} computed what follows the node was computed in this time
 * @property {(prompt: string) => void} complete a run with the node is in the server's history
 */

export class Execution {
  /** @param {any} node @param {Callbacks} told */
  constructor(node, told) {
    this.node = node;
    this.told = told;
    /** A complete run of ours whose end the server has not announced yet. @type {string | null} */
    this.complete = null;
    /** @type {Run | null} */
    this.run = null;
    /** The page's events, with their listeners. @type {[string, (event: CustomEvent) => void][]} */
    this.events = Object.entries({
      execution_start: ({ detail }) => this.#start(detail.prompt_id),
      execution_cached: ({ detail }) => this.#cached(detail),
      progress_state: ({ detail }) => this.#progress(detail),
      execution_success: ({ detail }) => this.#end(detail.prompt_id, true),
      executing: ({ detail }) => detail === null && this.#announced(),
      execution_error: ({ detail }) => this.#end(detail.prompt_id, false),
      execution_interrupted: ({ detail }) => this.#end(detail.prompt_id, false),
    });
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
    if (title) this.told.running({ title, fraction: now[1].max > 0 ? now[1].value / now[1].max : 0 });
  }

  /** @param {string} prompt @param {boolean} complete */
  #end(prompt, complete) {
    const { run, node } = this;
    if (run?.prompt !== prompt) return;
    this.run = null;
    const ours = run.taking.has(executionId(node));
    // If all that follows the editor was cached, the time says nothing about a run with other drags.
    const anew = ours && nodesAfter(node).some((after) => run.computed.has(executionId(after)));
    if (complete && anew) this.told.computed((performance.now() - run.began) / 1000);
    this.told.running(null);
    this.complete = complete && ours ? prompt : null;
  }

  /** The server works on nothing any longer: only now its history has the run. */
  #announced() {
    const { complete } = this;
    this.complete = null;
    if (complete !== null) this.told.complete(complete);
  }
}

/** The id of a node in a prompt: those of the subgraphs around it, and its own. @param {any} node @returns {string} */
export function executionId(node) {
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
