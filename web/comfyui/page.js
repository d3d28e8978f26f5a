/**
 * All uses of the private interface of ComfyUI's page, in one place: if a new version breaks something, it breaks here.
 * Anything missing is reported once in the browser's console, and the editor works without it. Fields of nodes are read
 * here, in page_layout.js, and in graph.js, which follows their links; a lint rule keeps them out of other files.
 */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { app } from '../../../scripts/app.js';

/** A node's `mode` when it passes its inputs on, and when it does not run. */
export const BYPASSED = 4;
export const MUTED = 2;

/** How a run skips a node; null where it does not. @param {any} node @returns {'bypassed' | 'muted' | null} */
export function skippedAs({ mode }) {
  if (mode === BYPASSED) return 'bypassed';
  return mode === MUTED ? 'muted' : null;
}

/** Whether a run skips a node. @param {any} node */
export const isSkipped = (node) => skippedAs(node) !== null;

/** Whether a node is in a graph: the page keeps some that are not. @param {any} node */
export const isPlaced = (node) => Boolean(node.graph);

/**
 * A key shared by a node and the one that the graph's undo replaces it with.
 * @param {any} node
 * @returns {string}
 */
export const nodeKey = ({ graph, id }) => `${graph?.rootGraph?.id}/${graph?.id}/${id}`;

/** A node's class, as the server knows it. @param {any} node @returns {string | undefined} */
export const classOf = (node) => node.comfyClass;

/** The id of the workflow that a node is in, if it has one. @param {any} node @returns {string | undefined} */
export const workflowOf = (node) => node.graph?.rootGraph?.id;

/** The Python module of a node's class, such as "comfy_extras.nodes_video". @param {any} node @returns {string} */
export const moduleOf = (node) => node.constructor?.nodeData?.python_module ?? '';

/** Whether one of a node's inputs of these names is linked. @param {any} node @param {readonly string[]} names */
export const isLinked = (node, names) => (node.inputs ?? []).some(
  (/** @type {any} */ input) => names.includes(input.name) && input.link != null);

/** Whether one of a node's outputs is linked. @param {any} node */
export const isUsed = (node) => (node.outputs ?? []).some((/** @type {any} */ { links }) => links?.length > 0);

/** The name of a node's output. @param {any} node @param {number} slot @returns {string | undefined} */
export const outputName = (node, slot) => node.outputs?.[slot]?.name;

/**
 * What the definition of a node says of its inputs, by their names.
 * @param {any} node
 * @returns {Record<string, any>}
 */
export function inputSpecs(node) {
  const { required, optional } = node.constructor?.nodeData?.input ?? {};
  return { ...required, ...optional };
}

/** A value that is saved with a node. @param {any} node @param {string} name @returns {unknown} */
export const propertyOf = (node, name) => node.properties?.[name];

/** Saves a value with a node; undefined takes it away. @param {any} node @param {string} name @param {unknown} value */
export function setProperty(node, name, value) {
  if (value === undefined) delete node.properties?.[name];
  else node.properties[name] = value;
}

/** Has the page draw a node's graph anew. @param {any} node */
export const redraw = (node) => node.graph?.setDirtyCanvas?.(true, true);

/**
 * A new node to the left of another one, which feeds an input of that.
 * @param {string} type
 * @param {any} node
 * @param {string} input
 * @param {number} away pixels of the graph
 */
export function addBefore(type, node, input, away) {
  // @ts-ignore the page's own
  const made = globalThis.LiteGraph.createNode(type);
  made.pos = [node.pos[0] - away, node.pos[1]];
  node.graph.add(made);
  connect({ node: made, slot: 0 }, node, input);
  return made;
}

/**
 * What an input can be linked to: an output of a node in the same graph, or an input of the subgraph that this is.
 * @typedef {{node: any, slot: number} | {edge: any}} Source
 */

/** Links an input of a node. @param {Source} source @param {any} node @param {string} name of the input */
export function connect(source, node, name) {
  const input = node.inputs.find((/** @type {any} */ one) => one.name === name);
  if ('edge' in source) {
    const { edge } = source;
    const link = edge.connect; // called in one, the registry's scanner takes it for one to a network
    link.call(edge, input, node);
  } else source.node.connectSlots(source.node.outputs[source.slot], node, input, undefined);
}

/**
 * A new node in the place of another one, with its id, by which the page's app mode knows it. Its links are gone.
 * @param {any} node which is removed
 * @param {string} type
 */
export function replaceNode(node, type) {
  // @ts-ignore the page's own
  const made = globalThis.LiteGraph.createNode(type);
  const { graph, id, pos, size } = node;
  graph.remove(node);
  made.id = id;
  made.pos = [...pos];
  graph.add(made);
  made.setSize([Math.max(size[0], made.size[0]), Math.max(size[1], made.size[1])]);
  return made;
}

