/** The clip of an editor's node, in its widgets. */

import { clipRate, numberOf } from './graph.js';
import { isLinked, valueOf, widgetOf } from './page.js';
import { growTo } from './page_layout.js';

/** @import {Size} from '../core/types.js' */
/** @import {Clip} from '../editor/host.js' */

/** The clip by the node's widgets, or by what is connected to them. @param {any} node @returns {Clip} */
export function clipOf(node) {
  return {
    width: numberOf(node, 'width') ?? 576,
    height: numberOf(node, 'height') ?? 320,
    frames: numberOf(node, 'frames') ?? 14,
    fit: valueOf(node, 'fit') ?? 'crop',
    ...clipRate(node),
  };
}

/**
 * Gives it another size, and length.
 * @param {any} node
 * @param {Size & {frames?: number}} size
 * @param {number} higher pixels of the graph by which the node grows
 * @returns {boolean} false if another node sets it
 */
export function resizeClip(node, size, higher) {
  const values = Object.entries(size).map(([name, value]) => /** @type {const} */ ([widgetOf(node, name), value]));
  if (isLinked(node, Object.keys(size)) || values.some(([widget]) => !widget)) return false;
  for (const [widget, value] of values) widget.value = value;
  if (higher > 0) growTo(node, { width: 0, height: node.size[1] + higher });
  return true;
}
