/**
 * The runs that editors start by themselves to refine what is drawn. They are the page's own runs of the open workflow,
 * behind all others in the queue, and at most one waits there. It is taken back when its drawing has changed. One that
 * has begun is left to end: its result is worth a look, and ComfyUI interrupts whatever runs when the request comes,
 * which may be somebody else's by then.
 */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { api } from '../../../scripts/api.js';
import { Refined, REST_MS } from '../editor/refine.js';
import { queueOpenWorkflow } from './page.js';
import { promptWith } from './runs.js';
import { removeFromQueue } from './server.js';

/** @import {Drawing} from '../editor/refine.js' */
/** @import {NodeRefining} from './node_refining.js' */

const CHOICE = 'dragnuwa.refine'; // in localStorage: the ids of the workflows in which it is on
const WAITING = 'dragnuwa.refining'; // in the tab's storage: what waits, for the page that comes after a reload
const MOST_WORKFLOWS = 64;

/**
 * A run of ours: for which node, and the drawings of all nodes that it was given, by their keys.
 * @typedef {{prompt: string, by: string, drawings: Map<string, Drawing>}} Own
 */

export class Refinements {
  constructor() {
    /** Ids of the workflows in which it is on. @type {readonly string[]} */
    this.on = [];
    /** What runs were given, by the nodes' keys. @type {Map<string, Refined>} */
    this.given = new Map();
    /**
     * The run that the page is asked for; `mixed`: another one was, too, at the same moment.
     * @type {{drawings: Map<string, Drawing>, mixed: boolean} | null}
     */
    this.asking = null;
    /** Ours in the queue. @type {Own | null} */
    this.waiting = null;
    /** The last one of ours that has begun. @type {Own | null} */
    this.begun = null;
    /** The prompt that began last, whosever it is, and the one that ended last. */
    this.latest = '';
    this.ended = { prompt: '', failed: false };
    /** When a drawing changed last, or a hand left it. */
    this.touched = 0;
    /** Keys of the nodes on whose drawing a hand is. @type {Set<string>} */
    this.hands = new Set();
    /** The nodes on the page, by their keys. @type {Map<string, NodeRefining>} */
    this.nodes = new Map();
  }

  /** Follows runs from now on, also the one of ours that was waiting before a reload. */
  start() {
    const on = parsed(localStorage.getItem(CHOICE));
    if (Array.isArray(on)) this.on = on.filter((id) => typeof id === 'string');
    const { prompt, by, drawings } = parsed(sessionStorage.getItem(WAITING)) ?? {};
    if (Array.isArray(drawings)) this.waiting = { prompt, by, drawings: new Map(drawings) };
    /** @type {Record<string, (prompt: string) => void>} */
    const heard = {
      execution_start: (id) => this.#begin(id),
      execution_success: (id) => this.#end(id, false),
      execution_interrupted: (id) => this.#end(id, false),
      execution_error: (id) => this.#end(id, true),
    };
    for (const [event, hear] of Object.entries(heard)) {
      api.addEventListener(event, (/** @type {CustomEvent} */ { detail }) => hear(detail.prompt_id));
    }
  }

  /** Switches it on or off in a workflow. @param {string} workflow its id @param {boolean} on */
  turn(workflow, on) {
    const others = this.on.filter((id) => id !== workflow);
    this.on = on ? [...others, workflow].slice(-MOST_WORKFLOWS) : others;
    localStorage.setItem(CHOICE, JSON.stringify(this.on));
    if (!on) void this.withdraw();
    this.#tell();
  }

  /** @param {string} key of a node @returns {Refined} */
  givenTo(key) {
    const given = this.given.get(key) ?? new Refined();
    this.given.set(key, given);
    return given;
  }

  /** Whether one of ours waits or runs. */
  get inFlight() {
    return this.asking !== null || this.waiting !== null || this.#runs;
  }

