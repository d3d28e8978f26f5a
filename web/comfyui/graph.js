/** Reads the graph around an editor: the picture that is connected, the nodes before and after it, and its results. */

import {
  BYPASSED, inputSpecs, isLinked, isSkipped, locator, MUTED, nextNodes, nodeOutputs, valueOf, widgetOf, widgetsOf,
} from './page.js';
import { pairedWith, passesOn, sourceOfVirtual } from './virtual_nodes.js';

/** @import {PictureGap, RunResult} from '../editor/host.js' */
/** @import {ServerFile} from './server.js' */
/** @import {Source} from './page.js' */

const SUBGRAPH_INPUT = -10;
const MAX_STEPS = 64; // along one chain of links: a damaged graph may have loops
const DEFAULT_RATE = 7; // SVD's frames per second
const VIDEO = /\.mp4$/i; // what our own node keeps of a video
const OURS = 'DragNUWA'; // prefix of our nodes' classes

/**
 * The node that feeds an input, looking through reroutes and other nodes that only pass a value on, bypassed nodes and
 * subgraph boundaries.
 * @param {any} node
 * @param {string} name of the input
 * @returns {{node: any, slot: number} | null}
 */
export function origin(node, name) {
  const found = traced(node, name);
  return typeof found === 'string' ? null : found;
}

/**
 * Why an input's picture is not known.
 * @param {any} node
 * @param {string} name of the input
 * @returns {PictureGap}
 */
export function pictureGap(node, name) {
  const found = traced(node, name);
  return typeof found === 'string' ? found : 'later';
}

/**
 * The node that feeds an input, or where the way to it ends.
 * @param {any} node
 * @param {string} name of the input
 */
const traced = (node, name) => followed(node.graph, linkTo(node, name));

/**
 * The node at the beginning of a link, or where the way to it ends.
 * @param {any} graph of the link
 * @param {any} link
 * @returns {{node: any, slot: number} | Exclude<PictureGap, 'later'>}
 */
function followed(graph, link) {
  for (let step = 0; link && step < MAX_STEPS; step += 1) {
    if (Number(link.origin_id) === SUBGRAPH_INPUT) {
      const inner = graph.inputs?.[link.origin_slot];
      const outer = outerNode(graph.rootGraph, graph);
      graph = outer?.graph;
      link = outer && linkTo(outer, inner?.name);
      if (!link) return 'outside';
      continue;
    }
    const from = graph.getNodeById(link.origin_id);
    if (!from || from.mode === MUTED) return 'muted';
    if (from.subgraph) {
      graph = from.subgraph;
      link = linkInside(from, link.origin_slot);
    } else if (passesOn(from)) {
      ({ graph, link } = sourceOfVirtual(from, link.origin_slot));
    } else if (from.mode === BYPASSED) {
      const type = from.outputs?.[link.origin_slot]?.type;
      link = linkOf(graph, from.inputs?.find((/** @type {any} */ input) => input.type === type));
    } else {
      return { node: from, slot: link.origin_slot };
    }
  }
  return 'unconnected';
}

/**
 * The widget whose value a run takes for an input: its own, that of a subgraph around it, or the only one of the node
 * that feeds it.
 * @param {any} node
 * @param {string} name
 * @returns {{node: any, name: string} | null} null where another node computes it
 */
export function settingPlace(node, name) {
  let place = { node, name };
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const { graph } = place.node;
    const link = linkTo(place.node, place.name);
    if (!link) return place;
    const inner = Number(link.origin_id) === SUBGRAPH_INPUT && graph.inputs?.[link.origin_slot];
    if (!inner) break;
    place = { node: outerNode(graph.rootGraph, graph), name: inner.name };
    if (!place.node) return null;
  }
  const from = origin(node, name)?.node;
  const widgets = widgetsOf(from);
  return widgets.length === 1 ? { node: from, name: widgets[0].name } : null;
}

/** The value that a run takes for an input; undefined where another node computes it. */
/** @param {any} node @param {string} name @returns {any} */
export function settingOf(node, name) {
  const place = settingPlace(node, name);
  return place ? valueOf(place.node, place.name) : undefined;
}

/** @param {any} graph @param {any} input */
const linkOf = (graph, input) => (graph && input?.link != null ? graph.getLink(input.link) : undefined);

/** The link to the input of a name. @param {any} node @param {string} name */
const linkTo = ({ graph, inputs }, name) => (
  linkOf(graph, inputs?.find((/** @type {any} */ input) => input.name === name)));

