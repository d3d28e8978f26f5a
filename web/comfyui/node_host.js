/** The editor's Host (see web/editor/host.js) for one node on ComfyUI's page. */

import { Editor } from '../editor/editor.js';
import { openDialog } from '../editor/dialog.js';
import { keepTooltipAway, keepTouches, passPointer, passWheel } from './canvas_events.js';
import { clipConflict } from './clip_conflicts.js';
import { drawnByPerson, hasExample } from './example_drags.js';
import { pictureGap, showConnected } from './graph_picture.js';
import { loadPicture, loadVideo } from './load_file.js';
import { motionAround } from './motion_sources.js';
import { NodeLife } from './node_life.js';
import { NodeRuns } from './node_runs.js';
import { captureStep, language, nodeOutputs, openWorkflow, widgetOf } from './page.js';
import { unusedBecause } from './node_mode.js';
import { INPUT, PictureHost } from './picture_host.js';
import { outlinesOf, resultOf } from './results.js';
import { address, drawingIn, uploadPicture } from './server.js';
import { keyOf } from './undo_memory.js';
import { videoMade } from './video_made.js';

/** @import {Host} from '../editor/host.js' */
/** @import {RecentDrawings} from './recent_drawings.js' */
/** @import {RunMemories} from './node_runs.js' */
/** @import {UndoMemory} from './undo_memory.js' */


/** @implements {Host} */
export class NodeHost extends PictureHost {
  /**
   * @param {any} node
   * @param {string} name of the widget
   * @param {{memory: UndoMemory, recent: RecentDrawings, runs: RunMemories}} kept beyond the life of a node, or even of
   *   the page
   * @param {() => void} graphRestored called after the graph has changed as a whole, as by its undo
   */
  constructor(node, name, { memory, recent, runs }, graphRestored) {
    super(node);
    this.name = name;
    this.memory = memory;
    this.recent = recent;
    this.runMemories = runs;
    this.graphRestored = graphRestored;
    this.language = language();
    /** @type {Set<(byHand: boolean) => void>} */
    this.listeners = new Set();
    this.key = '';
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
    this.runs = new NodeRuns(node, {
      progress: (run) => this.editor.runLine.follow(run),
      taken: this.changed,
      failed: (error) => this.editor.notices.warn(this.editor.reason(error)),
    });
    this.life = new NodeLife(node, {
      entered: () => this.#enter(),
      left: () => this.#leave(),
      changed: this.changed,
      graphChanged: () => this.#graphChanged(),
      connectionsChanged: () => this.#connectionsChanged(),
      configured: () => this.#configured(),
    }, this.runs.events);
  }

  isExample() {
    return hasExample(this.node);
  }

  isNew() {
    return this.fresh;
  }

  /** @param {{width: number, height: number, frames?: number}} size @param {boolean} byHand */
  resize(size, byHand) {
    const { node } = this;
    const values = Object.entries(size).map(([name, value]) => /** @type {const} */ ([widgetOf(node, name), value]));
    const linked = this.node.inputs?.some((/** @type {any} */ input) => input.link != null && input.name in size);
    if (linked || values.some(([widget]) => !widget)) return false;
    this.fresh = false;
    for (const [widget, value] of values) widget.value = value;
    this.changed(byHand);
    this.remember();
    return true;
  }

  result() {
    return this.node.graph ? resultOf(this.node, address) : null;
  }

  takes() {
    return this.runs.takes;
  }

  conflict() {
    return this.node.graph ? clipConflict(this.node, this.clip()) : null;
  }

  motion() {
    return this.node.graph ? motionAround(this.node) : { needed: false, from: null };
  }

  video() {
    return videoMade(this.node, this.clip());
  }

  pictureGap() {
    return this.node.graph ? pictureGap(this.node, INPUT) : 'unconnected';
  }

  unused() {
    return this.node.graph ? unusedBecause(this.node) : null;
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
    this.life.catchUp();
    this.life.followWidgets();
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
    if (this.editor.session.value !== this.editor.session.loaded) drawnByPerson(this.node);
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
    const { value, loaded } = this.editor.session;
    this.recent.note(this.#place(), value, loaded, unfinished);
  }

  /** After a reload: takes back what was drawn too shortly before it. */
  restore() {
    const newer = this.recent.newer(this.#place(), this.editor.value);
    if (newer !== undefined && this.editor.session.restore(newer)) this.editor.commit(true);
  }

  outlines() {
    return outlinesOf(this.node);
  }

  /**
   * Puts a picture or a video into the input folder and into the node that feeds this one; nodes are made where there
   * are none.
   * @param {File} file
   */
  async upload(file) {
    const load = file.type.startsWith('video/') ? loadVideo : loadPicture;
    load(this.node, INPUT, await uploadPicture(file));
    this.remember();
    this.changed();
  }

  /** @param {File} file */
  async drawingOf(file) {
    return drawingIn(await uploadPicture(file));
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

  #enter() {
    this.key = keyOf(this.node);
    this.editor.session.earlier = this.memory.kept(this.key);
    this.runs.enter(this.runMemories.of(this.key));
    this.editor.attach();
  }

  #configured() {
    this.fresh = false;
    this.runs.configured();
  }

  #leave() {
    this.editor.detach();
    this.memory.keep(this.key, this.editor.session.memory);
  }

  #graphChanged() {
    this.#note();
    this.graphRestored();
    this.changed();
  }

  /** A picture of the last run may not be of what is connected now. */
  #connectionsChanged() {
    const own = nodeOutputs()[String(this.node.id)];
    if (this.node.graph && own) this.outdated = own.dragnuwa_picture ?? null;
  }
}
