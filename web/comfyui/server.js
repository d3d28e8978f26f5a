/** The editor's requests to ComfyUI's server. All reject with a message for the user. */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { api } from '../../../scripts/api.js';
import { readClipLayers } from '../core/composing/clip_layers.js';
import { readComposition } from '../core/composing/composition.js';
import { readDepthPicture } from '../core/depth/picture.js';
import { BusyError } from '../core/errors.js';

/** @import {ClipLayers} from '../core/composing/clip_layers.js' */
/** @import {DepthPicture} from '../core/depth/picture.js' */
/** @import {Composition} from '../core/composing/composition.js' */
/** @import {FrameMesh, Region, Size} from '../core/types.js' */
/** @import {Clip, FilmFrames, FilmRequest, FollowSettings, FrameRange, PickRequest} from '../editor/host.js' */
/** @import {PickedThing, VideoDrawing} from '../editor/host.js' */

/**
 * A file on the server; `video` if it is one.
 * @typedef {{filename: string, subfolder?: string, type?: string, video?: boolean}} ServerFile
 */

const BUSY = 503;

/** The URL of a file. @param {ServerFile} file */
export function address({ filename, subfolder = '', type = 'input' }) {
  const query = new URLSearchParams({ filename, subfolder, type });
  // LoadImage drops transparency and outputs the colours under it; this requests the same.
  if (/\.(png|webp)$/i.test(filename)) query.set('channel', 'rgb');
  return api.apiURL(`/view?${query}`);
}

/**
 * Parses what the editor cannot read, with Python, which explains what is wrong.
 * @param {string | Uint8Array} drags a text, or the bytes of a file
 * @param {Size} size
 * @returns {Promise<string>} the trajectories in our own format
 */
export async function parseDrags(drags, { width, height }) {
  const given = typeof drags === 'string' ? { text: drags } : { file: digits(drags) };
  const response = await post('/dragnuwa/parse', { ...given, width, height });
  return JSON.stringify((await response.json()).trajectories);
}

/** Bytes as two hexadecimal digits each, as the server takes a file. @param {Uint8Array} bytes */
const digits = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * Trajectories in another format, as bent as a run bends them.
 * @param {string} text trajectories
 * @param {Clip} clip
 * @param {string} format
 * @returns {Promise<string>}
 */
export async function writeText(text, { width, height, frames }, format) {
  return (await (await post('/dragnuwa/parse', { text, width, height, frames, format })).json()).text;
}

/**
 * The object under all of the points and none of `minus`, in fractions of the clip.
 * @param {ServerFile} picture
 * @param {Clip} clip
 * @param {PickRequest} request
 * @param {AbortSignal} [signal]
 * @param {number} [at] the part of a video at which the frame is
 * @returns {Promise<PickedThing>}
 */
export async function pickObject(picture, clip, request, signal, at = 0) {
  return (await post('/dragnuwa/pick', { ...asked(picture, clip, at), ...request }, signal)).json();
}

/**
 * Makes what `pickObject` needs.
 * @param {ServerFile} picture
 * @param {Clip} clip
 * @param {AbortSignal} signal
 * @param {{at?: number, things?: boolean}} [more] `at` as there; `things` also has it look for what is no ground,
 *   which takes some seconds, and which a composition waits for
 * @returns {Promise<boolean>} whether it has a network
 */
export async function preparePicture(picture, clip, signal, { at = 0, things = false } = {}) {
  const body = { ...asked(picture, clip, at), ...(things && { things }) };
  return (await (await post('/dragnuwa/prepare', body, signal)).json()).learned;
}

/**
 * What the drags of a drawing on a picture carry, or what is drawn on in a video, in each frame.
 * @param {ServerFile} file
 * @param {Clip} clip
 * @param {string} text the drawing
 * @param {FollowSettings | null} settings for a video
 * @param {AbortSignal} signal
 * @returns {Promise<Region[]>}
 */
