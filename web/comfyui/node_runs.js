/** The runs of one node: their progress, how long they take, and the results ("takes") that the workflow keeps. */

import { Execution } from './execution.js';
import { isUndoing } from './page.js';
import { address, historyOf } from './server.js';
import { takeOf } from './take_of_run.js';
import { joined, readTakes } from './takes.js';

/** @import {RunState, Take as ShownTake} from '../editor/host.js' */
/** @import {Take} from './takes.js' */

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
    const saved = this.node.properties?.[PROPERTY];
    if (saved !== this.read.saved) {
      const takes = this.#saved.map(({ files, ...take }) => ({ ...take, urls: files.map(address) }));
      this.read = { saved, takes };
    }
    return this.read.takes;
  }

  get #saved() {
    return readTakes(this.node.properties?.[PROPERTY]);
  }

  /** @param {readonly Take[]} takes */
  #save(takes) {
    this.node.properties[PROPERTY] = takes;
    this.memory.takes = takes;
  }

  /** Adds the result of a complete run. @param {string} prompt its id */
  async #take(prompt) {
    try {
      const entry = await historyOf(prompt);
      const take = entry && this.node.graph && takeOf(entry, this.node);
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
