/** The DragNUWA Camera in Depth that an editor's drags lead to: how it moves, and what it knows of the depth. */

import { settingOf } from './graph_picture.js';
import { isSkipped, locator, nodeOutputs } from './page.js';
import { nodesAfter } from './results.js';

/** @import {DepthCamera} from '../editor/host.js' */

const OUTPUT = 'trajectories';
const NODE = 'DragNUWACameraInDepth';
const DEPTHS = ['geometry', 'depth']; // inputs by which other nodes say how far everything is
const BY_OTHERS = ['load3d_camera']; // inputs whose camera is known in a run only
/** The inputs that the server plays a camera by. */
const PLAYED = Object.freeze([
  'pan', 'tilt', 'roll', 'truck', 'pedestal', 'dolly', 'orbit', 'rise', 'zoom', 'dolly_zoom', 'handheld', 'seed',
  'focus_x', 'focus_y', 'ease', 'start', 'end', 'farthest', 'view_angle', 'grow', 'path', 'matrices', 'path_scale',
]);

/**
 * @param {any} editor the node
 * @returns {DepthCamera | null} null where the drags lead to no such node
 */
export function depthCamera(editor) {
  const node = nodesAfter(editor, OUTPUT).find((one) => one.type === NODE && !isSkipped(one));
  if (!node) return null;
  const linked = (/** @type {readonly string[]} */ names) => {
    return (node.inputs ?? []).some((/** @type {any} */ input) => names.includes(input.name) && input.link != null);
  };
  const byHand = !linked(DEPTHS);
  const { dragnuwa_depth: files, dragnuwa_lens: lens } = nodeOutputs()[locator(node)] ?? {};
  const depth = !byHand && files?.[0] && lens ? { picture: place(files[0]), lens } : null;
  const settings = PLAYED.map((name) => [name, settingOf(node, name)]);
  const unknown = settings.some(([, value]) => value === undefined);
  if (unknown || linked(BY_OTHERS) || (!byHand && !depth)) return { byHand, inputs: null };
  return { byHand, inputs: { ...Object.fromEntries(settings), ...(depth && { depth }) } };
}

/** @param {{filename: string, subfolder?: string, type?: string}} file */
const place = ({ filename, subfolder = '', type = 'temp' }) => ({ filename, subfolder, type });