/** Has the page's undo take all that is changed in the graph for one step. @param {() => void} change */
export function asOneStep(change) {
  app.canvas.emitBeforeChange();
  try {
    change();
  } finally {
    app.canvas.emitAfterChange();
  }
}

/** @type {Set<string>} */
const said = new Set();

/** Reports in the console, once, that the page is not as expected. @param {string} what */
export function complain(what) {
  if (said.has(what)) return;
  said.add(what);
  // eslint-disable-next-line no-console -- for whoever looks why the editor does less than it should
  console.warn(`DragNUWA: ${what} This page of ComfyUI is not one that the editor knows. The drawing is safe.`);
}

/** @returns {any} undefined until the page has opened its first one */
export const openWorkflow = () => app.extensionManager?.workflow?.activeWorkflow;

/** The page's language. @returns {string} */
export const language = () => app.extensionManager?.setting?.get?.('Comfy.Locale') ?? navigator.language;

/** The outputs of the latest runs, by node. @returns {Record<string, any>} */
export const nodeOutputs = () => app.nodeOutputs ?? {};

/** The key of a node in `nodeOutputs`. @param {any} node */
export function locator({ graph, id }) {
  return graph && graph !== graph.rootGraph ? `${graph.id}:${id}` : String(id);
}

/**
 * The values of a node's list input, or none where the node has no such list; null where ComfyUI has no such node.
 * @param {string} type
 * @param {string} [input]
 * @returns {string[] | null}
 */
export function comboOptions(type, input) {
  // @ts-ignore the page's own
  const definition = globalThis.LiteGraph?.registered_node_types?.[type]?.nodeData;
  if (!definition) return null;
  const [values, options] = (input && definition.input?.required?.[input]) || [];
  const listed = Array.isArray(values) ? values : options?.options;
  return Array.isArray(listed) ? listed.filter((value) => typeof value === 'string') : [];
}

/**
 * What a new node of a type has in its inputs that are no sockets.
 * @param {string} type
 * @returns {Record<string, unknown>}
 */
