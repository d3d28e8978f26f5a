/** The editor's Host (see web/editor/host.js) for one node on ComfyUI's page. */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { api } from '../../../scripts/api.js';
import { Editor } from '../editor/editor.js';
import { openDialog } from '../editor/dialog.js';
import { keepTooltipAway, keepTouches, passPointer, passWheel } from './canvas_events.js';
import { clipConflict } from './clip_conflicts.js';
import { drawnByPerson, hasExample } from './example_drags.js';
import { loadPicture, showConnected } from './graph_picture.js';
import { after, captureStep, complain, language, nodeOutputs, openWorkflow, widgetOf } from './page.js';
import { INPUT, PictureHost } from './picture_host.js';
import { outlinesOf, resultOf } from './results.js';
import { address, uploadPicture } from './server.js';
import { keyOf } from './undo_memory.js';

/** @import {Host} from '../editor/host.js' */
/** @import {RecentDrawings} from './recent_drawings.js' */
/** @import {UndoMemory} from './undo_memory.js' */

const CLIP_WIDGETS = ['width', 'height', 'frames', 'fit']; // which say what the clip is

/** @implements {Host} */
export class NodeHost extends PictureHost {
  /**
   * @param {any} node
   * @param {string} name of the widget
   * @param {{memory: UndoMemory, recent: RecentDrawings}} kept beyond the life of a node, and of the page
   * @param {() => void} graphRestored called after the graph has changed as a whole, as by its undo
   */
  constructor(node, name, { memory, recent }, graphRestored) {
    super(node);
    this.name = name;
    this.memory = memory;
    this.recent = recent;
    this.graphRestored = graphRestored;
    this.language = language();
    /** @type {Set<(byHand: boolean) => void>} */
    this.listeners = new Set();
    this.key = '';
    /** Whether the node is in a graph, as far as the editor has heard. */
    this.present = false;
    /** Events of the page, with their listeners. @type {[string, () => void][]} */
    this.events = [];
    /** Widgets whose callback calls `changed`. @type {WeakSet<object>} */
    this.followed = new WeakSet();
    this.element = document.createElement('div');
    this.element.className = 'dnw-mount';
    this.element.dataset.captureWheel = 'true';
    this.element.dataset.testid = 'dragnuwa-editor-mount';
    this.editor = new Editor(this);
    this.element.append(this.editor.root);
    keepTooltipAway(this.element);
    keepTouches(this.editor.root);
    this.fresh = true; // made by hand, and still of the size that it was made with
    this.changed = (byHand = false) => {
      if (byHand) this.fresh = false;
      if (node.graph) showConnected(node, { ...this.clip() });
      for (const listener of this.listeners) listener(byHand);
    };
    this.#followNode();
  }

  isExample() {
    return hasExample(this.node);
  }

  isNew() {
    return this.fresh;
  }

  /** @param {{width: number, height: number}} size @param {boolean} byHand */
  resize(size, byHand) {
    const widgets = [widgetOf(this.node, 'width'), widgetOf(this.node, 'height')];
    const linked = this.node.inputs?.some((/** @type {any} */ input) => input.link != null && input.name in size);
    if (linked || widgets.some((widget) => !widget)) return false;
    this.fresh = false;
    [widgets[0].value, widgets[1].value] = [size.width, size.height];
    this.changed(byHand);
    this.remember();
    return true;
  }

  result() {
    return this.node.graph ? resultOf(this.node, address) : null;
  }

  conflict() {
    return this.node.graph ? clipConflict(this.node, this.clip()) : null;
  }

  connected() {
    return this.node.inputs?.some((/** @type {any} */ input) => input.name === INPUT && input.link != null) ?? false;
  }

