/** What the menu of Save Video does: it puts DragNUWA Sign Video there, linked to what is before it in the graph. */

import { nodesBefore, origin, sourceBeside, sourceOf } from './graph.js';
import { asOneStep, classOf, connect, isLinked, isUsed, moduleOf, replaceNode, setValue, widgetOf } from './page.js';

const SAVE = 'SaveVideo';
const SIGN = 'DragNUWASignVideo';
const EDITOR = 'DragNUWATrajectoryEditor';
const KEPT = ['video', 'filename_prefix']; // inputs that both nodes have
const CARRY = 'DragNUWACarry';
/** Nodes that move a picture's own pixels, and make none by a model. */
const MOVERS = ['DragNUWAMovePicture', 'DragNUWAEditVideo', 'DragNUWACameraInDepth'];
/** What nodes pass on that have no model. */
const PLAIN = new Set(['IMAGE', 'MASK', 'VIDEO', 'AUDIO', 'STRING', 'INT', 'FLOAT', 'BOOLEAN', 'COMBO']);
const ELSEWHERE = /^(custom_nodes|comfy_api_nodes)\b/; // modules of nodes that may use a model of their own
/** Choices of Sign Video; without one of them, its own first one stays. */
const COMPLETED = 'picture moved, completed by a model';
const NO_MODEL = 'picture moved, without a model';

/** Whether a node is a Save Video that has a video and hands it to no other node. @param {any} node */
export const canSign = (node) => classOf(node) === SAVE && isLinked(node, ['video']) && !isUsed(node);

/**
 * Puts Sign Video in the place of Save Video, as one step of the page's undo. It takes its video and the file's name,
 * and the drags and the picture of the nearest Trajectory Editor, where links can reach them.
 * @param {any} save
 */
export function signInstead(save) {
  const before = nodesBefore(save, 'video');
  const editor = before.find((node) => classOf(node) === EDITOR);
  const picture = editor && origin(editor, 'image');
  const drags = editor && { node: editor, slot: 0 };
  const sources = {
    ...Object.fromEntries(KEPT.map((name) => [name, sourceOf(save, name)])),
    trajectories: drags && sourceBeside(save, drags),
    image: picture && sourceBeside(save, picture),
  };
  const values = { filename_prefix: widgetOf(save, 'filename_prefix')?.value, made: madeBy(before) };
  asOneStep(() => {
    const sign = replaceNode(save, SIGN);
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined) setValue(widgetOf(sign, name), value);
    }
    for (const [name, source] of Object.entries(sources)) if (source) connect(source, sign, name);
  });
}

/**
 * How a video is made, as far as the nodes before it say: what Sign Video is to say.
 * @param {any[]} before
 * @returns {string | undefined} undefined where they do not
 */
function madeBy(before) {
  const classes = before.map(classOf);
  if (classes.includes(CARRY)) return COMPLETED;
  const isMoved = MOVERS.some((mover) => classes.includes(mover));
  return isMoved && before.every(hasNoModel) ? NO_MODEL : undefined;
}

/** Whether a node neither has a model nor gets anything from one. @param {any} node */
const hasNoModel = (node) => (
  (classOf(node)?.startsWith('DragNUWA') || !ELSEWHERE.test(moduleOf(node)))
  && node.inputs.every((/** @type {any} */ { name, type }) => (
    origin(node, name) === null || String(type).split(',').every((one) => PLAIN.has(one)))));
