/** Makes an uploaded picture or video the one of an editor, in the nodes that feed it or in new ones to its left. */

import { origin } from './graph_picture.js';
import { listFile, setValue, widgetOf } from './page.js';

const LEFT = 340; // how far a new node is from the one that it feeds

/**
 * @param {any} node the editor
 * @param {string} input
 * @param {string} file in the input folder
 */
export function loadPicture(node, input, file) {
  const from = origin(node, input)?.node;
  choose(from?.type === 'LoadImage' ? from : added('LoadImage', node, input), 'image', file);
}

/**
 * @param {any} node the editor
 * @param {string} input
 * @param {string} file in the input folder
 */
export function loadVideo(node, input, file) {
  const from = origin(node, input)?.node;
  const parts = from?.type === 'GetVideoComponents' ? from : added('GetVideoComponents', node, input);
  const before = origin(parts, 'video')?.node;
  choose(before?.type === 'LoadVideo' ? before : added('LoadVideo', parts, 'video'), 'file', file);
}

/** @param {any} loader @param {string} name of its widget @param {string} file */
function choose(loader, name, file) {
  const widget = widgetOf(loader, name);
  listFile(widget, file);
  setValue(widget, file);
}

/** A new node that feeds another one's input. @param {string} type @param {any} node @param {string} input */
function added(type, node, input) {
  // @ts-ignore the page's own
  const made = globalThis.LiteGraph.createNode(type);
  made.pos = [node.pos[0] - LEFT, node.pos[1]];
  node.graph.add(made);
  const slot = node.inputs.find((/** @type {any} */ one) => one.name === input);
  made.connectSlots(made.outputs[0], node, slot, undefined);
  return made;
}
