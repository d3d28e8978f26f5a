/** The segmentation models that ComfyUI has: SAM3, SAM2 and RMBG of other packs, and models that remove backgrounds. */

import { inPixels, isInside } from '../core/objects/interior.js';
import { comboOptions, inputDefaults, rootNodes, valueOf } from './page.js';
import { runInFront } from './queued_prompt.js';
import {
  ANSWER, mainSubject, mainSubjectByRmbg, sam2ByClicks, sam3ByClicks, sam3ByWords,
} from './segmentation_prompts.js';
import { address, deviceType } from './server.js';

/** @import {Ring, Size} from '../core/types.js' */
/** @import {Clip, Model, PickedThing, PickRequest, Segmenters, SubjectModel} from '../editor/host.js' */
/** @import {Prompt, Shown} from './segmentation_prompts.js' */
/** @import {ServerFile} from './server.js' */

const SAM3 = /sam[-_. ]?3/i;
const SAM2_LOADER = 'DownloadAndLoadSAM2Model';
const USUAL_SAM2 = /^sam2\.1.*base_plus/; // which its own examples load

/** @returns {Segmenters} by file name; null for what is not there */
export function segmenters() {
  const checkpoints = comboOptions('SAM3_Detect') && comboOptions('CheckpointLoaderSimple', 'ckpt_name');
  const sam3 = checkpoints?.filter((name) => SAM3.test(name)).sort().at(-1); // the newest version
  const [subject] = comboOptions('LoadBackgroundRemovalModel', 'bg_removal_name') ?? [];
  const loaded = comboOptions('Sam2Segmentation') && comboOptions(SAM2_LOADER, 'model');
  const usual = loaded?.find((name) => USUAL_SAM2.test(name)) ?? loaded?.at(-1);
  const sam2 = loaded && (inGraph(SAM2_LOADER, loaded) ?? usual);
  const cutting = comboOptions('RMBG', 'model');
  const rmbg = cutting && (inGraph('RMBG', cutting) ?? cutting[0]);
  return { sam3: sam3 ?? null, sam2: sam2 ?? null, rmbg: rmbg ?? null, subject: subject ?? null };
}

/** The model that a node of the open workflow has chosen. @param {string} type @param {string[]} models */
function inGraph(type, models) {
  const node = rootNodes().find((each) => each.type === type);
  const chosen = node && valueOf(node, 'model');
  return models.includes(chosen) ? String(chosen) : undefined;
}

/**
 * What a model finds under clicks or in a box.
 * @param {ServerFile} file
 * @param {Clip} clip
 * @param {PickRequest & {by: Model}} request
 * @param {AbortSignal} [signal]
 * @returns {Promise<PickedThing>} the outline is empty if it finds nothing
 */
export async function pickWithModel(file, clip, request, signal) {
  const shown = await shownIn(file, clip);
  const outline = request.by === 'rmbg' ? await subjectUnder(shown, request, signal)
    : (await found(await byClicks(shown, request), signal))[0] ?? [];
  return { outline, ground: false };
}

/** @param {Shown} shown @param {PickRequest & {by: Model}} request @returns {Promise<Prompt>} */
async function byClicks(shown, request) {
  const { sam3, sam2 } = segmenters();
  if (request.by === 'sam3') return sam3ByClicks(sam3 ?? '', shown, request);
  const { device } = inputDefaults(SAM2_LOADER);
  const devices = comboOptions(SAM2_LOADER, 'device') ?? [];
  const own = [await deviceType(), 'cpu'].find((type) => devices.includes(type)) ?? device;
  const precision = own === 'cpu' ? { precision: 'fp32' } : {}; // it takes no other there
  const loader = { ...inputDefaults(SAM2_LOADER), model: sam2 ?? '', device: own, ...precision };
  return sam2ByClicks(loader, shown, request);
}

/** The last main subject. @type {{about: string, outlines: Ring[][]} | null} */
let subject = null;

/**
 * RMBG takes no clicks: what it gives is an answer where all clicks say so, and is asked for once.
 * @param {Shown} shown
 * @param {PickRequest} request
 * @param {AbortSignal} [signal]
 * @returns {Promise<Ring[]>} empty where a click means something else
 */
async function subjectUnder(shown, { points, minus, box }, signal) {
  const prompt = byRmbg(shown);
  const about = JSON.stringify(prompt);
  if (subject?.about !== about) subject = { about, outlines: await found(prompt, signal) };
  const [outline = []] = subject.outlines;
  const rings = inPixels(outline, shown.clip);
  /** @param {{x: number, y: number}} place */
  const inside = ({ x, y }) => isInside(rings, { x: x * shown.clip.width, y: y * shown.clip.height });
  return !box && points.every(inside) && !minus.some(inside) ? outline : [];
}

/** @param {Shown} shown */
const byRmbg = (shown) => mainSubjectByRmbg({ ...inputDefaults('RMBG'), model: segmenters().rmbg ?? '' }, shown);

/**
 * @param {ServerFile} file
 * @param {Clip} clip
 * @param {string} words that SAM3 looks for
 * @param {AbortSignal} [signal]
 * @returns {Promise<Ring[][]>}
 */
export async function findThings(file, clip, words, signal) {
  return found(sam3ByWords(segmenters().sam3 ?? '', await shownIn(file, clip), words), signal);
}

/**
 * @param {ServerFile} file
 * @param {Clip} clip
 * @param {SubjectModel} by
 * @param {AbortSignal} [signal]
 * @returns {Promise<Ring[][]>}
 */
export async function findSubject(file, clip, by, signal) {
  const shown = await shownIn(file, clip);
  return found(by === 'rmbg' ? byRmbg(shown) : mainSubject(segmenters().subject ?? '', shown), signal);
}

/** @param {Prompt} prompt @param {AbortSignal} [signal] @returns {Promise<Ring[][]>} */
async function found(prompt, signal) {
  return (await runInFront(prompt, signal))[ANSWER]?.dragnuwa_outlines ?? [];
}

/** @param {ServerFile} file @param {Clip} clip @returns {Promise<Shown>} */
const shownIn = async (file, clip) => ({ file, picture: await sizeOf(file), clip });

/** The size of a picture, upright as LoadImage turns it. @param {ServerFile} file @returns {Promise<Size>} */
async function sizeOf(file) {
  const image = new Image();
  image.src = address(file);
  await image.decode();
  return { width: image.naturalWidth, height: image.naturalHeight };
}