  /**
   * Index of the input that a workflow made elsewhere has for the drags; the page itself makes none.
   * @returns {number} -1 where there is none
   */
  #socket() {
    return this.node.inputs?.findIndex((/** @type {any} */ input) => input.widget?.name === this.name) ?? -1;
  }

  overridden() {
    return this.node.inputs?.[this.#socket()]?.link != null;
  }

  /** The workflow is open, with its links: an input for the drags that has none goes, since it would take one. */
  loaded() {
    this.catchUp();
    for (const name of CLIP_WIDGETS) this.#followWidget(name);
    if (!this.overridden() && this.#socket() >= 0) this.node.removeInput(this.#socket());
    this.changed();
  }

  takeOver() {
    const socket = this.#socket();
    if (socket >= 0) this.node.removeInput(socket); // with its link
    this.remember();
  }

  /** @param {(byHand: boolean) => void} listener */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** One step in the graph's own undo. */
  remember() {
    if (!this.node.graph) return;
    if (this.editor.state.value !== this.editor.state.loaded) drawnByPerson(this.node);
    captureStep();
    this.#note();
    this.node.graph.setDirtyCanvas?.(true, true);
  }

  keep() {
    if (this.node.graph) this.#note(true);
  }

  /** The node among those of all workflows: the same in the page that comes after a reload. */
  #place() {
    return `${openWorkflow()?.path}/${keyOf(this.node)}`;
  }

  /** @param {boolean} [unfinished] */
  #note(unfinished = false) {
    const { value, loaded } = this.editor.state;
    this.recent.note(this.#place(), value, loaded, unfinished);
  }

  /** After a reload: takes back what was drawn too shortly before it. */
  restore() {
    const newer = this.recent.newer(this.#place(), this.editor.value);
    if (newer !== undefined && this.editor.state.restore(newer)) this.editor.settle(true);
  }

  outlines() {
    return outlinesOf(this.node);
  }

  /**
   * Puts a picture into the input folder and into the node that feeds this one; that node is made if there is none.
   * @param {File} file
   */
  async upload(file) {
    loadPicture(this.node, INPUT, await uploadPicture(file));
    this.remember();
    this.changed();
  }

  /** @param {WheelEvent} event that the editor does not use */
  passWheel(event) {
    passWheel(event);
  }

  /** @param {PointerEvent} event of the middle button, which moves the graph */
  passPointer(event) {
    passPointer(event);
  }

  fullWindow() {
    openDialog(this.editor, () => this.element, this.node.title);
  }

  #followNode() {
    const { node } = this;
    const changed = () => this.changed();
    const graphChanged = () => {
      this.catchUp(); // a removal may have gone unheard
      if (!this.present) return;
      this.#note();
      this.graphRestored();
      changed();
    };
    this.events = Object.entries({ graphChanged, executed: changed, execution_cached: changed });
    after(node, 'onAdded', () => this.#enter());
    after(node, 'onRemoved', () => this.#leave());
    after(node, 'onConnectionsChange', () => {
      const own = nodeOutputs()[String(node.id)];
      if (node.graph && own) this.outdated = own.dragnuwa_picture ?? null;
      requestAnimationFrame(changed);
    });
    after(node, 'onConfigure', () => {
      this.fresh = false;
      requestAnimationFrame(changed);
    });
    requestAnimationFrame(() => {
      if (node.graph && !this.present) complain('A node was added without a word.');
      this.catchUp();
    });
  }

  /** Follows the node into its graph, or out of it, where the page has not said so. */
  catchUp() {
    if (this.node.graph) this.#enter();
    else this.#leave();
  }

  #enter() {
    if (this.present) return;
    this.present = true;
    this.key = keyOf(this.node);
    this.editor.state.earlier = this.memory.kept(this.key);
    this.editor.connect();
    for (const [event, listener] of this.events) api.addEventListener(event, listener);
    for (const name of CLIP_WIDGETS) this.#followWidget(name);
  }

  #leave() {
    if (!this.present) return;
    this.present = false;
    for (const [event, listener] of this.events) api.removeEventListener(event, listener);
    this.editor.disconnect();
    this.memory.keep(this.key, this.editor.state.memory);
  }

  /** @param {string} name */
  #followWidget(name) {
    const widget = widgetOf(this.node, name);
    if (!widget || this.followed.has(widget)) return;
    this.followed.add(widget);
    after(widget, 'callback', () => this.changed(true));
  }
}
