/**
 * The editor inside ComfyUI: with its helpers host_picture.js and host_memory.js the only file that knows the page's
 * own objects. The editor itself knows the `Host` that is made here.
 */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { app } from '../../../scripts/app.js';
// @ts-ignore
import { api } from '../../../scripts/api.js';
import { Editor } from '../editor/editor.js';
import { openDialog } from '../editor/dialog.js';
import { keep, keyOf, kept } from './undo_memory.js';
import { frameRate, loadPicture, numberOf, pictureOf } from './graph_picture.js';

export const NODE_TYPE = 'DragNUWATrajectoryEditor';
const INPUT = 'image';
/** What the node shows of a clip; the names of its widgets. */
const CLIP_WIDGETS = ['width', 'height', 'frames', 'fit'];
const SMALLEST = { width: 420, height: 640 }; // of a new node; a saved one has its own size
const MIN_HEIGHT = 320;

/** The editors that are on the page, by their node. @type {WeakMap<object, NodeHost>} */
const hosts = new WeakMap();

/**
 * The widget in place of the text field. Its value stays the text.
 * @param {any} node
 * @param {string} name
 * @param {[string, any]} spec
 */
export function createEditorWidget(node, name, spec) {
  const host = new NodeHost(node);
  host.name = name;
  const { editor, element } = host;
  const widget = node.addDOMWidget(name, spec[0], element, {
    getValue: () => editor.value,
    setValue: (/** @type {unknown} */ value) => editor.load(value),
    getMinHeight: () => MIN_HEIGHT,
    hideOnZoom: false,
    margin: 4,
    socketless: spec[1]?.socketless,
  });
  editor.load(spec[1]?.default ?? '');
  // An open side panel of the classic page would write a width here, and the widget would keep it.
  Object.defineProperty(widget, 'width', { get: () => undefined, set: () => {}, configurable: true });
  // The classic page hides a widget whose value is linked; the editor says so itself.
  Object.defineProperty(widget, 'computedDisabled', { get: () => false, set: () => {}, configurable: true });
  host.widget = widget;
  hosts.set(node, host);
  node.setSize([Math.max(node.size[0], SMALLEST.width), Math.max(node.size[1], SMALLEST.height)]);
  return { widget };
}

/** What the editor asks of the page that it is in, for one node. */
class NodeHost {
  /** @param {any} node */
  constructor(node) {
    this.node = node;
    this.language = language();
    this.name = '';
    /** @type {any} */
    this.widget = null;
    /** @type {Set<(byHand: boolean) => void>} */
    this.listeners = new Set();
    /** A result of an earlier run whose picture no longer belongs to what is connected. @type {unknown} */
    this.outdated = null;
    this.key = '';
    this.element = document.createElement('div');
    this.element.className = 'dnw-mount';
    this.element.dataset.captureWheel = 'true';
    this.element.dataset.testid = 'dragnuwa-editor-mount';
    this.editor = new Editor(this);
    this.element.append(this.editor.root);
    this.#keepTooltipAway();
    this.#keepTouches();
    this.changed = (byHand = false) => {
      for (const listener of this.listeners) listener(byHand);
    };
    this.#followNode();
  }

  /** The clip as the node's widgets, or what is connected to them, say. */
  clip() {
    const at = (/** @type {string} */ name, /** @type {number} */ or) => numberOf(this.node, name) ?? or;
    const fit = this.node.widgets?.find((/** @type {any} */ w) => w.name === 'fit')?.value ?? 'crop';
    return { width: at('width', 576), height: at('height', 320), frames: at('frames', 14), fit, rate: frameRate(this.node) };
  }

  /** Where the picture can be had, null if none is connected or it is not known before a run. */
  picture() {
    if (!this.node.graph) return null;
    const source = pictureOf(this.node, INPUT, app.nodeOutputs ?? {}, this.outdated);
    if (!source) return null;
    const { filename, subfolder = '', type = 'input' } = source;
    const query = new URLSearchParams({ filename, subfolder, type });
    // LoadImage drops transparency and shows the colours under it; ask for them.
    if (/\.png$/i.test(filename)) query.set('channel', 'rgb');
    return { url: api.apiURL(`/view?${query}`), name: filename };
  }

  connected() {
    return this.node.inputs?.some((/** @type {any} */ input) => input.name === INPUT && input.link != null) ?? false;
  }

