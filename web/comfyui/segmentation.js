/** The segmentation models that ComfyUI has: SAM3, and models that remove the background. */

import { comboOptions } from './page.js';
import { runInFront } from './queued_prompt.js';
import { ANSWER, mainSubject, sam3ByClicks, sam3ByWords } from './segmentation_prompts.js';
import { address } from './server.js';

/** @import {Ring, Size} from '../core/types.js' */
/** @import {Clip, PickedThing, PickRequest, Segmenters} from '../editor/host.js' */
/** @import {Prompt} from './segmentation_prompts.js' */
/** @import {ServerFile} from './server.js' */

const SAM3 = /sam[-_. ]?3/i;

/** @returns {Segmenters} by file name; null for what is not there */
export function segmenters() {
  const checkpoints = comboOptions('SAM3_Detect') && comboOptions('CheckpointLoaderSimple', 'ckpt_name');
  const sam3 = checkpoints?.filter((name) => SAM3.test(name)).sort().at(-1); // the newest version
  const [subject] = comboOptions('LoadBackgroundRemovalModel', 'bg_removal_name') ?? [];
  return { sam3: sam3 ?? null, subject: subject ?? null };
}

/**
 * What SAM3 finds under clicks or in a box.
 * @param {ServerFile} file
 * @param {Clip} clip
 * @param {PickRequest} request
 * @param {AbortSignal} [signal]
 * @returns {Promise<PickedThing>} the outline is empty if it finds nothing
 */
export async function pickWithSam3(file, clip, request, signal) {
  const { sam3 } = segmenters();
  const shown = { file, picture: await sizeOf(file), clip };
  const [outline = []] = await found(sam3ByClicks(sam3 ?? '', shown, request), signal);
  return { outline, ground: false };
}

/**
 * @param {ServerFile} file
 * @param {Clip} clip
 * @param {string | null} words that SAM3 looks for; null for the main subject
 * @param {AbortSignal} [signal]
 * @returns {Promise<Ring[][]>}
 */
export async function findThings(file, clip, words, signal) {
  const { sam3, subject } = segmenters();
  const shown = { file, picture: await sizeOf(file), clip };
  return found(words === null ? mainSubject(subject ?? '', shown) : sam3ByWords(sam3 ?? '', shown, words), signal);
}

/** @param {Prompt} prompt @param {AbortSignal} [signal] @returns {Promise<Ring[][]>} */
async function found(prompt, signal) {
  return (await runInFront(prompt, signal))[ANSWER]?.dragnuwa_outlines ?? [];
}

/** The size of a picture, upright as LoadImage turns it. @param {ServerFile} file @returns {Promise<Size>} */
async function sizeOf(file) {
  const image = new Image();
  image.src = address(file);
  await image.decode();
  return { width: image.naturalWidth, height: image.naturalHeight };
}