export async function regionsOf(file, clip, text, settings, signal) {
  const body = { ...asked(file, clip), ...settings, frames: clip.frames, text };
  const { regions } = await (await post('/dragnuwa/regions', body, signal)).json();
  return regions.map((/** @type {any} */ region) => (region.mesh ? { ...region, mesh: meshOf(region.mesh) } : region));
}

/** A mesh out of the lists in JSON. @param {any} told @returns {FrameMesh} */
function meshOf({ rest: places, triangles, part, edges, weights, links, ...rest }) {
  const whole = (/** @type {number[]} */ list) => Int32Array.from(list);
  return {
    ...rest, rest: Float64Array.from(places), weights: Float64Array.from(weights), triangles: whole(triangles),
    part: whole(part), edges: whole(edges), links: whole(links),
  };
}

/**
 * What the drags of a drawing move, cut out of the picture.
 * @param {ServerFile} picture
 * @param {Clip} clip
 * @param {string} text the drawing
 * @param {number} longest pixels of its longer side at most
 * @param {AbortSignal} signal
 * @returns {Promise<Composition>}
 */
export async function compositionOf(picture, clip, text, longest, signal) {
  const body = { ...asked(picture, clip), frames: clip.frames, text, longest };
  return readComposition(await (await post('/dragnuwa/composition', body, signal)).arrayBuffer());
}

/**
 * What frames of a video consist of.
 * @param {ServerFile} film
 * @param {Clip} clip
 * @param {string} text the drawing
 * @param {FollowSettings} settings
 * @param {FrameRange} range
 * @param {AbortSignal} signal
 * @returns {Promise<ClipLayers>}
 */
export async function clipLayersOf(film, clip, text, settings, [first, last], signal) {
  const body = { ...asked(film, clip), ...settings, frames: clip.frames, text, first, last };
  return readClipLayers(await (await post('/dragnuwa/layers', body, signal)).arrayBuffer());
}

/**
 * The picture with depth that a camera moves through.
 * @param {ServerFile} picture
 * @param {Clip} clip
 * @param {string} text the drawing
 * @param {Record<string, unknown>} camera the inputs of the Camera in Depth
 * @param {AbortSignal} signal
 * @returns {Promise<DepthPicture>}
 */
export async function depthPictureOf(picture, clip, text, camera, signal) {
  const body = { ...asked(picture, clip), frames: clip.frames, text, camera };
  return readDepthPicture(await (await post('/dragnuwa/depth', body, signal)).arrayBuffer());
}

/**
 * What a camera sees that moves through the picture, as evenly spaced frames of a small video.
 * @param {ServerFile} picture
 * @param {Clip} clip
 * @param {string} text the drawing
 * @param {Record<string, unknown>} camera the inputs of the Camera in Depth
 * @param {AbortSignal} signal
 * @returns {Promise<ImageBitmap[]>}
 */
export async function playedFrames(picture, clip, text, camera, signal) {
  const body = { ...asked(picture, clip), frames: clip.frames, text, camera };
  const files = filesIn(await (await post('/dragnuwa/play', body, signal)).arrayBuffer(), 0);
  return Promise.all(files.map((file) => createImageBitmap(file)));
}

/** JPEG files, each preceded by its length. @param {ArrayBuffer} answer @param {number} start */
function filesIn(answer, start) {
  const files = [];
  for (let at = start; at < answer.byteLength;) {
    const length = new DataView(answer).getUint32(at);
    files.push(new Blob([new Uint8Array(answer, at + 4, length)], { type: 'image/jpeg' }));
    at += 4 + length;
  }
  return files;
}

/**
 * Frames of a video.
 * @param {ServerFile} film
 * @param {FilmRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<FilmFrames>}
 */
export async function filmFrames({ filename, subfolder = '', type = 'input' }, request, signal) {
  const body = { picture: { filename, subfolder, type }, ...request };
  const answer = await (await post('/dragnuwa/frames', body, signal)).arrayBuffer();
  const view = new DataView(answer);
  return { size: { width: view.getUint32(0), height: view.getUint32(4) }, files: filesIn(answer, 8) };
}

