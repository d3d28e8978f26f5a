/** Nodes after the editor whose size or number of frames differs from the drawing's. */

import { origin } from './graph_picture.js';
import { valueOf, widgetOf, widgetsOf } from './page.js';
import { nodesAfter } from './results.js';

/** @import {Clip, ClipConflict} from '../editor/host.js' */

/** The inputs that have to match, by node type. All these nodes make or take one clip. */
const TAKES_CLIP = Object.freeze({
  DragNUWAEncodeTrajectories: { width: 'width', height: 'height', frames: 'frames' },
  DragNUWAConditioning: { width: 'width', height: 'height', frames: 'frames' },
  DragNUWACarry: { width: 'width', height: 'height', frames: 'frames' },
  SVD_img2vid_Conditioning: { width: 'width', height: 'height', frames: 'video_frames' },
  WanImageToVideo: { width: 'width', height: 'height', frames: 'length' },
  WanMoveTrackToVideo: { width: 'width', height: 'height', frames: 'length' },
});
const CUTS = 'DragNUWATransformTrajectories'; // outputs only a part of the clip

/**
 * @param {any} editor the node
 * @param {Clip} clip of the editor
 * @returns {ClipConflict | null} the first conflict
 */
export function clipConflict(editor, clip) {
  const after = nodesAfter(editor);
  if (after.some(({ type }) => type === CUTS)) return null;
  for (const node of after) {
    for (const [what, input] of Object.entries(TAKES_CLIP[/** @type {'DragNUWACarry'} */ (node.type)] ?? {})) {
      const wanted = clip[/** @type {'width'} */ (what)];
      const found = given(editor, node, input, wanted);
      if (found !== undefined && found !== wanted) return { node: node.title, input, found, wanted };
    }
  }
  return null;
}

/**
 * The number that an input receives, if the page can know it.
 * @param {any} editor
 * @param {any} node
 * @param {string} input
 * @param {number} own the editor's value
 * @returns {number | undefined}
 */
function given(editor, node, input, own) {
  const linked = node.inputs?.some((/** @type {any} */ one) => one.name === input && one.link != null);
  if (!linked) return widgetOf(node, input) ? Number(valueOf(node, input)) : undefined;
  const from = origin(node, input)?.node;
  if (from === editor) return own;
  const numbers = from ? widgetsOf(from).filter((widget) => typeof widget.value === 'number') : [];
  // A number node that is itself linked, as inside a blueprint, gets its value from elsewhere.
  const fixed = from?.inputs?.every((/** @type {any} */ one) => one.link == null);
  return fixed && numbers.length === 1 ? numbers[0].value : undefined;
}
