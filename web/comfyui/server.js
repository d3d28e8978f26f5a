/** What the editor asks of ComfyUI's server. All of it rejects with a message for the person. */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { api } from '../../../scripts/api.js';

/** @import {CarriedThing, Ring, Size} from '../core/types.js' */
/** @import {Clip, PickRequest, PickedThing} from '../editor/host.js' */

/** A file of the server's. @typedef {{filename: string, subfolder?: string, type?: string}} ServerFile */

/** Where the page finds a file. @param {ServerFile} file */
export function address({ filename, subfolder = '', type = 'input' }) {
  const query = new URLSearchParams({ filename, subfolder, type });
  // LoadImage drops transparency and gives the colours under it: the same is asked for here.
  if (/\.png$/i.test(filename)) query.set('channel', 'rgb');
  return api.apiURL(`/view?${query}`);
}

/**
 * A text that the editor does not read, read by Python, which says what is wrong with it.
 * @param {string} text
 * @param {Size} size
 * @returns {Promise<string>} the trajectories as our text
 */
export async function parseText(text, { width, height }) {
  const response = await post('/dragnuwa/parse', { text, width, height });
  return JSON.stringify((await response.json()).trajectories);
}

/**
 * What lies under all of the points, and under none of `minus`; places are fractions of the clip.
 * @param {ServerFile} picture
 * @param {Clip} clip
 * @param {PickRequest} request
 * @param {AbortSignal} [signal]
 * @returns {Promise<PickedThing>}
 */
export async function pickObject(picture, clip, request, signal) {
  return (await post('/dragnuwa/pick', { ...asked(picture, clip), ...request }, signal)).json();
}

/**
 * What Carry takes as a whole with the drags of a drawing.
 * @param {ServerFile} picture
 * @param {Clip} clip
 * @param {string} text the drawing
 * @param {AbortSignal} signal
 * @returns {Promise<CarriedThing[]>}
 */
export async function carriedThings(picture, clip, text, signal) {
  const body = { ...asked(picture, clip), frames: clip.frames, text };
  return (await (await post('/dragnuwa/carried', body, signal)).json()).objects;
}

/**
 * The picture moved along the drags of a drawing: evenly spaced frames of a small video.
 * @param {ServerFile} picture
 * @param {Clip} clip
 * @param {string} text the drawing
 * @param {AbortSignal} signal
 * @returns {Promise<ImageBitmap[]>}
 */
export async function playedFrames(picture, clip, text, signal) {
  const body = { ...asked(picture, clip), frames: clip.frames, text };
  const answer = await (await post('/dragnuwa/play', body, signal)).arrayBuffer();
  const files = [];
  for (let at = 0; at < answer.byteLength;) { // each file after its length
    const length = new DataView(answer).getUint32(at);
    files.push(new Blob([new Uint8Array(answer, at + 4, length)], { type: 'image/jpeg' }));
    at += 4 + length;
  }
  return Promise.all(files.map((file) => createImageBitmap(file)));
}

/**
 * The picture without the things in the outlines, of the clip's size.
 * @param {ServerFile} picture
 * @param {Clip} clip
 * @param {readonly (readonly Ring[])[]} outlines
 * @returns {Promise<ImageBitmap>}
 */
export async function filledGround(picture, clip, outlines) {
  const response = await post('/dragnuwa/ground', { ...asked(picture, clip), outlines });
  return createImageBitmap(await response.blob());
}

/** Puts a file into the input folder. @param {File} file @returns {Promise<string>} its name there */
export async function uploadPicture(file) {
  const body = new FormData();
  body.append('image', file, file.name || 'picture.png');
  const response = await api.fetchApi('/upload/image', { method: 'POST', body });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  const { name, subfolder } = await response.json();
  return subfolder ? `${subfolder}/${name}` : name;
}

/** @param {ServerFile} picture @param {Clip} clip */
function asked({ filename, subfolder = '', type = 'input' }, { width, height, fit }) {
  return { picture: { filename, subfolder, type }, width, height, fit };
}

/** @param {string} route @param {object} body @param {AbortSignal} [signal] @returns {Promise<Response>} */
async function post(route, body, signal) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await api.fetchApi(route, { method: 'POST', headers, body: JSON.stringify(body), signal });
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new Error(answer.error ?? `${response.status} ${response.statusText}`);
}