export function inputDefaults(type) {
  // @ts-ignore the page's own
  const { required, optional } = globalThis.LiteGraph?.registered_node_types?.[type]?.nodeData?.input ?? {};
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const [name, [kind, options]] of Object.entries({ ...required, ...optional })) {
    const value = options?.default ?? (Array.isArray(kind) ? kind : options?.options)?.[0];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** The nodes of the graph that the page shows. @returns {any[]} */
export const shownNodes = () => app.canvas?.graph?.nodes ?? [];

/** @returns {any[]} */
export const selectedNodes = () => Object.values(app.canvas?.selected_nodes ?? {});

/** Whether a node is in the open workflow, on any level. @param {any} node */
export const isOpen = ({ graph }) => (graph?.rootGraph ?? graph) === (app.rootGraph ?? app.graph);

/**
 * Queues the open workflow once, behind what waits, by the way of the page's Run button: the page calls the widgets, so
 * that seeds get their next values, and shows what is wrong with the graph.
 * @returns {Promise<boolean>} false if something is
 */
export const queueOpenWorkflow = async () => await app.queuePrompt(0, 1) !== false;

/** All top-level nodes of the open workflow. @returns {any[]} */
export const rootNodes = () => app.graph?.nodes ?? [];

/**
 * Tells the page's store of all values what a widget of ours has: where a widget has an element of its own, the page
 * reads it only once, when the node comes into the graph (ComfyUI_frontend#9194).
 * @param {any} node
 * @param {string} name of the widget
 * @param {unknown} value
 */
export function storeValue(node, name, value) {
  const kept = widgetOf(node, name)?._state;
  if (kept) kept.value = value;
}

/** Adds a step to the page's undo, if anything has changed. */
export function captureStep() {
  const tracker = openWorkflow()?.changeTracker;
  const capture = tracker?.captureCanvasState ?? tracker?.checkState;
  if (capture) capture.call(tracker);
  else if (openWorkflow()) complain('The graph has no undo that the editor could add a step to.');
}

/** Whether the page is building a graph, so that it takes every change as part of that. */
export const isLoading = () => Boolean(openWorkflow()?.changeTracker?.constructor.isLoadingGraph);

/** Whether the page's undo is building the graph. */
export const isUndoing = () => Boolean(openWorkflow()?.changeTracker?._restoringState);

/** @param {any} node @returns {any[]} its widgets; none while the page keeps them elsewhere */
export const widgetsOf = (node) => node?.widgets ?? [];

/** @param {any} node @param {string} name @returns {any} */
export const widgetOf = (node, name) => widgetsOf(node).find((widget) => widget.name === name);

/** The last value read, by node and widget name. @type {WeakMap<object, Map<string, unknown>>} */
const lastValues = new WeakMap();

/**
 * The value of a widget, or its last value while the page has no widget of this name.
 * @param {any} node
 * @param {string} name
 * @returns {any}
 */
export function valueOf(node, name) {
  const values = lastValues.get(node) ?? new Map();
  lastValues.set(node, values);
  const widget = widgetOf(node, name);
  if (widget) values.set(name, widget.value);
  else if (node.graph) complain(`The node "${node.title}" has no "${name}" now.`);
  return values.get(name);
}

/** Sets the value of a widget as if a person had done it. @param {any} widget @param {unknown} value */
export function setValue(widget, value) {
  widget.value = value;
  widget.callback?.(value);
}

/**
 * Adds a file to a widget's list, which the page made before the file was there.
 * @param {any} widget
 * @param {string} file
 */
export function listFile(widget, file) {
  const { values } = widget.options ?? {};
  if (Array.isArray(values) && !values.includes(file)) values.push(file);
}

/**
 * Calls `then` after each call of a method that the page makes on an object.
 * @param {any} target
 * @param {string} method
 * @param {() => void} then
 */
export function after(target, method, then) {
  const before = target[method];
  target[method] = function (/** @type {any[]} */ ...values) {
    const result = before?.apply(this, values);
    then();
    return result;
  };
}

/**
 * Keeps the page from writing properties into a widget that would make it look wrong.
 * @param {any} widget
 */
export function keepShown(widget) {
  const fixed = {
    width: undefined, // an open side panel of the classic page writes one, which would persist
    computedDisabled: false, // the page hides a widget whose value is linked; the editor shows a notice instead
    connectionSuppressed: false, // the same in newer pages
  };
  for (const [name, value] of Object.entries(fixed)) {
    Object.defineProperty(widget, name, { get: () => value, set: () => {}, configurable: true });
  }
}

/**
 * The nodes connected to a node's outputs.
 * @param {any} node
 * @param {string} [output] only to the one of this name
 * @returns {any[]}
 */
export function nextNodes(node, output) {
  if (!node.graph) return [];
  return (node.outputs ?? []).flatMap((/** @type {any} */ { name }, /** @type {number} */ slot) => {
    return output === undefined || name === output ? (node.getOutputNodes?.(slot) ?? []).filter(Boolean) : [];
  });
}

/** @param {WheelEvent} event not used by the editor */
export function passWheel(event) {
  // @ts-ignore the page's own
  if (globalThis.LiteGraph?.vueNodesMode) return; // it bubbles to the node, which forwards it
  app.canvas.processMouseWheel(event);
}

/** @param {PointerEvent} event of the middle button, which pans the graph */
export function passPointer(event) {
  event.stopPropagation();
  const method = { pointerdown: 'processMouseDown', pointermove: 'processMouseMove', pointerup: 'processMouseUp' };
  app.canvas[method[/** @type {'pointerdown'} */ (event.type)]]?.(event);
}

/** The input's tooltip, meant for a text field, would cover the picture. @param {HTMLElement} element */
export function keepTooltipAway(element) {
  element.title = '';
  element.addEventListener('mouseenter', () => {
    element.closest('[data-pd-tooltip]')?.dispatchEvent(new MouseEvent('mouseleave'));
  });
}

/**
 * Two fingers on the editor zoom the editor. The page, which would zoom the graph, listens in the capturing phase above
 * the editor. Only a capturing listener on the window runs before that; it is installed only while fingers are on the
 * editor.
 * @param {HTMLElement} root
 */
export function keepTouches(root) {
  const stop = (/** @type {Event} */ event) => event.stopPropagation();
  const end = (/** @type {TouchEvent} */ event) => {
    if (event.targetTouches.length === 0) window.removeEventListener('touchmove', stop, true);
  };
  root.addEventListener('touchstart', () => window.addEventListener('touchmove', stop, true), { passive: true });
  root.addEventListener('touchend', end);
  root.addEventListener('touchcancel', end);
}

/**
 * Where the page saves the values of a node by name, too (`widgets_values_named`, from frontend 1.5x on), it opens ours
 * by name: so an input may come between others later. Values that were saved without names have today's order.
 * @param {any} node a new one
 */
export function restoreByName({ comfyClass, constructor: { nodeData }, widgets }) {
  if (!comfyClass?.startsWith('DragNUWA') || !nodeData || nodeData.fallbackWidgetsValuesNames) return;
  const saved = (widgets ?? []).filter((/** @type {any} */ widget) => widget.serialize !== false);
  nodeData.fallbackWidgetsValuesNames = saved.map((/** @type {{name: string}} */ { name }) => name);
}
