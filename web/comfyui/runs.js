/** The runs of a node: how far one is, and what the last ones have given. */

import { NOTHING_KNOWN, learned, readTimes, writeTimes } from '../core/forecast.js';
import { executionId, filesIn, nodesAfter, nodeWithId, resultIn } from './graph.js';
import { classOf, isPlaced, isUndoing, propertyOf, setProperty, workflowOf } from './page.js';
import { address, clientId, historyOf, lastRuns, queueNow } from './server.js';
import { joined, readTakes } from './takes.js';

/** @import {Task} from '../core/forecast.js' */
/** @import {RunState, Take as ShownTake} from '../editor/host.js' */
/** @import {HistoryEntry} from './server.js' */
/** @import {Take} from './takes.js' */

/**
 * A run as far as it is known, by the ids of nodes.
 * @typedef {object} Run
 * @property {string} prompt its id
 * @property {number} began ms
 * @property {Set<string>} taking those that take part
 * @property {Map<string, number>} computed ms when each that is computed anew began
 * @property {Map<string, number>} seconds that each has taken
 * @property {readonly (Task & {id: string})[] | null} tasks what was to be done; null until the node is known to take
 *   part
 */

/**
 * What is told of the runs.
 * @typedef {object} Callbacks
 * @property {(running: RunState['running']) => void} running which node runs; null at the end
 * @property {() => Run['tasks']} tasks of a run that begins now
 * @property {(run: Run) => void} ended a run with the node is complete
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
    const began = performance.now();
    this.run = { prompt, began, taking: new Set(), computed: new Map(), seconds: new Map(), tasks: null };
  }

  /** @param {{prompt_id: string, nodes?: string[]}} detail */
  #cached({ prompt_id: prompt, nodes = [] }) {
    if (this.run?.prompt === prompt) for (const id of nodes) this.run.taking.add(id);
  }

  /** @param {{prompt_id: string, nodes: NodeStates}} detail */
  #progress({ prompt_id: prompt, nodes }) {
    const { run } = this;
    if (run?.prompt !== prompt) return;
    timeNodes(run, nodes, performance.now());
    if (!run.taking.has(executionId(this.node))) return;
    run.tasks ??= this.told.tasks();
    const now = Object.entries(nodes).find(([, { state }]) => state === 'running');
    const title = now && nodeWithId(this.node, now[0])?.title;
    const fraction = now && now[1].max > 0 ? now[1].value / now[1].max : 0;
    if (title) this.told.running({ title, fraction, began: run.began });
  }

  /** @param {string} prompt @param {boolean} complete */
  #end(prompt, complete) {
    const { run, node } = this;
    if (run?.prompt !== prompt) return;
    this.run = null;
    const ours = run.taking.has(executionId(node));
    for (const [id, began] of run.computed) { // the end may be told before that of the last node
      if (!run.seconds.has(id)) run.seconds.set(id, (performance.now() - began) / 1000);
    }
    if (complete && ours) this.told.ended(run);
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

/**
 * Notes which nodes take part, and when each begins and ends.
 * @param {Run} run
 * @param {NodeStates} nodes
 * @param {number} now ms
 */
function timeNodes({ taking, computed, seconds }, nodes, now) {
  for (const [id, { state }] of Object.entries(nodes)) {
    taking.add(id);
    const began = computed.get(id) ?? now;
    computed.set(id, began);
    if (state === 'finished' && !seconds.has(id)) seconds.set(id, (now - began) / 1000);
  }
}

/** @typedef {Record<string, {value: number, max: number, state: string}>} NodeStates */

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

/** What is known of a node's runs. @typedef {{takes: readonly Take[]}} RunMemory */

const TIMES_KEY = 'DragNUWA.timesOfRuns'; // of the browser's storage

/** How long nodes have taken, in all runs that this browser has seen. */
export class RunTimes {
  constructor() {
    this.times = NOTHING_KNOWN;
  }

  /** Takes over what other pages have stored. */
  read() {
    this.times = readTimes(localStorage.getItem(TIMES_KEY));
  }

  /** @param {Run} run that is complete */
  learn({ tasks, seconds, taking }) {
    this.read(); // which another tab may have written
    for (const task of tasks ?? []) {
      const took = seconds.get(task.id);
      // What was not even in the cache does not run at all, such as a node without a way to an output.
      const idle = !taking.has(task.id) && !this.times.has(task.kind);
      if (took !== undefined || idle) this.times = learned(this.times, task, took ?? 0);
    }
    try {
      localStorage.setItem(TIMES_KEY, writeTimes(this.times));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // the storage is full or switched off: this page knows it
    }
  }
}

/** What is known of the runs of all nodes on this page, by their keys: the page's undo replaces nodes. */
export class RunMemories {
  constructor() {
    /** @type {Map<string, RunMemory>} */
    this.byKey = new Map();
  }

  /** @param {string} key @returns {RunMemory} */
  of(key) {
    const known = this.byKey.get(key) ?? { takes: [] };
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
   * @param {() => Run['tasks']} told.tasks of a run that begins now
   * @param {RunTimes} runTimes
   */
  constructor(node, { progress, taken, failed, tasks }, runTimes) {
    this.node = node;
    this.runTimes = runTimes;
    this.progress = progress;
    this.taken = taken;
    this.failed = failed;
    /** @type {RunMemory} */
    this.memory = { takes: [] };
    this.execution = new Execution(node, {
      running: (running) => this.#show(running),
      tasks,
      ended: (run) => this.runTimes.learn(run),
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
    this.runTimes.read();
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
    this.progress({ running, times: this.runTimes.times });
  }
}
