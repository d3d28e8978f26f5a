/** Small prompts that ask a segmentation model of ComfyUI what to cut out. They know the host's nodes, not its page. */

import { fitRects } from '../core/picture_fit.js';

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

/** @param {number} place @param {number} side */
const whole = (place, side) => Math.min(Math.max(Math.round(place), 0), side - 1);
