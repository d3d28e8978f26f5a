/** What the graph says of the video that a run makes of an editor's clip. */

import { numberOf, videoRate } from './graph_picture.js';
import { isSkipped } from './page.js';
import { nodesAfter } from './results.js';

/** @import {Enlarging} from '../core/video_size.js' */
/** @import {Clip, VideoMade} from '../editor/host.js' */

/**
 * @param {any} editor the node
 * @param {Clip} clip of the editor
 * @returns {VideoMade}
 */
export function videoMade(editor, clip) {
  const { rate, between } = videoRate(editor);
  return { enlarging: enlargingAfter(editor), frames: (clip.frames - 1) * between + 1, rate };
}

/** @param {any} editor @returns {Enlarging} */
function enlargingAfter(editor) {
  const used = nodesAfter(editor).filter((node) => !isSkipped(node));
  const restore = used.find(({ type }) => type === 'DragNUWARestoreDetail');
  if (restore) return { width: numberOf(restore, 'width') ?? 0, height: numberOf(restore, 'height') ?? 0 };
  const move = used.find(({ type }) => type === 'DragNUWAMovePicture');
  return move ? { longerSide: numberOf(move, 'longer_side') ?? 0 } : null;
}
