/** The result of the last run for a node's drags: the video, or otherwise the pictures, downstream of it. */

import { locator, nextNodes, nodeOutputs } from './page.js';

/** @import {RunResult} from '../editor/host.js' */
/** @import {ServerFile} from './server.js' */

const MAX_NODES = 4096;
const VIDEO = /\.(mp4|webm|mov|mkv)$/i;
const PICTURES = 'SaveImage'; // previews may show anything, such as the drags themselves

/**
 * The nodes downstream of one, including those inside subgraphs.
 * @param {any} node
 * @param {string} [output] only of its output with this name
 * @returns {any[]}
 */
export function nodesAfter(node, output) {
  const seen = new Set([node]);
  for (const one of seen) {
    if (seen.size > MAX_NODES) break;
    const next = one === node ? nextNodes(node, output) : [...nextNodes(one), ...one.subgraph?.nodes ?? []];
    for (const found of next) seen.add(found);
  }
  seen.delete(node);
  return [...seen];
}

/**
 * @param {any} node
 * @param {(file: ServerFile) => string} address of a file
 * @returns {RunResult | null}
 */
export function resultOf(node, address) {
  const made = nodesAfter(node).map((one) => ({ type: one.type, files: filesIn(nodeOutputs()[locator(one)]) }));
  const result = resultIn(made);
  return result && { kind: result.kind, urls: result.files.map(address) };
}

/**
 * The video among what nodes made, or otherwise the saved pictures.
 * @param {readonly {type: string, files: readonly ServerFile[]}[]} made in the order of the nodes
 * @returns {{kind: RunResult['kind'], files: readonly ServerFile[]} | null}
 */
export function resultIn(made) {
  for (const { files } of made) {
    const video = files.find(({ filename }) => VIDEO.test(filename));
    if (video) return { kind: 'video', files: [video] };
  }
  const pictures = made.find(({ type, files }) => type === PICTURES && files.length > 0);
  return pictures ? { kind: 'images', files: pictures.files } : null;
}

/** The files in a node's output. @param {any} output @returns {ServerFile[]} */
export function filesIn(output) {
  const files = [output?.images, output?.video, output?.gifs].flat();
  return files.filter((file) => typeof file?.filename === 'string');
}

/**
 * The outlines found in a node's masks by its last run.
 * @param {any} node
 * @returns {any[]}
 */
export function outlinesOf(node) {
  const outlines = nodeOutputs()[locator(node)]?.dragnuwa_outlines;
  return node.inputs?.some((/** @type {any} */ one) => one.name === 'masks' && one.link != null) ? outlines ?? [] : [];
}
