/** Nodes after the editor whose size or number of frames differs from the drawing's, or that do not take it. */

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
  WanVaceToVideo: { width: 'width', height: 'height', frames: 'length' },
  ARVideoI2V: { width: 'width', height: 'height', frames: 'length' },
  EmptyLTXVLatentVideo: { width: 'width', height: 'height', frames: 'length' },
  LTXVImgToVideo: { width: 'width', height: 'height', frames: 'length' },
  MiniMaxH3ImageToVideo: { width: 'width', height: 'height', frames: 'length' },
  VOIDInpaintConditioning: { frames: 'length' },
});
/** @type {Readonly<Record<string, {min: number, step: number}>>} */
const FRAMES = Object.freeze({ VOIDInpaintConditioning: { min: 5, step: 8 } }); // more than the node itself says
const FROM_LATENT = 0; // frames of Carry
const SIZE_OF = 'GetImageSize'; // a node that gives the size of a picture
const EDITS_VIDEO = 'DragNUWAEditVideo';
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
      const found = given(editor, node, input, clip);
      if (found === undefined || found === FROM_LATENT) continue;
      if (found !== wanted) return { node: node.title, input, found, wanted, nearest: null };
      const nearest = nearestTaken(node, input, found);
      if (nearest) return { node: node.title, input, found, wanted, nearest };
    }
  }
  return null;
}

/**
 * The number that an input receives, if the page can know it.
 * @param {any} editor
 * @param {any} node
 * @param {string} input
 * @param {Clip} clip the editor's
 * @returns {number | undefined}
 */
function given(editor, node, input, clip) {
  const linked = node.inputs?.some((/** @type {any} */ one) => one.name === input && one.link != null);
  if (!linked) return widgetOf(node, input) ? Number(valueOf(node, input)) : undefined;
  const from = origin(node, input);
  if (!from) return undefined;
  const output = from.node.outputs?.[from.slot]?.name;
  if (from.node === editor) return clip[/** @type {'width'} */ (output)];
  if (from.node.type === SIZE_OF) {
    const measured = origin(from.node, 'image')?.node;
    if (measured?.type === EDITS_VIDEO && output === 'batch_size') return clip.frames; // which are the video's
    return measured === editor ? clip[/** @type {'width'} */ (output)] : undefined;
  }
  const numbers = widgetsOf(from.node).filter((widget) => typeof widget.value === 'number');
  // A number node that is itself linked, as inside a blueprint, gets its value from elsewhere.
  return numbers.length === 1 ? given(editor, from.node, numbers[0].name, clip) : undefined;
}

/**
 * The numbers next to one that an input does not take, by its own least number and step: MiniMax H3 takes 5, 22, 39
 * and so on frames.
 * @param {any} node
 * @param {string} input
 * @param {number} value
 * @returns {[number, number] | null} null if it takes the number
 */
function nearestTaken(node, input, value) {
  const said = node.constructor?.nodeData?.input?.required?.[input]?.[1] ?? {};
  const { min = 0, step = 1 } = input === 'length' ? FRAMES[node.type] ?? said : said;
  const below = min + Math.floor((value - min) / step) * step;
  return below === value ? null : [Math.max(min, below), Math.max(min, below + step)];
}