/** The number of frames of a video. @param {ServerFile} film @returns {Promise<number>} */
export async function framesOf({ filename, subfolder = '', type = 'input' }) {
  return (await (await post('/dragnuwa/video', { picture: { filename, subfolder, type } })).json()).frames;
}

/**
 * The drawing that a video was made from.
 * @param {string} name in the input folder, with its subfolder
 * @returns {Promise<VideoDrawing>}
 */
export async function drawingIn(name) {
  const cut = name.lastIndexOf('/');
  const picture = { filename: name.slice(cut + 1), subfolder: name.slice(0, Math.max(0, cut)), type: 'input' };
  const { trajectories, about } = await (await post('/dragnuwa/drawing', { picture })).json();
  return { text: JSON.stringify(trajectories), ...about };
}

/**
 * What the server's history has of a run: its number, id, nodes and extra data; and the outputs, by node.
 * @typedef {{prompt: [number, string, Record<string, {class_type: string, inputs: Record<string, unknown>}>, any],
 *   outputs: Record<string, any>, status?: any}} HistoryEntry
 */

/** @param {string} prompt its id @returns {Promise<HistoryEntry | undefined>} undefined until it has ended */
export async function historyOf(prompt) {
  return (await got(`/history/${encodeURIComponent(prompt)}`))[prompt];
}

/** The same of a prompt that has not ended. @typedef {HistoryEntry['prompt']} QueuedPrompt */

/** What runs now, and what waits. @returns {Promise<{queue_running: QueuedPrompt[], queue_pending: QueuedPrompt[]}>} */
export const queueNow = () => got('/queue');

/** The last runs that have ended. @param {number} most @returns {Promise<HistoryEntry[]>} */
export const lastRuns = async (most) => Object.values(await got(`/history?max_items=${most}`));

/** Takes a prompt out of the queue, if it still waits there. @param {string} prompt its id */
export const removeFromQueue = (prompt) => send('/queue', { delete: [prompt] });

/** The id under which this page queues. @returns {string | undefined} */
export const clientId = () => api.clientId;

/** What kind of device the server computes on, such as "cuda" or "cpu". @returns {Promise<string>} */
export async function deviceType() {
  const response = await api.fetchApi('/system_stats');
  return response.ok ? (await response.json()).devices?.[0]?.type ?? 'cpu' : 'cpu';
}

/** Uploads a file to the input folder. @param {File} file @returns {Promise<string>} its name there */
export async function uploadPicture(file) {
  const body = new FormData();
  body.append('image', file, file.name || 'picture.png');
  const { name, subfolder } = await got('/upload/image', { method: 'POST', body });
  return subfolder ? `${subfolder}/${name}` : name;
}

/** Whether the input folder has a file. @param {string} filename */
export async function isInInput(filename) {
  const query = new URLSearchParams({ filename, type: 'input' });
  return (await api.fetchApi(`/view?${query}`, { method: 'HEAD' })).ok;
}

/** @param {ServerFile} picture @param {Clip} clip @param {number} [at] */
function asked({ filename, subfolder = '', type = 'input', video = false }, { width, height, fit }, at = 0) {
  return { picture: { filename, subfolder, type, ...(video && { at }) }, width, height, fit };
}

/** @param {string} route @param {RequestInit} [options] @returns {Promise<any>} */
async function got(route, options) {
  const response = await api.fetchApi(route, options);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.json();
}

/**
 * The server's answer, also where it refuses.
 * @param {string} route
 * @param {object} body
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
export function send(route, body, signal) {
  const headers = { 'Content-Type': 'application/json' };
  return api.fetchApi(route, { method: 'POST', headers, body: JSON.stringify(body), signal });
}

/** @param {string} route @param {object} body @param {AbortSignal} [signal] @returns {Promise<Response>} */
async function post(route, body, signal) {
  const response = await send(route, body, signal);
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  const said = answer.error ?? `${response.status} ${response.statusText}`;
  throw response.status === BUSY ? new BusyError(said) : new Error(said);
}
