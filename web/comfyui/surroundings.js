/**
 * What the graph says of an editor's drags and clip: what a run makes of them, what does not match, and which nodes of
 * ours move or edit what it shows.
 */

import {
  enclosing, executionId, nodesAfter, numberOf, origin, outlinesOf, pictureGap, settingOf, settingPlace, videoRate,
} from './graph.js';
import {
  inputSpecs, isLinked, isSkipped, locator, nodeOutputs, outputName, skippedAs, valueOf, widgetOf, widgetsOf,
} from './page.js';

/** @import {Around} from '../editor/surroundings.js' */
/** @import {Enlarging} from '../core/sizes.js' */
/** @import {Unused, VideoMade} from '../editor/host.js' */
/** @import {Clip, ClipConflict, DepthCamera, FollowSettings, Motion, RunTask} from '../editor/host.js' */

const OUTPUT = 'trajectories';
/** Nodes of ours that move something even if no drag is drawn. */
const ADDS_MOTION = new Set(['DragNUWACameraMotion', 'DragNUWAMotionBrush', 'DragNUWAMergeTrajectories']);

/**
 * All of it.
 * @param {any} editor the node
 * @param {Clip} clip of the editor
 * @param {string} input of its picture
 * @returns {Omit<Around, 'overridden' | 'segmenters'>}
 */
export function surroundingsOf(editor, clip, input) {
  return {
    motion: motionAround(editor), unused: unusedBecause(editor), video: videoMade(editor, clip), tasks: tasksOf(editor),
    followedBy: followSettings(editor), depthCamera: depthCamera(editor), conflict: clipConflict(editor, clip),
    pictureGap: pictureGap(editor, input), outlines: outlinesOf(editor),
  };
}

/**
 * @param {any} editor the node
 * @returns {Motion}
 */
function motionAround(editor) {
  const after = nodesAfter(editor, OUTPUT).filter((node) => !isSkipped(node));
  const other = after.find(({ type }) => ADDS_MOTION.has(type));
  return { needed: after.length > 0 && !other, from: other?.title ?? null };
}

/**
 * @param {any} node
 * @returns {Unused | null} null where a run uses it
 */
function unusedBecause(node) {
  const itself = skippedAs(node);
  if (itself) return itself;
  for (let outer = enclosing(node); outer; outer = enclosing(outer)) if (isSkipped(outer)) return 'around';
  return null;
}

/**
 * @param {any} editor the node
 * @param {Clip} clip of the editor
 * @returns {VideoMade}
 */
function videoMade(editor, clip) {
  const { rate, between } = videoRate(editor);
  return { enlarging: enlargingAfter(editor), frames: (clip.frames - 1) * between + 1, rate };
}

/** Nodes whose output has the size of the video that is made. */
const MAKES_VIDEO = new Set(['DragNUWARestoreDetail', 'DragNUWAMovePicture', 'DragNUWAEditVideo']);
const CAMERA = 'DragNUWACameraInDepth'; // whose output has that size where it is asked for
const OF_CLIP = -1; // instead of the longer side: the video of a camera has the clip's size
const FILE = /\.\w{2,12}$/; // of a model, or another file that a node loads
const OF_MODEL = ['model', 'guider', 'vae', 'clip']; // inputs by which a node gets what it works with
const MOST_NODES = 32; // along the way from a model's file

/**
 * What runs again once the drawing has changed.
 * @param {any} editor the node
 * @returns {RunTask[]}
 */
function tasksOf(editor) {
  const runs = (/** @type {any} */ node) => !isSkipped(node) && !node.subgraph && !node.isVirtualNode;
  const after = nodesAfter(editor).filter(runs);
  const makers = after.filter((node) => MAKES_VIDEO.has(node.type) || cameraSide(node) !== null);
  const ofVideo = new Set(makers.flatMap((node) => [node, ...allAfter(node)]));
  return [editor, ...after].map((node) => {
    const steps = numberOf(node, 'steps') ?? numberOf(origin(node, 'sigmas')?.node ?? {}, 'steps') ?? 1;
    const isOfVideo = ofVideo.has(node);
    return { id: executionId(node), kind: [node.type, ...filesOf(node)].join(' '), steps, isOfVideo };
  });
}

/** The nodes downstream of one, also of the subgraphs that it is in. @param {any} node @returns {any[]} */
function allAfter(node) {
  const outer = enclosing(node);
  return outer ? [...nodesAfter(node), ...allAfter(outer)] : nodesAfter(node);
}

/**
 * The files that a node works with: those that it loads, and those of its model, since another model takes another
 * time.
 * @param {any} node
 * @returns {string[]}
 */
function filesOf(node) {
  const files = [];
  for (let [at, left] = [node, MOST_NODES]; at && left > 0; left -= 1) {
    const values = widgetsOf(at).map(({ name }) => settingOf(at, name));
    files.push(...values.filter((value) => typeof value === 'string' && FILE.test(value)));
    at = OF_MODEL.map((name) => origin(at, name)?.node).find(Boolean);
  }
  return files;
}

