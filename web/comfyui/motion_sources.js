/** What the graph makes of an editor's drags: whether a run needs any, and which other node adds motion to them. */

import { isSkipped } from './page.js';
import { nodesAfter } from './results.js';

/** @import {Motion} from '../editor/host.js' */

const OUTPUT = 'trajectories';
/** Nodes of ours that move something even if no drag is drawn. */
const ADDS_MOTION = new Set(['DragNUWACameraMotion', 'DragNUWAMotionBrush', 'DragNUWAMergeTrajectories']);

/**
 * @param {any} editor the node
 * @returns {Motion}
 */
export function motionAround(editor) {
  const after = nodesAfter(editor, OUTPUT).filter((node) => !isSkipped(node));
  const other = after.find(({ type }) => ADDS_MOTION.has(type));
  return { needed: after.length > 0 && !other, from: other?.title ?? null };
}
