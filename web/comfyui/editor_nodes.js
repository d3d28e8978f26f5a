/** The editors on ComfyUI's page: one for each of our nodes, in place of its text field. */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { app } from '../../../scripts/app.js';
import { NodeHost } from './node_host.js';
import { complain, isLoading, keepShown, openWorkflow, rootNodes } from './page.js';
import { RecentDrawings } from './recent_drawings.js';
import { UndoMemory } from './undo_memory.js';

export const NODE_TYPE = 'DragNUWATrajectoryEditor';
const SMALLEST = { width: 500, height: 680 }; // of a new node; a saved one has its own size
const MIN_HEIGHT = 320;
const OPENING_MS = 20_000; // that the page may take to open its first workflow, once its graph is there

export class EditorNodes {
  constructor() {
    /** By their node. @type {WeakMap<object, NodeHost>} */
    this.hosts = new WeakMap();
    this.memory = new UndoMemory();
    this.recent = new RecentDrawings();
    /** Whether the page has opened a workflow. */
    this.opened = false;
  }

  /**
   * The widget in place of the text field. Its value stays the text.
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
      setValue: (/** @type {unknown} */ value) => editor.load(value),
      getMinHeight: () => MIN_HEIGHT,
      hideOnZoom: false,
      hideInPanel: true, // the page's side panel would show an empty field of the editor's height
      margin: 4,
      socketless: spec[1]?.socketless,
    });
    editor.load(spec[1]?.default ?? '');
    keepShown(widget);
    this.hosts.set(node, host);
    return { widget };
  }

  /** A node was made, with all its widgets; the page has given it the least size that holds them. @param {any} node */
  nodeCreated(node) {
    if (!this.hosts.has(node)) return;
    node.setSize([Math.max(node.size[0], SMALLEST.width), Math.max(node.size[1], SMALLEST.height)]);
  }

  /**
   * The editor nodes among these and inside the subgraphs among these.
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
   * Opens an editor in the full window: of the given node, else of a selected one, else of the first one. The one that
   * is open there goes back to its node.
   * @param {any} canvas
   * @param {any} [node]
   */
  toggleFullWindow(canvas, node) {
    const nodes = this.among(rootNodes());
    const open = nodes.map((one) => this.hosts.get(one)?.editor.dialog).find(Boolean);
    if (open) {
      open.close();
      return;
    }
    const selected = this.among(Object.values(canvas.selected_nodes ?? {}));
    const found = node ?? selected[0] ?? this.among(canvas.graph?.nodes ?? [])[0];
    this.hosts.get(found)?.fullWindow();
  }

  /**
   * A graph is there. The first one is what the page had open before a reload, or was left with for other reasons: what
   * was drawn last in its nodes is put back, as a step that can be undone.
   */
  async restoreRecent() {
    if (this.opened) return;
    this.opened = true;
    // Before, the page would take what is put back for a part of what it has stored.
    await frames(() => openWorkflow() && !isLoading());
    for (const node of this.among(rootNodes())) this.hosts.get(node)?.restore();
    this.recent.kept = [];
  }

  /** A node of an opened workflow is there, with its links. @param {any} node */
  nodeLoaded(node) {
    this.hosts.get(node)?.loaded();
    this.replaceDeadElements();
  }

  /**
   * After an undo, Nodes 2.0 still shows the element of the node that was there before, and what is drawn there is
   * lost. The page has finished its own work two frames later.
   */
  replaceDeadElements() {
    requestAnimationFrame(() => requestAnimationFrame(() => {
      for (const node of this.among(app.canvas?.graph?.nodes ?? [])) {
        const shown = document.querySelector(`[data-node-id="${CSS.escape(String(node.id))}"] .dnw-mount`);
        const { element } = /** @type {NodeHost} */ (this.hosts.get(node));
        if (shown && shown !== element) shown.replaceWith(element);
      }
    }));
  }
}

/** Frame by frame until something is done, but not for ever. @param {() => unknown} done */
async function frames(done) {
  const end = performance.now() + OPENING_MS;
  while (!done() && performance.now() < end) await new Promise(requestAnimationFrame);
}
