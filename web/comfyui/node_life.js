/** Follows one node on the page: when it enters a graph or leaves it, and what may have changed for its editor. */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { api } from '../../../scripts/api.js';
import { after, complain, isPlaced, widgetOf } from './page.js';

const CLIP_WIDGETS = ['width', 'height', 'frames', 'fit']; // which say what the clip is

/**
 * What the node's host does.
 * @typedef {object} Followed
 * @property {() => void} entered the node is in a graph
 * @property {() => void} left it is in none any more
 * @property {(byHand?: boolean) => void} changed something around it may have changed; `byHand`: a person did it
 * @property {() => void} graphChanged the graph has changed, also as a whole by its undo
 * @property {() => void} connectionsChanged
 * @property {() => void} configured it was made from a saved workflow
 */

export class NodeLife {
  /**
   * @param {any} node
   * @param {Followed} followed
   * @param {[string, (event: CustomEvent) => void][]} events of the page that are followed, too, while it is in a graph
   */
  constructor(node, followed, events) {
    this.node = node;
    this.followed = followed;
    /** Whether the node is in a graph, as far as the editor has heard. */
    this.present = false;
    /** Widgets whose callback is followed. @type {WeakSet<object>} */
    this.widgets = new WeakSet();
    const changed = () => followed.changed();
    /** Events of the page, with their listeners. @type {[string, (event: CustomEvent) => void][]} */
    this.events = [
      ['graphChanged', () => this.#graphChanged()], ['executed', changed], ['execution_cached', changed], ...events,
    ];
    after(node, 'onAdded', () => this.#enter());
    after(node, 'onRemoved', () => this.#leave());
    after(node, 'onConnectionsChange', () => {
      followed.connectionsChanged();
      requestAnimationFrame(changed);
    });
    after(node, 'onConfigure', () => {
      followed.configured();
      requestAnimationFrame(changed);
    });
    requestAnimationFrame(() => {
      if (isPlaced(node) && !this.present) complain('A node was added without a word.');
      this.catchUp();
    });
  }

  /** Follows the node into its graph, or out of it, where the page has not said so. */
  catchUp() {
    if (isPlaced(this.node)) this.#enter();
    else this.#leave();
  }

  /** The page may have made the node's widgets anew. */
  followWidgets() {
    for (const name of CLIP_WIDGETS) {
      const widget = widgetOf(this.node, name);
      if (!widget || this.widgets.has(widget)) continue;
      this.widgets.add(widget);
      after(widget, 'callback', () => this.followed.changed(true));
    }
  }

  #graphChanged() {
    this.catchUp(); // a removal may have gone unheard
    if (this.present) this.followed.graphChanged();
  }

  #enter() {
    if (this.present) return;
    this.present = true;
    this.followed.entered();
    for (const [event, listener] of this.events) api.addEventListener(event, listener);
    this.followWidgets();
  }

  #leave() {
    if (!this.present) return;
    this.present = false;
    for (const [event, listener] of this.events) api.removeEventListener(event, listener);
    this.followed.left();
  }
}
