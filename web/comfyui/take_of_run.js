/** What a run made of an editor's drags, by the server's history. */

import { executionId } from './execution.js';
import { filesIn, nodesAfter, resultIn } from './results.js';

/** @import {HistoryEntry} from './server.js' */
/** @import {Take} from './takes.js' */

const SEEDS = ['seed', 'noise_seed'];

/**
 * @param {HistoryEntry} entry
 * @param {any} node the editor's
 * @returns {Take | null} null if the run was of another workflow, or made nothing of the drags
 */
export function takeOf({ prompt: [, , nodes, extra], outputs }, node) {
  const own = nodes[executionId(node)];
  const workflow = extra?.extra_pnginfo?.workflow?.id;
  const isOther = workflow !== undefined && workflow !== node.graph.rootGraph?.id;
  if (own?.class_type !== node.comfyClass || isOther) return null;
  const after = nodesAfter(node).map((one) => ({ type: one.type, id: executionId(one) }));
  const result = resultIn(after.map(({ type, id }) => ({ type, files: filesIn(outputs[id]) })));
  if (!result) return null;
  const seeds = after.flatMap(({ id }) => SEEDS.map((name) => nodes[id]?.inputs[name]));
  const seed = seeds.find((one) => typeof one === 'number');
  const { trajectories } = own.inputs;
  const drags = typeof trajectories === 'string' ? trajectories : null; // not if another node gives them
  return { ...result, seed: typeof seed === 'number' ? seed : null, drags };
}