/** The link inside of a subgraph to one of its outputs. @param {any} node @param {number} slot */
const linkInside = ({ subgraph }, slot) => subgraph.getLink(subgraph.outputs?.[slot]?.linkIds?.[0]);

/**
 * What an input is linked to in its own graph.
 * @param {any} node
 * @param {string} name of the input
 * @returns {Source | null}
 */
export function sourceOf(node, name) {
  const link = linkTo(node, name);
  if (!link) return null;
  const edge = Number(link.origin_id) === SUBGRAPH_INPUT && node.graph.inputs[link.origin_slot];
  return edge ? { edge } : { node: node.graph.getNodeById(link.origin_id), slot: link.origin_slot };
}

/**
 * By what an output of any node can be linked in the graph of another one: by itself, or by what brings it through the
 * boundary of a subgraph.
 * @param {any} beside a node of that graph
 * @param {{node: any, slot: number}} output
 * @returns {Source | null}
 */
export function sourceBeside({ graph }, output) {
  if (output.node.graph === graph) return output;
  /** @param {any} level @param {any} link */
  const isIt = (level, link) => {
    const found = followed(level, link);
    return typeof found !== 'string' && found.node === output.node && found.slot === output.slot;
  };
  for (const node of graph.nodes) {
    if (!node.subgraph || isSkipped(node)) continue;
    const slot = node.outputs.findIndex((/** @type {any} */ _, /** @type {number} */ index) => (
      isIt(node.subgraph, linkInside(node, index))));
    if (slot >= 0) return { node, slot };
  }
  const outer = enclosing({ graph });
  const edge = outer && graph.inputs.find((/** @type {any} */ { name }) => isIt(outer.graph, linkTo(outer, name)));
  return edge ? { edge } : null;
}

/** The subgraph node around a node; none at the top. @param {any} node @returns {any} */
export function enclosing({ graph }) {
  return graph && graph !== graph.rootGraph ? outerNode(graph.rootGraph, graph) : undefined;
}

/** The id of a node in a prompt: those of the subgraphs around it, and its own. @param {any} node @returns {string} */
export function executionId(node) {
  const outer = enclosing(node);
  return outer ? `${executionId(outer)}:${node.id}` : String(node.id);
}

/**
 * The node with an id of a prompt.
 * @param {any} one node of the same workflow
 * @param {string} id
 * @returns {any}
 */
export function nodeWithId({ graph }, id) {
  let found = { subgraph: graph?.rootGraph };
  for (const part of id.split(':')) found = found?.subgraph?.getNodeById(part);
  return found;
}

/**
 * The index of the input that takes a widget's place.
 * @param {any} node
 * @param {string} widget its name
 * @returns {number} -1 where there is none
 */
export const socketOf = (node, widget) => (
  node.inputs?.findIndex((/** @type {any} */ input) => input.widget?.name === widget) ?? -1);

/** Whether the input of that index is linked. @param {any} node @param {number} index */
export const isSocketLinked = (node, index) => node.inputs?.[index]?.link != null;

/**
 * The node that represents a subgraph in its parent graph.
 * @param {any} graph to search
 * @param {any} subgraph
 * @returns {any}
 */
function outerNode(graph, subgraph) {
  for (const node of graph?.nodes ?? []) {
    if (!node.subgraph) continue;
    const found = node.subgraph === subgraph ? node : outerNode(node.subgraph, subgraph);
    if (found) return found;
  }
  return undefined;
}

/**
 * The file of an input's picture, if known.
 * @param {any} node
 * @param {string} input
 * @param {Record<string, any>} outputs of the latest runs, by node
 * @param {unknown} outdated a picture of the node's own last run to ignore
 * @returns {{filename: string, subfolder?: string, type?: string, video?: boolean} | null} `video`: of which each
 *   frame is a picture
 */
export function pictureOf(node, input, outputs, outdated) {
  const from = origin(node, input);
  if (!from) return null;
  const film = filmOf(from.node);
  if (film) return film;
  // The widget first: after an undo, the outputs are still the old ones.
  const chosen = chosenFile(from.node, (spec) => spec?.[1]?.image_upload);
  if (chosen) return chosen;
  const made = outputs[locator(from.node)]?.images?.[0];
  if (made?.filename) return made;
  const own = outputs[locator(node)]?.dragnuwa_picture;
  if (own && own !== outdated) return VIDEO.test(own[0].filename) ? { ...own[0], video: true } : own[0];
  return chosenFile(from.node, (_, name) => name === 'image');
}

