/** The editor's Refining (see web/editor/host.js) for one node on ComfyUI's page. */

import { isLoading, isOpen, isPlaced, isUndoing, nodeKey, workflowOf } from './page.js';

/** @import {Drawing} from '../editor/refine.js' */
/** @import {Refining} from '../editor/host.js' */
/** @import {Refinements} from './refinements.js' */

/** @implements {Refining} */
export class NodeRefining {
  /**
   * @param {any} node
   * @param {Refinements} page
   * @param {{changed: () => void, failed: () => void}} told `failed`: a run that this node's editor has started
   */
  constructor(node, page, told) {
    this.node = node;
    this.page = page;
    this.told = told;
    this.key = '';
    this.workflow = '';
  }

  get on() {
    return this.page.on.includes(this.workflow);
  }

  /** @param {boolean} on */
  turn(on) {
    this.page.turn(this.workflow, on);
  }

  get learning() {
    return this.page.inFlight;
  }

  /** @param {Drawing} drawing */
  has(drawing) {
    const { page, key } = this;
    if (page.givenTo(key).has(drawing)) return true;
    if (page.asking && !page.asking.drawings.has(key)) return true; // the page will ask for it in a moment
    return [page.asking, page.waiting].some((run) => {
      const own = run?.drawings.get(key);
      return own?.text === drawing.text && own?.of === drawing.of;
    });
  }

  /** @param {boolean} hand */
  touch(hand) {
    const { hands } = this.page;
    if (hand) hands.add(this.key);
    else hands.delete(this.key);
    this.page.touched = performance.now();
  }

  get rested() {
    return this.page.hands.size > 0 ? 0 : performance.now() - this.page.touched;
  }

  async queue() {
    const { node, page, key } = this;
    const isShown = isPlaced(node) && isOpen(node) && !isLoading(); // else another workflow might be queued
    return isShown ? page.queue(node, key) : true;
  }

  withdraw() {
    void this.page.withdraw();
  }

  /** The drawing that the latest run was given, if the editor has started it. */
  get refinedFrom() {
    return this.page.refinedFrom(this.key);
  }

  /** The page queues the open workflow. @param {Drawing} drawing */
  queued(drawing) {
    this.page.queued(this.key, drawing);
  }

  /** The node is in a graph. @param {unknown} text of its drawing */
  enter(text) {
    this.key = nodeKey(this.node);
    this.workflow = String(workflowOf(this.node));
    this.page.nodes.set(this.key, this);
    if (!this.page.given.has(this.key)) this.page.givenTo(this.key).open(text);
  }

  /** The node was made from a saved workflow, or anew by the graph's undo. @param {unknown} text of its drawing */
  configured(text) {
    if (!isUndoing() && this.key) this.page.givenTo(this.key).open(text);
  }

  leave() {
    if (this.page.nodes.get(this.key) === this) this.page.leave(this.key);
  }
}