  get #runs() {
    return this.begun !== null && this.begun.prompt !== this.ended.prompt && this.latest === this.begun.prompt;
  }

  /** The page queues the open workflow, with a node's drawing. @param {string} key @param {Drawing} drawing */
  queued(key, drawing) {
    const { asking } = this;
    if (asking && !asking.drawings.has(key)) {
      asking.drawings.set(key, drawing);
      return;
    }
    if (asking) asking.mixed = true;
    this.givenTo(key).give(drawing);
  }

  /**
   * Has the page queue the open workflow.
   * @param {any} node that it is for
   * @param {string} key of that
   * @returns {Promise<boolean>} false if ComfyUI refuses it; the page shows why
   */
  async queue(node, key) {
    /** @type {NonNullable<Refinements['asking']>} */
    const asking = { drawings: new Map(), mixed: false };
    this.asking = asking;
    try {
      const accepted = await queueOpenWorkflow();
      const drawing = asking.drawings.get(key);
      const found = drawing && await promptWith(node, drawing.text);
      if (!drawing || asking.mixed) { // Run was pressed at the same moment: no prompt is known to be ours
        this.#give(asking.drawings);
        return true;
      }
      if (found) this.#own({ prompt: found.id, by: key, drawings: asking.drawings }, found.waits);
      return accepted && found !== null;
    } finally {
      this.asking = null;
      this.#tell();
    }
  }

  /** Takes ours back, if one waits. Where ComfyUI cannot be reached, it runs in vain. */
  async withdraw() {
    const { waiting } = this;
    if (!waiting) return;
    this.#wait(null);
    await removeFromQueue(waiting.prompt).catch(() => {});
  }

  /**
   * The drawing of a node that the latest run was given, if that run is ours; null while that is not known, undefined
   * if it is not.
   * @param {string} key
   */
  refinedFrom(key) {
    if (this.begun !== null && this.begun.prompt === this.latest) return this.begun.drawings.get(key)?.text;
    return this.asking ? null : undefined;
  }

  /** The node has gone, perhaps for an instant, as in an undo of the graph. @param {string} key */
  leave(key) {
    this.nodes.delete(key);
    this.hands.delete(key);
    if (this.waiting) this.#miss(key);
  }

  /** Takes back what waits if a node has gone for good. @param {string} key */
  #miss(key) {
    setTimeout(() => {
      if (this.waiting?.drawings.has(key) && !this.nodes.has(key)) void this.withdraw();
    }, REST_MS);
  }

  /** @param {Own} own @param {boolean} waits */
  #own(own, waits) {
    if (waits && own.prompt !== this.latest) {
      this.#wait(own);
      if (!this.nodes.has(own.by)) this.#miss(own.by);
      return;
    }
    this.begun = own;
    this.#give(own.drawings);
    if (this.ended.prompt === own.prompt && this.ended.failed) this.#fail(own);
  }

  /** @param {string} prompt */
  #begin(prompt) {
    this.latest = prompt;
    const { waiting } = this;
    if (waiting?.prompt !== prompt) return;
    this.#wait(null);
    this.#own(waiting, false);
    this.#tell();
  }

  /** @param {string} prompt @param {boolean} failed */
  #end(prompt, failed) {
    this.ended = { prompt, failed };
    const { begun } = this;
    if (begun?.prompt !== prompt) return;
    if (failed) this.#fail(begun);
    this.#tell();
  }

  /** The next one would fail, too. @param {Own} own */
  #fail({ by }) {
    this.nodes.get(by)?.told.failed();
  }

  /** @param {Own | null} own */
  #wait(own) {
    this.waiting = own;
    try {
      if (own) sessionStorage.setItem(WAITING, JSON.stringify({ ...own, drawings: [...own.drawings] }));
      else sessionStorage.removeItem(WAITING);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      sessionStorage.removeItem(WAITING); // too large: after a reload it runs, as one of the person's
    }
  }

  /** @param {Map<string, Drawing>} drawings */
  #give(drawings) {
    for (const [key, drawing] of drawings) this.givenTo(key).give(drawing);
  }

  #tell() {
    for (const { told } of this.nodes.values()) told.changed();
  }
}

/** @param {string | null} stored @returns {any} null if it is no JSON */
function parsed(stored) {
  try {
    return JSON.parse(stored ?? 'null');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
