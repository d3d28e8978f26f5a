/** The editors on ComfyUI's page, one per node of ours, in place of its text field; and inputs that nodes once had. */

import { NodeHost } from './node_host.js';
import {
  complain, isLoading, keepShown, openWorkflow, rootNodes, selectedNodes, shownNodes, storeValue,
} from './page.js';
import { fitTemplate, foldAdvanced, growTo } from './page_layout.js';
import { KeptSteps, RecentDrawings, UndoMemory } from './kept_drawings.js';
import { Refinements } from './refinements.js';
import { RunMemories, RunTimes } from './runs.js';

/** By node type: the input, and the index of its value among the saved widget values. */
const REMOVED = Object.freeze({
  DragNUWADragAnythingApply: { name: 'shipped_batch_order', index: 7, count: 9 },
});

/**
 * Call this before nodes of a type are created. The page saves widget values only by order, and keeps unknown sockets.
 * It must not see either, because it would assign a surplus value to another input.
 * @param {any} nodeType the node's class
 * @param {string} id of the type
 */
export function forgetRemovedInputs({ prototype }, id) {
  if (!Object.hasOwn(REMOVED, id)) return;
  const { name, index, count } = REMOVED[/** @type {keyof typeof REMOVED} */ (id)];
  const { configure } = prototype;
  prototype.configure = function (/** @type {any} */ saved) {
    const { widgets_values: values, inputs } = saved;
    const old = Array.isArray(values) && values.length === count && typeof values[index] === 'boolean';
    return configure.call(this, {
      ...saved,
      ...(old && { widgets_values: values.toSpliced(index, 1) }),
      ...(inputs && { inputs: inputs.filter((/** @type {{name: string}} */ input) => input.name !== name) }),
    });
  };
}

export const NODE_TYPE = 'DragNUWATrajectoryEditor';
const SMALLEST = { width: 500, height: 680 }; // of a new node; a saved one has its own size
const MIN_HEIGHT = 320;
const SETTLED = 6; // frames after which an opened graph has its place on the screen
const OPENING_MS = 20_000; // that the page may take to open its first workflow once its graph exists

export class EditorNodes {
  constructor() {
    /** By node. @type {WeakMap<object, NodeHost>} */
    this.hosts = new WeakMap();
    this.memory = new UndoMemory();
    this.recent = new RecentDrawings();
    this.keptSteps = new KeptSteps();
    this.runs = new RunMemories();
    this.runTimes = new RunTimes();
    this.refinements = new Refinements();
    /** Whether the page has opened a workflow. */
    this.opened = false;
  }

  /**
   * The widget that replaces the text field. Its value is still the text.
   * @param {any} node
   * @param {string} name
   * @param {[string, any]} spec
   */
  createWidget(node, name, spec) {
    if (typeof node.addDOMWidget !== 'function') {
      complain('A node takes no element of ours, so its drags are a text field.');
      return { widget: node.addWidget('text', name, spec[1]?.default ?? '', () => {}) };
    }
    const host = new NodeHost(node, name, this, () => this.replaceDeadElements());
    const { editor, element } = host;
    const widget = node.addDOMWidget(name, spec[0], element, {
      getValue: () => editor.value,
      setValue: (/** @type {unknown} */ value) => {
        editor.load(value);
        storeValue(node, name, editor.value);
      },
      getMinHeight: () => MIN_HEIGHT,
      hideOnZoom: false,
      hideInPanel: true, // the page's side panel would show an empty field of the editor's height
      margin: 4,
      socketless: spec[1]?.socketless,
    });
    // The page calls it of every widget when Run is pressed.
    widget.beforeQueued = (/** @type {any} */ asked) => host.runPressed(asked?.isPartialExecution);
    editor.load(spec[1]?.default ?? '');
    keepShown(widget);
    this.hosts.set(node, host);
    return { widget };
  }

  /** A node was created, with all its widgets; the page has given it the minimum size for them. @param {any} node */
  nodeCreated(node) {
    if (!this.hosts.has(node)) return;
    foldAdvanced(node);
    growTo(node, SMALLEST);
  }

  /**
   * The editor nodes among these, including those inside subgraphs.
   * @param {any[]} nodes
   * @returns {any[]}
   */
  among(nodes) {
    return nodes.flatMap((node) => {
      if (this.hosts.has(node)) return [node];
      return node?.subgraph ? this.among(node.subgraph.nodes ?? []) : [];
    });
  }

  /**
   * Opens an editor in the full window: of the given node, or of a selected one, or of the first one. An editor that is
   * already open there returns to its node.
   * @param {any} [node]
   */
  toggleFullWindow(node) {
    const nodes = this.among(rootNodes());
    const open = nodes.map((one) => this.hosts.get(one)?.editor.dialog).find(Boolean);
    if (open) {
      open.close();
      return;
    }
    const selected = this.among(selectedNodes());
    const found = node ?? selected[0] ?? this.among(shownNodes())[0];
    this.hosts.get(found)?.fullWindow();
  }

  /** Before the page opens a workflow. */
  start() {
    this.recent.start();
    this.keptSteps.start(() => this.among(rootNodes()).flatMap((node) => this.hosts.get(node)?.steps() ?? []));
    this.refinements.start();
  }

  /** A graph was loaded: a template is shown as large as it fits. */
  async afterOpening() {
    void this.#restoreRecent();
    await frames(() => openWorkflow() && !isLoading());
    let count = 0;
    await frames(() => (count += 1) > SETTLED); // the page fits it itself before, and Nodes 2.0 measures its nodes
    fitTemplate();
  }

  /**
   * The first graph is what the page had open before a reload, or when it was closed: the last drawings of its nodes
   * are restored, as undoable steps.
   */
  async #restoreRecent() {
    if (this.opened) return;
    this.opened = true;
    // Any earlier, the page would take the restored drawing for part of what it has stored.
    await frames(() => openWorkflow() && !isLoading());
    for (const node of this.among(rootNodes())) this.hosts.get(node)?.restore();
    this.recent.kept = [];
  }

  /** A node of an opened workflow was created, with its links. @param {any} node */
  nodeLoaded(node) {
    this.hosts.get(node)?.loaded();
    this.replaceDeadElements();
  }

  /**
   * After an undo, Nodes 2.0 still shows the element of the previous node, and whatever is drawn there is lost. Two
   * frames later, the page has finished its own work.
   */
  replaceDeadElements() {
    requestAnimationFrame(() => requestAnimationFrame(() => {
      for (const node of this.among(shownNodes())) {
        const shown = document.querySelector(`[data-node-id="${CSS.escape(String(node.id))}"] .dnw-mount`);
        const { element } = /** @type {NodeHost} */ (this.hosts.get(node));
        if (shown && shown !== element) shown.replaceWith(element);
      }
    }));
  }
}

/** Retries every frame until it succeeds, for a limited time. @param {() => unknown} done */
async function frames(done) {
  const end = performance.now() + OPENING_MS;
  while (!done() && performance.now() < end) await new Promise(requestAnimationFrame);
}
