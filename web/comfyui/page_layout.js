/** How nodes and templates are laid out on ComfyUI's page, by its private interface as in page.js. */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { app } from '../../../scripts/app.js';
import { isLinked, widgetsOf } from './page.js';

/** Makes a node at least so large. @param {any} node @param {{width: number, height: number}} smallest */
export const growTo = (node, { width, height }) => (
  node.setSize([Math.max(node.size[0], width), Math.max(node.size[1], height)]));

const ROW = 20; // height of a widget in the classic page, which adds
const GAP = 4; // to each, even to one that it does not show

/**
 * Folds a node's advanced inputs in the classic page too, under its "Show Advanced", unless they are linked.
 * @param {any} node
 */
export function foldAdvanced(node) {
  for (const widget of widgetsOf(node).filter((/** @type {any} */ { options }) => options?.advanced)) {
    const isFolded = () => !isLinked(node, [widget.name]);
    Object.defineProperty(widget, 'advanced', { get: isFolded, configurable: true });
    widget.computeSize = (/** @type {number} */ width) => [width, isFolded() && !node.showAdvanced ? -GAP : ROW];
  }
}

const AROUND = Object.freeze({ left: 70, top: 98, right: 20, bottom: 10 }); // CSS pixels: the page's own bars
const NOTE = 'MarkdownNote'; // which Nodes 2.0 makes as long as its text
const FITS = 'dragnuwa_fits'; // in the extra data of a template that has never been saved

/**
 * Left, top, width and height of a node, without what Nodes 2.0 puts under an editor: its badge, and a button.
 * @param {any} node
 * @param {number} scale
 * @returns {number[]}
 */
function withoutFooter(node, scale) {
  const [left, top, width, height] = node.getBounding();
  const whole = document.querySelector(`[data-node-id="${CSS.escape(String(node.id))}"]`);
  const editor = whole?.querySelector('.dnw-mount');
  const below = (/** @type {Element} */ one) => one.getBoundingClientRect().bottom / scale;
  return [left, top, width, editor && whole ? height - below(whole) + below(editor) : height];
}

/**
 * Shows a template, when it is opened, as large as the page has room for: the page's own fit leaves a quarter free, and
 * the picture is too small to draw on.
 */
export function fitTemplate() {
  const { canvas, rootGraph } = app;
  if (rootGraph?.extra?.[FITS] === undefined || canvas?.graph !== rootGraph) return;
  delete rootGraph.extra[FITS];
  if (rootGraph.extra.ds) return;
  const boxes = rootGraph.nodes.filter((/** @type {any} */ node) => node.type !== NOTE)
    .map((/** @type {any} */ node) => withoutFooter(node, canvas.ds.scale));
  const [left, top] = [0, 1].map((axis) => Math.min(...boxes.map((/** @type {number[]} */ box) => box[axis])));
  const [width, height] = [[0, left], [1, top]].map(([axis, begin]) => (
    Math.max(...boxes.map((/** @type {number[]} */ box) => box[axis] + box[axis + 2])) - begin));
  const { clientWidth, clientHeight } = canvas.canvas;
  const [across, down] = [clientWidth - AROUND.left - AROUND.right, clientHeight - AROUND.top - AROUND.bottom];
  const scale = Math.min(1, across / width, down / height);
  if (!(scale > 0)) return;
  const free = [across - width * scale, down - height * scale].map((one) => Math.max(0, one) / 2);
  canvas.ds.scale = scale;
  canvas.ds.offset = [(AROUND.left + free[0]) / scale - left, (AROUND.top + free[1]) / scale - top];
  canvas.setDirty(true, true);
}