/**
 * The longer side of a camera's video; 0 for the picture's.
 * @param {any} node
 * @returns {number | null} null where the video has the clip's size, and of other nodes
 */
function cameraSide(node) {
  const side = node.type === CAMERA ? Number(settingOf(node, 'longer_side') ?? OF_CLIP) : OF_CLIP;
  return side > OF_CLIP ? side : null;
}

/** @param {any} editor @returns {Enlarging} */
function enlargingAfter(editor) {
  const used = nodesAfter(editor).filter((node) => !isSkipped(node));
  const restore = used.find(({ type }) => type === 'DragNUWARestoreDetail');
  if (restore) return { width: numberOf(restore, 'width') ?? 0, height: numberOf(restore, 'height') ?? 0 };
  const move = used.find(({ type }) => type === 'DragNUWAMovePicture');
  if (move) return { longerSide: numberOf(move, 'longer_side') ?? 0 };
  if (used.some(({ type }) => type === 'DragNUWAEditVideo')) return 'edited';
  const longerSide = used.map(cameraSide).find((side) => side !== null) ?? null;
  return longerSide === null ? null : { longerSide };
}

const BY_OTHERS = ['masks', 'sam3_tracks']; // inputs by which other nodes say where the things are

/**
 * @param {any} editor the node
 * @returns {FollowSettings | null} null where the things are not followed, or by other nodes
 */
function followSettings(editor) {
  const node = nodesAfter(editor, OUTPUT).find((one) => one.type === 'DragNUWAEditVideo' && !isSkipped(one));
  if (!node || BY_OTHERS.some((name) => origin(node, name))) return null;
  return { carries: valueOf(node, 'carries') ?? 'object', radius: Number(valueOf(node, 'radius')) || 24 };
}

const DEPTHS = ['geometry', 'depth']; // inputs by which other nodes say how far everything is
const MOVED_BY_OTHERS = ['load3d_camera']; // inputs whose camera is known in a run only
/** The inputs that the server plays a camera by. */
const PLAYED = Object.freeze([
  'pan', 'tilt', 'roll', 'truck', 'pedestal', 'dolly', 'orbit', 'rise', 'zoom', 'dolly_zoom', 'handheld', 'seed',
  'focus_x', 'focus_y', 'ease', 'start', 'end', 'farthest', 'view_angle', 'grow', 'path', 'matrices', 'path_scale',
  'camera_number',
]);

/** The camera in depth that the drags lead to. @param {any} editor the node */
const cameraAfter = (editor) => nodesAfter(editor, OUTPUT).find((one) => one.type === CAMERA && !isSkipped(one));

/**
 * Turns it: sets the widgets that a run takes for its inputs. Those that other nodes compute stay.
 * @param {any} editor the node
 * @param {Readonly<Record<string, unknown>>} inputs
 */
export function turnCamera(editor, inputs) {
  const node = cameraAfter(editor);
  for (const [name, value] of Object.entries(node ? inputs : {})) {
    const place = settingPlace(node, name);
    const widget = place && widgetOf(place.node, place.name);
    if (widget && widget.value !== value) widget.value = value; // its callback would round it to its step
  }
}

/**
 * @param {any} editor the node
 * @returns {DepthCamera | null} null where the drags lead to no such node
 */
function depthCamera(editor) {
  const node = cameraAfter(editor);
  if (!node) return null;
  const byHand = !isLinked(node, DEPTHS);
  const { dragnuwa_depth: files, dragnuwa_lens: lens } = nodeOutputs()[locator(node)] ?? {};
  const depth = !byHand && files?.[0] && lens ? { picture: place(files[0]), lens } : null;
  const settings = PLAYED.map((name) => [name, settingOf(node, name)]);
  const unknown = settings.some(([, value]) => value === undefined);
  if (unknown || isLinked(node, MOVED_BY_OTHERS) || (!byHand && !depth)) return { byHand, inputs: null };
  return { byHand, inputs: { ...Object.fromEntries(settings), ...(depth && { depth }) } };
}

/** @param {{filename: string, subfolder?: string, type?: string}} file */
const place = ({ filename, subfolder = '', type = 'temp' }) => ({ filename, subfolder, type });

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
function clipConflict(editor, clip) {
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
  if (!isLinked(node, [input])) return widgetOf(node, input) ? Number(valueOf(node, input)) : undefined;
  const from = origin(node, input);
  if (!from) return undefined;
  const output = outputName(from.node, from.slot);
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
  const said = inputSpecs(node)[input]?.[1] ?? {};
  const { min = 0, step = 1 } = input === 'length' ? FRAMES[node.type] ?? said : said;
  const below = min + Math.floor((value - min) / step) * step;
  return below === value ? null : [Math.max(min, below), Math.max(min, below + step)];
}
