/** The runs of a node: how far one is, and what the last ones have given. */

import { executionId, filesIn, nodesAfter, nodeWithId, resultIn } from './graph.js';
import { classOf, isPlaced, isUndoing, propertyOf, setProperty, workflowOf } from './page.js';
import { address, clientId, historyOf, lastRuns, queueNow } from './server.js';
import { joined, readTakes } from './takes.js';

/** @import {RunState, Take as ShownTake} from '../editor/host.js' */
/** @import {HistoryEntry} from './server.js' */
/** @import {Take} from './takes.js' */

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

class Execution {
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
    const title = now && nodeWithId(this.node, now[0])?.title;
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

/** Whether a prompt is of another workflow than a node. @param {any} node @param {any} extra data of the prompt */
function isOfAnother(node, extra) {
  const workflow = extra?.extra_pnginfo?.workflow?.id;
  return workflow !== undefined && workflow !== workflowOf(node);
}

const SEEDS = ['seed', 'noise_seed'];

/**
 * @param {HistoryEntry} entry
 * @param {any} node the editor's
 * @returns {Take | null} null if the run was of another workflow, or made nothing of the drags
 */
function takeOf({ prompt: [, , nodes, extra], outputs }, node) {
  const own = nodes[executionId(node)];
  if (own?.class_type !== classOf(node) || isOfAnother(node, extra)) return null;
  const after = nodesAfter(node).map((one) => ({ type: one.type, id: executionId(one) }));
  const result = resultIn(after.map(({ type, id }) => ({ type, files: filesIn(outputs[id]) })));
  if (!result) return null;
  const seeds = after.flatMap(({ id }) => SEEDS.map((name) => nodes[id]?.inputs[name]));
  const seed = seeds.find((one) => typeof one === 'number');
  const { trajectories } = own.inputs;
  const drags = typeof trajectories === 'string' ? trajectories : null; // not if another node gives them
  return { ...result, seed: typeof seed === 'number' ? seed : null, drags };
}

const LAST_RUNS = 8; // among which one that has already ended is looked for

/**
 * The prompt that this page has queued last, with a text of a node.
 * @param {any} node the editor's
 * @param {unknown} text
 * @returns {Promise<{id: string, waits: boolean} | null>} null if there is none; `waits`: it has not begun
 */
export async function promptWith(node, text) {
  const { queue_running: running, queue_pending: waiting } = await queueNow(); // first: a prompt goes on to the history
  const ended = (await lastRuns(LAST_RUNS)).map(({ prompt }) => prompt);
  const isIt = (/** @type {HistoryEntry['prompt']} */ [, , nodes, extra]) => (
    extra?.client_id === clientId() && !isOfAnother(node, extra)
    && nodes[executionId(node)]?.inputs.trajectories === text);
  const [last] = [...waiting, ...running, ...ended].filter(isIt).sort(([one], [other]) => other - one);
  return last ? { id: last[1], waits: waiting.includes(last) } : null;
}

const PROPERTY = 'takes'; // of the node, saved with the workflow

/** What is known of a node's runs. @typedef {{seconds: number | null, takes: readonly Take[]}} RunMemory */

/** What is known of the runs of all nodes on this page, by their keys: the page's undo replaces nodes. */
export class RunMemories {
  constructor() {
    /** @type {Map<string, RunMemory>} */
    this.byKey = new Map();
  }

  /** @param {string} key @returns {RunMemory} */
  of(key) {
    const known = this.byKey.get(key) ?? { seconds: null, takes: [] };
    this.byKey.set(key, known);
    return known;
  }
}

export class NodeRuns {
  /**
   * @param {any} node
   * @param {object} told
   * @param {(state: RunState) => void} told.progress
   * @param {() => void} told.taken there is another take
   * @param {(error: unknown) => void} told.failed the server has not said what a run made
   */
  constructor(node, { progress, taken, failed }) {
    this.node = node;
    this.progress = progress;
    this.taken = taken;
    this.failed = failed;
    /** @type {RunMemory} */
    this.memory = { seconds: null, takes: [] };
    this.execution = new Execution(node, {
      running: (running) => this.#show(running),
      computed: (seconds) => { this.memory.seconds = seconds; },
      complete: (prompt) => this.#take(prompt),
    });
    /** The takes that were read last, as the editor gets them, and from what. */
    this.read = { saved: /** @type {unknown} */ (undefined), takes: /** @type {readonly ShownTake[]} */ ([]) };
  }

  /** The page's events to follow, with their listeners. */
  get events() {
    return this.execution.events;
  }

  /** The node is in a graph, perhaps in the place of an earlier one. @param {RunMemory} memory */
  enter(memory) {
    this.memory = memory;
    this.#show(null);
  }

  /** The node was made from a saved workflow. An undo of the graph must not take results away. */
  configured() {
    if (isUndoing() && this.memory.takes.length > 0) this.#save(joined(this.#saved, this.memory.takes));
  }

  /** Oldest first; the same list as long as nothing has changed. @returns {readonly ShownTake[]} */
  get takes() {
    const saved = propertyOf(this.node, PROPERTY);
    if (saved !== this.read.saved) {
      const takes = this.#saved.map(({ files, ...take }) => ({ ...take, urls: files.map(address) }));
      this.read = { saved, takes };
    }
    return this.read.takes;
  }

  get #saved() {
    return readTakes(propertyOf(this.node, PROPERTY));
  }

  /** @param {readonly Take[]} takes */
  #save(takes) {
    setProperty(this.node, PROPERTY, takes);
    this.memory.takes = takes;
  }

  /** Adds the result of a complete run. @param {string} prompt its id */
  async #take(prompt) {
    try {
      const entry = await historyOf(prompt);
      const take = entry && isPlaced(this.node) && takeOf(entry, this.node);
      if (take) this.#save(joined(this.#saved, [take]));
    } catch (error) {
      this.failed(error);
    }
    this.taken();
  }

  /** @param {RunState['running']} running */
  #show(running) {
    this.progress({ running, seconds: this.memory.seconds });
  }
}