  /** The input that a linked workflow has for the drags; the page itself gives none. @returns {number} -1 where there is none */
  #socket() {
    return this.node.inputs?.findIndex((/** @type {any} */ input) => input.widget?.name === this.name) ?? -1;
  }

  overridden() {
    return this.node.inputs?.[this.#socket()]?.link != null;
  }

  takeOver() {
    const socket = this.#socket();
    if (socket >= 0) this.node.removeInput(socket); // with its link
    this.remember();
  }

  /** @param {(byHand: boolean) => void} listener called when the clip or the picture may have changed */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** One step in the graph's own undo. */
  remember() {
    if (!this.node.graph) return;
    const tracker = app.extensionManager?.workflow?.activeWorkflow?.changeTracker;
    (tracker?.captureCanvasState ?? tracker?.checkState)?.call(tracker);
    this.node.graph.setDirtyCanvas?.(true, true);
  }

  /**
   * Python reads what the editor does not.
   * @param {string} text
   * @returns {Promise<string>} the trajectories as our text
   * @throws {Error} with a message for the person
   */
  async parse(text) {
    const { width, height } = this.clip();
    const response = await api.fetchApi('/dragnuwa/parse', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ text, width, height }),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.error ?? `${response.status} ${response.statusText}`);
    return JSON.stringify(answer.trajectories);
  }

  /**
   * Puts a picture into the input folder and into the node that feeds this one, which is made if there is none.
   * @param {File} file
   */
  async upload(file) {
    const form = new FormData();
    form.append('image', file, file.name || 'picture.png');
    const response = await api.fetchApi('/upload/image', { method: 'POST', body: form });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    const { name, subfolder } = await response.json();
    loadPicture(this.node, INPUT, subfolder ? `${subfolder}/${name}` : name);
    this.remember();
    this.changed();
  }

  /** The wheel where the editor does not use it. @param {WheelEvent} event */
  passWheel(event) {
    // @ts-ignore the page's own
    if (globalThis.LiteGraph?.vueNodesMode) return; // bubbles to the node, which hands it on
    app.canvas.processMouseWheel(event);
  }

  /** The middle button moves the graph. @param {PointerEvent} event */
  passPointer(event) {
    event.stopPropagation();
    const method = { pointerdown: 'processMouseDown', pointermove: 'processMouseMove', pointerup: 'processMouseUp' };
    app.canvas[method[/** @type {'pointerdown'} */ (event.type)]]?.(event);
  }

  fullWindow() {
    openDialog(this.editor, () => this.element, this.node.title);
  }

  /** The input's own tooltip, right for a text field, would lie over the picture that is drawn on. */
  #keepTooltipAway() {
    this.element.title = '';
    this.element.addEventListener('mouseenter', () => {
      this.element.closest('[data-pd-tooltip]')?.dispatchEvent(new MouseEvent('mouseleave'));
    });
  }

  /**
   * Two fingers on the editor zoom in it. The page, which would zoom the graph, listens above the editor in the capturing
   * phase: only the window comes before it, and only while fingers are on the editor.
   */
  #keepTouches() {
    const { root } = this.editor;
    const stop = (/** @type {Event} */ event) => event.stopPropagation();
    const end = (/** @type {TouchEvent} */ event) => {
      if (event.targetTouches.length === 0) window.removeEventListener('touchmove', stop, true);
    };
    root.addEventListener('touchstart', () => window.addEventListener('touchmove', stop, true), { passive: true });
    root.addEventListener('touchend', end);
    root.addEventListener('touchcancel', end);
  }

  #followNode() {
    const { node } = this;
    const changed = () => this.changed();
    const graphChanged = () => {
      replaceDeadElements();
      changed();
    };
    const events = Object.entries({ graphChanged, executed: changed, execution_cached: changed });
    node.onAdded = chain(node.onAdded, () => {
      this.key = keyOf(node);
      this.editor.state.earlier = kept(this.key);
      this.editor.connect();
      for (const [event, listener] of events) api.addEventListener(event, listener);
      for (const name of CLIP_WIDGETS) this.#followWidget(name);
    });
    node.onRemoved = chain(node.onRemoved, () => {
      for (const [event, listener] of events) api.removeEventListener(event, listener);
      this.editor.disconnect();
      keep(this.key, this.editor.state.memory);
    });
    node.onConnectionsChange = chain(node.onConnectionsChange, () => {
      const own = app.nodeOutputs?.[String(node.id)];
      if (node.graph && own) this.outdated = own.dragnuwa_picture ?? null;
      requestAnimationFrame(changed);
    });
    node.onConfigure = chain(node.onConfigure, () => {
      if (!this.overridden() && this.#socket() >= 0) node.removeInput(this.#socket()); // it would take a link
      requestAnimationFrame(changed);
    });
  }

  /** @param {string} name */
  #followWidget(name) {
    const widget = this.node.widgets?.find((/** @type {any} */ w) => w.name === name);
    if (!widget || followed.has(widget)) return;
    followed.add(widget);
    widget.callback = chain(widget.callback, () => this.changed(true));
  }
}

/** Widgets whose callback is ours already. @type {WeakSet<object>} */
const followed = new WeakSet();

/**
 * @param {((...values: any[]) => any) | undefined | null} before
 * @param {() => void} after
 */
function chain(before, after) {
  return function (/** @type {any[]} */ ...values) {
    // @ts-ignore the node
    const result = before?.apply(this, values);
    after();
    return result;
  };
}

/** Of the page. @returns {string} */
export function language() {
  return app.extensionManager?.setting?.get?.('Comfy.Locale') ?? navigator.language;
}

/**
 * The editor nodes among these and inside the subgraphs among these.
 * @param {any[]} nodes
 * @returns {any[]}
 */
export function editorNodes(nodes) {
  return nodes.flatMap((node) => {
    if (hosts.has(node)) return [node];
    return node?.subgraph ? editorNodes(node.subgraph.nodes ?? []) : [];
  });
}

/**
 * Opens an editor in the full window: of a node, else of what is selected, else the only one there is.
 * @param {any} canvas
 * @param {any} [node]
 */
export function openFullWindow(canvas, node) {
  const selected = editorNodes(Object.values(canvas.selected_nodes ?? {}));
  const found = node ?? selected[0] ?? editorNodes(canvas.graph?.nodes ?? [])[0];
  hosts.get(found)?.fullWindow();
}

/**
 * After an undo the page of Nodes 2.0 goes on showing the element of the node that was there before, and drawing would
 * go nowhere. The page is done two frames later.
 */
export function replaceDeadElements() {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    for (const node of editorNodes(app.canvas?.graph?.nodes ?? [])) {
      const shown = document.querySelector(`[data-node-id="${CSS.escape(String(node.id))}"] .dnw-mount`);
      const { element } = /** @type {NodeHost} */ (hosts.get(node));
      if (shown && shown !== element) shown.replaceWith(element);
    }
  }));
}