/**
 * The video that ComfyUI's Get Video Components takes apart, if it is a file.
 * @param {any} node
 * @returns {{filename: string, subfolder?: string, type?: string, video: true} | null}
 */
function filmOf(node) {
  const loader = node.type === 'GetVideoComponents' ? origin(node, 'video')?.node : null;
  const chosen = loader && chosenFile(loader, (spec) => spec?.[1]?.video_upload);
  return chosen ? { ...chosen, video: true } : null;
}

/**
 * The file loaded by a node such as LoadImage.
 * @param {any} node
 * @param {(spec: any, name: string) => boolean} names whether an input holds the file name
 */
function chosenFile(node, names) {
  const inputs = inputSpecs(node);
  const widget = widgetsOf(node).find((w) => names(inputs[w.name], w.name));
  if (typeof widget?.value !== 'string' || widget.value === '') return null;
  const [, path, type = 'input'] = /** @type {RegExpMatchArray} */ (widget.value.match(/^(.*?)(?: \[(\w+)\])?$/s));
  const cut = path.lastIndexOf('/');
  return { filename: path.slice(cut + 1), subfolder: cut < 0 ? '' : path.slice(0, cut), type };
}

/**
 * The number in a widget, or in the node connected in its place.
 * @param {any} node
 * @param {string} name
 * @returns {number | undefined}
 */
export function numberOf(node, name) {
  const from = node.graph ? origin(node, name) : null;
  const numbers = from ? widgetsOf(from.node).filter((widget) => typeof widget.value === 'number') : [];
  // With several numbers, it is unknown which one is the output.
  const connected = numbers.length === 1 ? numbers[0].value : undefined;
  const value = Number(connected ?? valueOf(node, name));
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/**
 * The first video that a node's drags lead to: its frames per second, null if none is found; and the number of its
 * frames per clip frame (`between`), if DragNUWA Restore Detail makes more.
 * @param {any} node
 * @returns {{rate: number | null, between: number}}
 */
export function videoRate(node) {
  let between = 1;
  for (const found of nodesAfter(node)) {
    if (/Conditioning/.test(found.type)) continue;
    const more = Number(widgetsOf(found).find(({ name }) => name === 'interpolate')?.value);
    if (String(found.comfyClass).startsWith(OURS) && more >= 1) between = more;
    const names = /Video/.test(found.type) ? ['frame_rate', 'fps'] : ['frame_rate'];
    const rate = Number(widgetsOf(found).find((widget) => names.includes(widget.name))?.value);
    if (rate > 0) return { rate, between };
  }
  return { rate: null, between };
}

/**
 * Frames per second of a node's clip, which are SVD's if no video is found, and `between` as above.
 * @param {any} node
 * @returns {{rate: number, between: number}}
 */
export function clipRate(node) {
  const { rate, between } = videoRate(node);
  return { rate: rate === null ? DEFAULT_RATE : rate / between, between };
}

/**
 * Shows the clip's numbers in the widgets of our nodes that are connected to this one's outputs. Such a widget has no
 * effect, but Nodes 2.0 keeps showing the number from before it was connected.
 * @param {any} node
 * @param {Record<string, unknown>} clip its numbers, by output name
 */
export function showConnected(node, clip) {
  for (const next of nextNodes(node)) {
    if (!String(next.comfyClass).startsWith(OURS)) continue;
    for (const { name, widget: ref } of next.inputs ?? []) {
      const widget = ref && widgetOf(next, ref.name);
      const from = widget && origin(next, name);
      const value = from?.node === node ? clip[node.outputs[from.slot].name] : undefined;
      if (typeof value === 'number' && widget.value !== value) widget.value = value;
    }
  }
}

const MAX_NODES = 4096;
const VIDEOS = /\.(mp4|webm|mov|mkv)$/i;
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
    for (const found of [...next, ...pairedWith(one)]) seen.add(found);
  }
  seen.delete(node);
  return [...seen];
}

/**
 * The nodes that an input's value comes from, the nearest first, on all levels.
 * @param {any} node
 * @param {string} input
 * @returns {any[]}
 */
export function nodesBefore(node, input) {
  const seen = new Set([origin(node, input)?.node].filter(Boolean));
  for (const one of seen) {
    if (seen.size > MAX_NODES) break;
    for (const { name } of one.inputs ?? []) {
      const from = origin(one, name);
      if (from) seen.add(from.node);
    }
  }
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
    const video = files.find(({ filename }) => VIDEOS.test(filename));
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
  return isLinked(node, ['masks']) ? outlines ?? [] : [];
}
