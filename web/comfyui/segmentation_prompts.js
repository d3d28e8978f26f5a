/**
 * Small prompts that ask a segmentation model of ComfyUI what to cut out. They know nodes of the host and of packs that
 * many people have, but not the page.
 */

import { fitRects } from '../core/sizes.js';

/** @import {Size, XY} from '../core/types.js' */
/** @import {Clip, PickRequest} from '../editor/host.js' */
/** @import {ServerFile} from './server.js' */

/**
 * A prompt in ComfyUI's API format.
 * @typedef {Record<string, {class_type: string, inputs: Record<string, any>}>} Prompt
 */

/** What is asked about. @typedef {{file: ServerFile, picture: Size, clip: Clip}} Shown */

/** The node whose output the page reads. Ids that no graph has, or the page would give the output to a node of it. */
export const ANSWER = 'dragnuwa_objects';
const [MODEL, PICTURE, WORDS, BOX, MASKS] = ['model', 'picture', 'words', 'box', 'masks'].map((id) => `dragnuwa_${id}`);

/**
 * SAM3, by clicks or a box.
 * @param {string} checkpoint
 * @param {Shown} shown
 * @param {PickRequest} request
 * @returns {Prompt}
 */
export function sam3ByClicks(checkpoint, shown, { points, minus, box }) {
  /** @param {readonly XY[]} places */
  const coordinates = (places) => JSON.stringify(places.map((place) => inPicture(shown, place)));
  /** @type {Prompt} */
  const boxed = {};
  /** @type {Record<string, any>} */
  const inputs = {};
  if (points.length > 0) inputs.positive_coords = coordinates(points);
  if (minus.length > 0) inputs.negative_coords = coordinates(minus);
  if (box) {
    const [one, other] = box.map((corner) => inPicture(shown, corner));
    const x = Math.min(one.x, other.x);
    const y = Math.min(one.y, other.y);
    const size = { width: Math.max(1, Math.abs(one.x - other.x)), height: Math.max(1, Math.abs(one.y - other.y)) };
    boxed[BOX] = { class_type: 'PrimitiveBoundingBox', inputs: { x, y, ...size } };
    inputs.bboxes = [BOX, 0];
  }
  return { ...boxed, ...sam3(checkpoint, shown, { ...inputs, individual_masks: false }) };
}

/**
 * SAM2, by clicks or a box: Sam2Segmentation of ComfyUI-segment-anything-2.
 * @param {Record<string, any>} loader the inputs of its DownloadAndLoadSAM2Model
 * @param {Shown} shown
 * @param {PickRequest} request
 * @returns {Prompt}
 */
export function sam2ByClicks(loader, shown, { points, minus, box }) {
  const corners = box?.map((corner) => inPicture(shown, corner));
  const belong = points.map((place) => inPicture(shown, place));
  // It takes no clicks that do not belong without one that does.
  if (minus.length > 0 && belong.length === 0 && corners) belong.push(between(corners[0], corners[1]));
  /** @type {Record<string, any>} */
  const inputs = {};
  if (belong.length > 0) inputs.coordinates_positive = JSON.stringify(belong);
  if (minus.length > 0) inputs.coordinates_negative = JSON.stringify(minus.map((place) => inPicture(shown, place)));
  if (corners) { // lists by picture, and in them by box; a list as it is would be a link
    const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
    inputs.bboxes = { __value__: [[[Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]]] };
  }
  const asked = { sam2_model: [MODEL, 0], image: [PICTURE, 0], keep_model_loaded: true, individual_objects: false };
  return {
    [MODEL]: { class_type: 'DownloadAndLoadSAM2Model', inputs: { ...loader, segmentor: 'single_image' } },
    [MASKS]: { class_type: 'Sam2Segmentation', inputs: { ...asked, ...inputs } },
    ...around(shown),
  };
}

/**
 * SAM3, by words: each thing that they name has a mask.
 * @param {string} checkpoint
 * @param {Shown} shown
 * @param {string} words
 * @returns {Prompt}
 */
export function sam3ByWords(checkpoint, shown, words) {
  return {
    [WORDS]: { class_type: 'CLIPTextEncode', inputs: { clip: [MODEL, 1], text: words } },
    ...sam3(checkpoint, shown, { conditioning: [WORDS, 0], individual_masks: true }),
  };
}

/**
 * A model that removes the background: what is left is the picture's main subject.
 * @param {string} model
 * @param {Shown} shown
 * @returns {Prompt}
 */
export function mainSubject(model, shown) {
  return {
    [MODEL]: { class_type: 'LoadBackgroundRemovalModel', inputs: { bg_removal_name: model } },
    [MASKS]: { class_type: 'RemoveBackground', inputs: { bg_removal_model: [MODEL, 0], image: [PICTURE, 0] } },
    ...around(shown),
  };
}

/**
 * The same by RMBG of ComfyUI-RMBG, whose second output is the mask.
 * @param {Record<string, any>} settings its inputs, but for the picture
 * @param {Shown} shown
 * @returns {Prompt}
 */
export function mainSubjectByRmbg(settings, shown) {
  const { [ANSWER]: answer, ...picture } = around(shown);
  return {
    [MASKS]: { class_type: 'RMBG', inputs: { ...settings, image: [PICTURE, 0] } },
    ...picture,
    [ANSWER]: { ...answer, inputs: { ...answer.inputs, masks: [MASKS, 1] } },
  };
}

/** @param {string} checkpoint @param {Shown} shown @param {Record<string, any>} asked @returns {Prompt} */
function sam3(checkpoint, shown, asked) {
  const inputs = { model: [MODEL, 0], image: [PICTURE, 0], threshold: 0.5, refine_iterations: 2, ...asked };
  return {
    [MODEL]: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: checkpoint } },
    [MASKS]: { class_type: 'SAM3_Detect', inputs },
    ...around(shown),
  };
}

/** The picture, and the node that traces the masks. @param {Shown} shown @returns {Prompt} */
function around({ file: { filename, subfolder = '', type = 'input' }, clip: { width, height, fit } }) {
  const image = `${subfolder ? `${subfolder}/` : ''}${filename} [${type}]`;
  const inputs = { masks: [MASKS, 0], image: [PICTURE, 0], width, height, fit };
  return {
    [PICTURE]: { class_type: 'LoadImage', inputs: { image } },
    [ANSWER]: { class_type: 'DragNUWAObjectsFromMasks', inputs },
  };
}

/** A place in fractions of the clip, in pixels of the picture. @param {Shown} shown @param {XY} place */
export function inPicture({ picture, clip }, { x, y }) {
  const { source, target } = fitRects(picture, clip, clip.fit);
  const across = (x * clip.width - target.x) / target.width;
  const down = (y * clip.height - target.y) / target.height;
  return {
    x: whole(source.x + across * source.width, picture.width),
    y: whole(source.y + down * source.height, picture.height),
  };
}

/** @param {XY} one @param {XY} other */
const between = (one, other) => ({ x: Math.round((one.x + other.x) / 2), y: Math.round((one.y + other.y) / 2) });

/** @param {number} place @param {number} side */
const whole = (place, side) => Math.min(Math.max(Math.round(place), 0), side - 1);
