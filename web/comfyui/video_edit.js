/** How a run edits the video under an editor: by DragNUWA Edit Video, if its drags lead there. */

import { isSkipped, valueOf } from './page.js';
import { nodesAfter } from './results.js';

/** @import {FollowSettings} from '../editor/host.js' */

const OUTPUT = 'trajectories';
const BY_OTHERS = ['masks', 'sam3_tracks']; // inputs by which other nodes say where the things are

/**
 * @param {any} editor the node
 * @returns {FollowSettings | null} null where the things are not followed, or by other nodes
 */
export function followSettings(editor) {
  const node = nodesAfter(editor, OUTPUT).find((one) => one.type === 'DragNUWAEditVideo' && !isSkipped(one));
  const byOthers = (/** @type {any} */ input) => BY_OTHERS.includes(input.name) && input.link != null;
  if (!node || node.inputs?.some(byOthers)) return null;
  return { carries: valueOf(node, 'carries') ?? 'object', radius: Number(valueOf(node, 'radius')) || 24 };
}
